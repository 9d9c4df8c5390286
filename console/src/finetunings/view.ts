// The part of the list that is shown, in the page's address: it can be shared and loaded again.

import { useSearchParams } from 'wouter'

import type { FinetuningStatus } from '../gql/graphql'
import { STATUSES } from './statuses'

const SHOWN = 50
const FILTERS = ['status', 'connection', 'text', 'from', 'before_day'] as const
export type Filter = (typeof FILTERS)[number]

const isStatus = (word: string): word is FinetuningStatus => word in STATUSES

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

function pageOf(search: URLSearchParams) {
  const before = search.get('before')
  return before ? { last: SHOWN, before } : { first: SHOWN, after: search.get('after') }
}

export function useView() {
  const [search, setSearch] = useSearchParams()
  const filter = filterOf(search)
  const isFiltered = Object.keys(filter).length > 0
  const isNewest = !isFiltered && !search.has('after') && !search.has('before')

  // A changed filter begins at its first page.
  function narrow(name: Filter, value: string) {
    setSearch(
      (old) => {
        const next = new URLSearchParams(old)
        for (const gone of ['after', 'before']) next.delete(gone)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  }

  function turn(to: 'after' | 'before', cursor: string) {
    setSearch((old) => {
      const next = new URLSearchParams(old)
      next.delete(to === 'after' ? 'before' : 'after')
      next.set(to, cursor)
      return next
    })
  }

  const shown = Object.fromEntries(FILTERS.map((name) => [name, search.get(name) ?? '']))
  const variables = { ...(isFiltered && { filter }), ...pageOf(search) }
  return { isFiltered, isNewest, variables, shown, narrow, turn, search }
}
