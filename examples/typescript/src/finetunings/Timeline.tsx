import { useSubscription } from 'urql'

import {
  type EventViewFragment,
  FinetuningEventsDocument,
  type FinetuningEventsSubscription,
} from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { clock } from '../shared/times'
import { KINDS, STATUSES } from './statuses'

type Delivery = FinetuningEventsSubscription['finetuningEvents']

const append = (told: Delivery[] = [], { finetuningEvents }: FinetuningEventsSubscription) => [
  ...told,
  finetuningEvents,
]

const titleOf = ({ kind, status }: EventViewFragment) =>
  kind === 'STATUS_CHANGED' && status ? STATUSES[status].words : KINDS[kind]

function detailOf({ actor, message, metrics }: EventViewFragment) {
  const progress =
    metrics && `step ${metrics.step} of ${metrics.totalSteps}, loss ${metrics.trainLoss?.toFixed(3)}`
  return [message, progress, actor && `by ${actor}`].filter(Boolean).join(' · ')
}

// The history from its beginning and all new events, the latest on top.
export function Timeline({ finetuningId }: { finetuningId: string }) {
  const [{ data = [], error }] = useSubscription(
    { query: FinetuningEventsDocument, variables: { finetuningId } },
    append,
  )
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">Timeline</h3>
      <ProblemNotice problem={problemOf(error)} />
      <ol className="timeline" aria-live="polite">
        {data.toReversed().map(({ cursor, event }) => (
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
