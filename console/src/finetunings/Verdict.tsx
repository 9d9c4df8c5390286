import type { FinetuningViewFragment } from '../gql/graphql'
import { Notice } from '../shared/Notice'
import { clock } from '../shared/times'
import { PHASES } from './statuses'

// How far the cancel has come, and no more than is known.
export function Verdict({ finetuning }: { finetuning: FinetuningViewFragment }) {
  const { cancellation } = finetuning
  if (!cancellation) return null
  const { phase, requestedAt, confirmedAt, attempts, lastError } = cancellation
  const { title, words, tone } = PHASES[phase]
  return (
    <Notice tone={tone} title={title}>
      {words}
      <small>
        Asked for at {clock(requestedAt)}
        {confirmedAt && `, confirmed at ${clock(confirmedAt)}`}
        {attempts > 0 && `, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`}
        {lastError && `. Last error: ${lastError}`}
      </small>
    </Notice>
  )
}
