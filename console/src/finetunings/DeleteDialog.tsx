import type { FormEvent } from 'react'
import { useMutation } from 'urql'

import { DeleteFinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { useModal } from '../shared/modal'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

type DialogProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
  onDeleted: () => void
  onClose: () => void
}

// A live finetuning is cancelled first, and stays in sight until that is settled.
export function DeleteDialog({ finetuning, onAnswer, onDeleted, onClose }: DialogProps) {
  const { dialog, harmless, close } = useModal()
  const [{ fetching, data, error }, remove] = useMutation(DeleteFinetuningDocument)
  const isPending = data?.deleteFinetuning.phase === 'REQUESTED'

  async function confirm(submission: FormEvent) {
    submission.preventDefault()
    const answer = await remove({ finetuningId: finetuning.id })
    if (!answer.data) return
    const { phase, finetuning: changed } = answer.data.deleteFinetuning
    if (changed) onAnswer(changed)
    if (phase === 'DELETED') onDeleted()
  }

  return (
    <dialog ref={dialog} aria-labelledby="delete-title" onClose={onClose}>
      <form onSubmit={confirm}>
        <h2 id="delete-title">Delete “{finetuning.alias}”?</h2>
        <p>
          {finetuning.isCancellable ? 'It is cancelled first, and then removed with' : 'It is removed with'} its
          history. A trained model stays at the provider.
        </p>
        {isPending && <p role="status">Asked for; it is removed as soon as its cancel is settled.</p>}
        <ProblemNotice problem={problemOf(error)} />
        <div className="actions">
          <button type="button" ref={harmless} onClick={close}>
            {isPending ? 'Close' : 'Keep it'}
          </button>
          {!isPending && (
            <button type="submit" className="danger" disabled={fetching}>
              {fetching ? 'Deleting…' : 'Delete finetuning'}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}
