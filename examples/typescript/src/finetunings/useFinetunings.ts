import { useEffect, useReducer, useSyncExternalStore } from 'react'
import { useQuery, useSubscription } from 'urql'

import {
  FinetuningsDocument,
  FinetuningUpdatedDocument,
  type FinetuningUpdatedSubscription,
  type FinetuningViewFragment,
} from '../gql/graphql'
import { problemOf } from '../shared/problems'
import { readLiveness, watchLiveness } from '../shared/sockets'

type ById = Record<string, FinetuningViewFragment>

const SHOWN = 50

// Of all sources, in every order of arrival: the latest change is the truth.
function merge(known: ById, told: FinetuningViewFragment): ById {
  const before = known[told.id]
  return before && before.version > told.version ? known : { ...known, [told.id]: told }
}

const collect = (known: ById = {}, { finetuningUpdated }: FinetuningUpdatedSubscription) =>
  merge(known, finetuningUpdated)

// By code points: a time without a fraction of a second precedes those with one; ids break ties.
const placeOf = ({ createdAt, id }: FinetuningViewFragment) => `${createdAt} ${id}`

const newestFirst = (one: FinetuningViewFragment, other: FinetuningViewFragment) =>
  placeOf(one) < placeOf(other) ? 1 : -1

// The newest finetunings, kept up to date; `remember` takes a mutation's answer.
export function useFinetunings() {
  const liveness = useSyncExternalStore(watchLiveness, readLiveness)
  const [listed, list] = useQuery({ query: FinetuningsDocument, variables: { first: SHOWN }, pause: true })
  const [told] = useSubscription({ query: FinetuningUpdatedDocument }, collect)
  const [answered, remember] = useReducer(merge, {})

  // Only changes are sent, so the page asks for those during a break.
  useEffect(() => {
    if (liveness !== 'lost') list()
  }, [liveness, list])

  const known = [...Object.values(told.data ?? {}), ...Object.values(answered)].reduce(
    merge,
    Object.fromEntries((listed.data?.finetunings.nodes ?? []).map((one) => [one.id, one])),
  )
  return {
    finetunings: Object.values(known).sort(newestFirst),
    isLoading: !listed.data && !listed.error,
    problem: problemOf(listed.error ?? told.error),
    liveness,
    remember,
  }
}
