import { type FormEvent, useState } from 'react'
import { useMutation } from 'urql'

import { CancelFinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { useModal } from '../shared/modal'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

type DialogProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
  onClose: () => void
}

export function CancelDialog({ finetuning, onAnswer, onClose }: DialogProps) {
  const { dialog, harmless, close } = useModal()
  const [reason, setReason] = useState('')
  const [{ fetching, error }, cancel] = useMutation(CancelFinetuningDocument)

  async function confirm(submission: FormEvent) {
    submission.preventDefault()
    const metadata = reason.trim() ? { reason: reason.trim() } : null
    const { data } = await cancel({ finetuningId: finetuning.id, metadata })
    if (!data) return
    onAnswer(data.cancelFinetuning)
    close()
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
          <button type="button" ref={harmless} onClick={close}>
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
