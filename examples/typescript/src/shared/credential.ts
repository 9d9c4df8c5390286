// The credential, if the server asks for one: kept for this tab only, and gone with it.

const KEY = 'credential'

export const readCredential = () => sessionStorage.getItem(KEY) ?? ''

export function keepCredential(credential: string) {
  if (credential) sessionStorage.setItem(KEY, credential)
  else sessionStorage.removeItem(KEY)
}

// Both transports say it in the same words: as a header, and as the payload of connection_init.
export function shownCredential(): Record<string, string> {
  const credential = readCredential()
  return credential ? { Authorization: `Bearer ${credential}` } : {}
}
