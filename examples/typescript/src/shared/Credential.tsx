import type { FormEvent } from 'react'

import { keepCredential, readCredential } from './credential'

// A field for the credential. Everything is loaded anew with another one: nothing of the old one's stays.
export function Credential() {
  function submit(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    keepCredential(String(new FormData(submission.currentTarget).get('credential')).trim())
    location.reload()
  }

  return (
    <form className="credential" onSubmit={submit}>
      <label>
        API key or token
        <input
          name="credential"
          type="password"
          autoComplete="off"
          spellCheck={false}
          defaultValue={readCredential()}
        />
      </label>
      <button type="submit">Use</button>
    </form>
  )
}
