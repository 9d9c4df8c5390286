import type { FinetuningViewFragment } from '../gql/graphql'
import { clock } from '../shared/times'
import type { Delivery } from './events'

// How far a running training is, and when the provider expects its end.
export function Progress({ finetuning, events }: { finetuning: FinetuningViewFragment; events: Delivery[] }) {
  if (finetuning.status !== 'RUNNING') return null
  const metrics = events.findLast(({ event }) => event.metrics)?.event.metrics
  if (metrics?.step == null || !metrics.totalSteps) return null
  const { estimatedFinishAt } = finetuning
  return (
    <div className="progress">
      <progress aria-label="Steps" value={metrics.step} max={metrics.totalSteps} />
      <span className="hint">
        step {metrics.step} of {metrics.totalSteps}
        {estimatedFinishAt && `, done at about ${clock(estimatedFinishAt)}`}
      </span>
    </div>
  )
}
