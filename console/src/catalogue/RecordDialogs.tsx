import type { FormEvent, ReactNode } from 'react'
import { type CombinedError, useMutation } from 'urql'

import { DeleteGoldenRecordDocument, type GoldenRecordViewFragment, UpdateGoldenRecordDocument } from '../gql/graphql'
import { useModal } from '../shared/modal'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { RecordFields, recordIn } from './RecordFields'

type RecordProps = { record: GoldenRecordViewFragment; onDone: () => void; onClose: () => void }
type DialogProps = {
  title: string
  words: string
  tone: 'primary' | 'danger'
  /** What is done when it is confirmed. */
  change: (form: HTMLFormElement) => Promise<{ error?: CombinedError }>
  state: { fetching: boolean; error?: CombinedError }
  onDone: () => void
  onClose: () => void
  children: ReactNode
}

export function EditDialog({ record, ...dialog }: RecordProps) {
  const [state, update] = useMutation(UpdateGoldenRecordDocument)
  const change = (form: HTMLFormElement) => update({ id: record.id, input: recordIn(form) })
  return (
    <RecordDialog {...dialog} title="Edit a golden record" words="Save" tone="primary" change={change} state={state}>
      <RecordFields record={record} />
      <p className="hint">A training with an uploaded file keeps the old one.</p>
    </RecordDialog>
  )
}

export function RemoveDialog({ record, ...dialog }: RecordProps) {
  const [state, remove] = useMutation(DeleteGoldenRecordDocument)
  const change = () => remove({ id: record.id })
  return (
    <RecordDialog
      {...dialog}
      title="Remove this golden record?"
      words="Remove golden record"
      tone="danger"
      change={change}
      state={state}
    >
      <p>“{record.promptText}”</p>
      <p className="hint">A training with an uploaded file keeps it.</p>
    </RecordDialog>
  )
}

function RecordDialog({ title, words, tone, change, state, onDone, onClose, children }: DialogProps) {
  const { dialog, harmless, close } = useModal()

  async function confirm(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    const { error } = await change(submission.currentTarget)
    if (error) return
    onDone()
    close()
  }

  return (
    <dialog ref={dialog} aria-labelledby="record-title" onClose={onClose}>
      <form onSubmit={confirm}>
        <h2 id="record-title">{title}</h2>
        {children}
        <ProblemNotice problem={problemOf(state.error)} />
        <div className="actions">
          <button type="button" ref={harmless} onClick={close}>
            Change nothing
          </button>
          <button type="submit" className={tone} disabled={state.fetching}>
            {words}
          </button>
        </div>
      </form>
    </dialog>
  )
}
