// The field for the credential: there as soon as the server wants one, and as long as the tab keeps one.

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react'
import { useState, useSyncExternalStore } from 'react'
import { createPortal } from 'react-dom'

import { current, forget, use, watch } from './credential.js'

const KEPT = 'Kept for this tab alone.'

export function CredentialBar() {
  const { isKept, refusal } = useSyncExternalStore(watch, current)
  const { introspect } = useGraphiQLActions()
  const responseEditor = useGraphiQL((state) => state.responseEditor)
  const [typed, setTyped] = useState('')

  function submit(event) {
    event.preventDefault()
    if (!typed.trim()) return
    use(typed.trim())
    setTyped('')
    if (responseEditor?.getValue().includes('"UNAUTHENTICATED"')) responseEditor.setValue('')
    introspect()
  }

  const isShown = isKept || refusal !== ''
  // The input has no name, so that no browser ever sends it as a form's field or puts it into a URL.
  return createPortal(
    <form className="credential" aria-label="Credential" hidden={!isShown} onSubmit={submit}>
      <label htmlFor="credential-input">Credential</label>
      <input
        id="credential-input"
        type="password"
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        aria-describedby="credential-note"
        aria-invalid={refusal !== ''}
      />
      <button type="submit">Use</button>
      {isKept && (
        <button type="button" onClick={forget}>
          Forget
        </button>
      )}
      <span id="credential-note" role="status">
        {refusal || (isKept ? KEPT : '')}
      </span>
    </form>,
    document.getElementById('credential'),
  )
}
