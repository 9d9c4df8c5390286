// The part of the list that is shown, in the page's address: it can be shared and loaded again.

import type { FinetuningOrder, FinetuningStatus } from '../gql/graphql'
import { useSearch } from '../shared/search'
import { STATUSES } from './statuses'

const SHOWN = 50
const PARTS = ['status', 'connection', 'text', 'from', 'before_day', 'order'] as const
const OWN = new Set<string>([...PARTS, 'after', 'before'])
export type Part = (typeof PARTS)[number]

// By their words in the address; without one the newest come first.
export const ORDERS: Record<string, { words: string; orderBy: FinetuningOrder }> = {
  oldest: { words: 'The oldest first', orderBy: { field: 'CREATED_AT', direction: 'ASC' } },
  ended: { words: 'The last to end first', orderBy: { field: 'FINISHED_AT', direction: 'DESC' } },
  'ended-first': { words: 'The first to end first', orderBy: { field: 'FINISHED_AT', direction: 'ASC' } },
}

const isStatus = (word: string): word is FinetuningStatus => Object.hasOwn(STATUSES, word)

// The start of a day of the address, in the time of the browser; what is no day narrows nothing.
function startOf(day: string | null) {
  const start = new Date(`${day}T00:00:00`)
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString()
}

function filterOf(search: URLSearchParams) {
  const status = search.getAll('status').filter(isStatus)
  const [from, before] = [startOf(search.get('from')), startOf(search.get('before_day'))]
  return {
    ...(status.length && { status }),
    ...(search.get('text') && { alias: search.get('text') }),
    ...(search.get('connection') && { dbConnectionId: search.get('connection') }),
    ...(from && { createdFrom: from }),
    ...(before && { createdBefore: before }),
  }
}

// What of the address belongs to the list; the rest is of what stands beside it.
function queryOf(search: URLSearchParams) {
  const own = new URLSearchParams([...search].filter(([name]) => OWN.has(name)))
  return own.size ? `?${own}` : ''
}

function pageOf(search: URLSearchParams) {
  const before = search.get('before')
  return before ? { last: SHOWN, before } : { first: SHOWN, after: search.get('after') }
}

export function useView() {
  const [search, change] = useSearch()
  const filter = filterOf(search)
  const isFiltered = Object.keys(filter).length > 0
  const order = ORDERS[search.get('order') ?? '']
  const isNewest = !isFiltered && !order && !search.has('after') && !search.has('before')

  // A changed filter or order begins at its first page.
  const narrow = (name: Part, value: string) => change({ after: '', before: '', [name]: value })
  const turn = (to: 'after' | 'before', cursor: string) =>
    change({ after: '', before: '', [to]: cursor }, { isStep: true })

  const shown = Object.fromEntries(PARTS.map((name) => [name, search.get(name) ?? '']))
  const variables = { ...(isFiltered && { filter }), ...(order && { orderBy: order.orderBy }), ...pageOf(search) }
  return {
    filter,
    isFiltered,
    isSorted: order !== undefined,
    isNewest,
    variables,
    shown,
    narrow,
    turn,
    query: queryOf(search),
  }
}
