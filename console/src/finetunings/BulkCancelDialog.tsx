import { type FormEvent, useEffect, useState } from 'react'
import { useMutation } from 'urql'

import {
  CancelFinetuningsDocument,
  type CancelFinetuningsMutation,
  type CancelFinetuningsMutationVariables,
  type FinetuningStateFragment,
} from '../gql/graphql'
import { useModal } from '../shared/modal'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { StatusBadge } from './StatusBadge'
import { OUTCOMES, PHASES } from './statuses'

export type Selection = Pick<CancelFinetuningsMutationVariables, 'finetuningIds' | 'filter'>
type Result = CancelFinetuningsMutation['cancelFinetunings']['results'][number]
type DialogProps = {
  selection: Selection
  find: (id: string) => FinetuningStateFragment | undefined
  onClose: () => void
}

// A dry run says first which would be cancelled; then those are, and no others.
export function BulkCancelDialog({ selection, find, onClose }: DialogProps) {
  const { dialog, harmless, close } = useModal()
  const [reason, setReason] = useState('')
  const [tried, tryOut] = useMutation(CancelFinetuningsDocument)
  const [done, cancel] = useMutation(CancelFinetuningsDocument)
  const shown = tried.data?.cancelFinetunings.results
  const planned = shown?.filter(isNext)
  const outcome = done.data?.cancelFinetunings.results

  useEffect(() => void tryOut({ ...selection, dryRun: true }), [tryOut, selection])

  async function confirm(submission: FormEvent) {
    submission.preventDefault()
    if (!planned) return void tryOut({ ...selection, dryRun: true })
    await cancel({
      finetuningIds: planned.map(({ finetuningId }) => finetuningId),
      dryRun: false,
      metadata: reason.trim() ? { reason: reason.trim() } : null,
    })
  }

  return (
    <dialog ref={dialog} className="wide" aria-labelledby="bulk-title" onClose={onClose}>
      <form onSubmit={confirm}>
        <h2 id="bulk-title" aria-live="polite">
          {titleOf(planned, outcome, Boolean(tried.error))}
        </h2>
        <Results results={outcome ?? shown ?? []} find={find} />
        {!outcome && (planned?.length ?? 0) > 0 && (
          <>
            <p>What has been trained so far is billed and lost. A cancel cannot be taken back.</p>
            <label>
              Reason <span className="hint">optional, kept with each</span>
              <input value={reason} maxLength={512} onChange={({ target }) => setReason(target.value)} />
            </label>
          </>
        )}
        <ProblemNotice problem={problemOf(done.error ?? tried.error)} />
        <div className="actions">
          <button type="button" ref={harmless} onClick={close}>
            {outcome || done.error || planned?.length === 0 ? 'Close' : 'Cancel none'}
          </button>
          {!outcome && planned?.length !== 0 && (
            <button type="submit" className="danger" disabled={tried.fetching || done.fetching || (!planned && !tried.error)}>
              {wordsOf(planned?.length, done.fetching)}
            </button>
          )}
        </div>
      </form>
    </dialog>
  )
}

const isNext = ({ outcome }: Result) => outcome === 'WOULD_CANCEL'
const isAccepted = ({ outcome }: Result) => outcome === 'CANCELLED' || outcome === 'REQUESTED'
const many = (count: number) => `${count} ${count === 1 ? 'finetuning' : 'finetunings'}`

function titleOf(planned: readonly Result[] | undefined, outcome: readonly Result[] | undefined, isUnknown: boolean) {
  if (outcome) return `${many(outcome.filter(isAccepted).length)} cancelled, or on the way to it`
  if (isUnknown) return 'It is not known which would be cancelled'
  if (!planned) return 'Asking which would be cancelled…'
  return planned.length > 0 ? `Cancel ${many(planned.length)}?` : 'There is nothing to cancel'
}

function wordsOf(planned: number | undefined, isUnderWay: boolean) {
  if (isUnderWay) return 'Recording the cancels…'
  return planned == null ? 'Ask again' : `Cancel ${many(planned)}`
}

// Each as it is now: what happens after the answer shows as well.
function Results({ results, find }: { results: readonly Result[]; find: DialogProps['find'] }) {
  return (
    <ul className="outcomes" aria-label="Outcomes" tabIndex={0}>
      {results.map(({ finetuningId, finetuning, outcome }) => {
        const now = newer(find(finetuningId), finetuning)
        const phase = outcome === 'REQUESTED' && now?.cancellation?.phase
        return (
          <li key={finetuningId}>
            <span className="row-title">{now?.alias ?? finetuningId}</span>
            {now && <StatusBadge finetuning={now} />}
            <span className="hint">{phase ? PHASES[phase].title : OUTCOMES[outcome]}</span>
          </li>
        )
      })}
    </ul>
  )
}

function newer(known: FinetuningStateFragment | undefined, told: FinetuningStateFragment | null | undefined) {
  return known && (!told || known.version > told.version) ? known : told
}
