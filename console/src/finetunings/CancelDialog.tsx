import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useMutation } from 'urql'

import { CancelFinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

type DialogProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
  onClose: () => void
}

// A native modal dialog: it keeps the focus inside, closes with Escape and gives the focus back.
export function CancelDialog({ finetuning, onAnswer, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const harmless = useRef<HTMLButtonElement>(null)
  const [reason, setReason] = useState('')
  const [{ fetching, error }, cancel] = useMutation(CancelFinetuningDocument)

  useEffect(() => {
    dialog.current?.showModal()
    harmless.current?.focus()
  }, [])

  async function confirm(submission: FormEvent) {
    submission.preventDefault()
    const metadata = reason.trim() ? { reason: reason.trim() } : null
    const { data } = await cancel({ finetuningId: finetuning.id, metadata })
    if (!data) return
    onAnswer(data.cancelFinetuning)
    dialog.current?.close()
  }

  return (
    <dialog ref={dialog} aria-labelledby="cancel-title" onClose={onClose}>
      <form onSubmit={confirm}>
        <h2 id="cancel-title">Cancel “{finetuning.alias}”?</h2>
        <p>What has been trained so far is billed and lost. A cancel cannot be taken back.</p>
        <label>
          Reason <span className="hint">optional, kept with it</span>
          <input value={reason} maxLength={512} onChange={({ target }) => setReason(target.value)} />
        </label>
        <ProblemNotice problem={problemOf(error)} />
        <div className="actions">
          <button type="button" ref={harmless} onClick={() => dialog.current?.close()}>
            {error ? 'Close' : 'Keep training'}
          </button>
          <button type="submit" className="danger" disabled={fetching}>
            {fetching ? 'Asking the provider…' : 'Cancel finetuning'}
          </button>
        </div>
      </form>
    </dialog>
  )
}
