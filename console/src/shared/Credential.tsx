import { type FormEvent, useState, useSyncExternalStore } from 'react'

import { keepCredential, readCredential, watchCredential } from './credential'

// The field for the credential: there as soon as the server wants one, and as long as the tab keeps one.
export function Credential() {
  const { isKept, refusal } = useSyncExternalStore(watchCredential, readCredential)
  const [typed, setTyped] = useState('')
  if (!isKept && !refusal) return null

  function submit(submission: FormEvent) {
    submission.preventDefault()
    if (typed.trim()) keepCredential(typed.trim())
  }

  // The input has no name, so that no browser ever sends it as a form's field or puts it into a URL.
  return (
    <form className="credential" aria-label="Credential" onSubmit={submit}>
      <label>
        API key or token
        <input
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          aria-describedby="credential-note"
          aria-invalid={refusal !== ''}
        />
      </label>
      <button type="submit">Use</button>
      {isKept && (
        <button type="button" onClick={() => keepCredential('')}>
          Forget
        </button>
      )}
      <span id="credential-note" role="status">
        {refusal || 'Kept for this tab alone.'}
      </span>
    </form>
  )
}
