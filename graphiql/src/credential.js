// The credential of this tab: in the tab's own storage, and so neither in another tab nor in the next visit.

const KEY = 'finetuning-graphql-api:credential'

// What the page shows of it; replaced at every change, as React wants it.
let state = { isKept: sessionStorage.getItem(KEY) !== null, refusal: '' }
const watchers = new Set()

function change(changes) {
  state = { ...state, ...changes }
  watchers.forEach((watcher) => watcher())
}

export const current = () => state

export function watch(watcher) {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export function use(credential) {
  sessionStorage.setItem(KEY, credential)
  change({ isKept: true, refusal: '' })
}

export function forget() {
  sessionStorage.removeItem(KEY)
  change({ isKept: false, refusal: '' })
}

// The header of every request, and of every socket's introduction.
export function authorization() {
  const credential = sessionStorage.getItem(KEY)
  return credential === null ? {} : { Authorization: `Bearer ${credential}` }
}

export function refused() {
  const refusal = state.isKept
    ? 'The server refused the credential: it is wrong, has ended or was revoked. Enter another one.'
    : 'The server wants a credential: an API key or a token.'
  if (refusal !== state.refusal) change({ refusal })
}

export function accepted() {
  if (state.refusal) change({ refusal: '' })
}

// Resolves with the next credential.
export const another = () =>
  new Promise((resolve) => {
    const stop = watch(() => {
      if (state.refusal) return
      stop()
      resolve()
    })
  })
