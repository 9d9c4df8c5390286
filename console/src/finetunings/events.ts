// The history of one finetuning from its beginning, and all new events.

import { useSubscription } from 'urql'

import { FinetuningEventsDocument, type FinetuningEventsSubscription } from '../gql/graphql'
import { problemOf } from '../shared/problems'

export type Delivery = FinetuningEventsSubscription['finetuningEvents']

const NONE: Delivery[] = []

const append = (told: Delivery[] = [], { finetuningEvents }: FinetuningEventsSubscription) => [
  ...told,
  finetuningEvents,
]

export function useEvents(finetuningId: string) {
  const [{ data, error }] = useSubscription(
    { query: FinetuningEventsDocument, variables: { finetuningId } },
    append,
  )
  return { events: data ?? NONE, problem: problemOf(error) }
}
