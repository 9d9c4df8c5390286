import type { EventViewFragment } from '../gql/graphql'
import { clock } from '../shared/times'
import type { Delivery } from './events'
import { KINDS, STATUSES } from './statuses'

const titleOf = ({ kind, status }: EventViewFragment) =>
  kind === 'STATUS_CHANGED' && status ? STATUSES[status].words : KINDS[kind]

function detailOf({ actor, message, metrics }: EventViewFragment) {
  const loss = metrics?.trainLoss == null ? '' : `, loss ${metrics.trainLoss.toFixed(3)}`
  const progress = metrics && `step ${metrics.step} of ${metrics.totalSteps ?? 'an unknown number'}${loss}`
  return [message, progress, actor && `by ${actor}`].filter(Boolean).join(' · ')
}

// The latest on top.
export function Timeline({ events }: { events: Delivery[] }) {
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">Timeline</h3>
      <ol className="timeline" aria-live="polite">
        {events.toReversed().map(({ cursor, event }) => (
          <li key={cursor}>
            <time dateTime={event.at}>{clock(event.at)}</time>
            <span>{titleOf(event)}</span>
            <span className="hint">{detailOf(event)}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
