// The credential of this tab: in the tab's own storage, and so neither in another tab nor in the next visit.

const KEY = 'finetuning-graphql-api:credential'

// What the page shows of it; replaced at every change, as React wants it.
let state = { isKept: sessionStorage.getItem(KEY) !== null, refusal: '' }
const watchers = new Set<() => void>()

function become(refusal: string) {
  if (refusal === state.refusal) return
  state = { ...state, refusal }
  watchers.forEach((tell) => tell())
}

export const readCredential = () => state

export function watchCredential(tell: () => void) {
  watchers.add(tell)
  return () => watchers.delete(tell)
}

// Everything is loaded anew with another credential: nothing of the old one's stays.
export function keepCredential(credential: string) {
  if (credential) sessionStorage.setItem(KEY, credential)
  else sessionStorage.removeItem(KEY)
  location.reload()
}

// Both transports say it in the same words: as a header, and as the payload of connection_init.
export function shownCredential(): Record<string, string> {
  const credential = sessionStorage.getItem(KEY)
  return credential ? { Authorization: `Bearer ${credential}` } : {}
}

export const isRefused = () => state.refusal !== ''

export function refused() {
  become(
    state.isKept
      ? 'The server refused the credential: it is wrong, has ended or was revoked. Enter another one.'
      : 'The server wants a credential: an API key or a token.',
  )
}

export const accepted = () => become('')
