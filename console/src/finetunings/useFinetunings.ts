import { useCallback, useEffect, useReducer, useRef } from 'react'
import { useSubscription } from 'urql'

import {
  FinetuningsDocument,
  type FinetuningsQuery,
  FinetuningUpdatedDocument,
  type FinetuningUpdatedSubscription,
  type FinetuningViewFragment,
} from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { problemOf } from '../shared/problems'
import { useView } from './view'

type ById = Record<string, FinetuningViewFragment>

const TOGETHER_MS = 1_000

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

// A change of an older one does not bring it onto this page.
function isOn(page: FinetuningsQuery['finetunings'] | undefined) {
  const last = page?.nodes.at(-1)
  return (one: FinetuningViewFragment) => !page?.pageInfo.hasNextPage || !last || placeOf(one) >= placeOf(last)
}

// Calls after a change, once for many at the same time.
function useSoon<Change>(call: () => void, change: Change) {
  const coming = useRef<ReturnType<typeof setTimeout>>(undefined)
  const latest = useRef(call)
  useEffect(() => {
    latest.current = call
  }, [call])
  useEffect(() => {
    if (!change) return
    coming.current ??= setTimeout(() => {
      coming.current = undefined
      latest.current()
    }, TOGETHER_MS)
  }, [change])
}

// One page of finetunings, kept up to date; `remember` takes a mutation's answer.
export function useFinetunings() {
  const { isNewest, variables } = useView()
  const [listed, list] = useHealing({ query: FinetuningsDocument, variables })
  const [told] = useSubscription({ query: FinetuningUpdatedDocument }, collect)
  const [answered, remember] = useReducer(merge, {})
  const [gone, forget] = useReducer((ids: string[], id: string) => [...ids, id], [])

  const page = listed.data?.finetunings
  const nodes = page?.nodes ?? []
  const changes = [...Object.values(told.data ?? {}), ...Object.values(answered)]
  const known = changes.reduce(merge, Object.fromEntries(nodes.map((one) => [one.id, one])))
  const shown = isNewest
    ? Object.values(known).filter(isOn(page)).sort(newestFirst)
    : nodes.map((one) => known[one.id] ?? one)
  const isThere = ({ id }: FinetuningViewFragment) => !gone.includes(id)
  // Only the server knows whether a change belongs to a page with a filter, and how many there are with a new one.
  useSoon(list, isNewest ? page && shown.length - nodes.length : told.data)

  return {
    finetunings: shown.filter(isThere),
    page,
    problem: problemOf(listed.error ?? told.error),
    remember,
    forget,
    find: useCallback((id: string) => known[id], [known]),
  }
}
