// The part of the golden records that is shown, in the page's address.

import { useSearch } from '../shared/search'

const SHOWN = 20
// Names of their own: the list of finetunings has its filters in the same address.
const NAMES = { text: 'find', warnings: 'warnings', after: 'records_after', before: 'records_before' } as const

export function useRecordsView() {
  const [search, change] = useSearch()
  const text = search.get(NAMES.text) ?? ''
  const isFaulty = search.has(NAMES.warnings)
  const before = search.get(NAMES.before)
  const filter = { ...(text && { text }), ...(isFaulty && { hasWarnings: true }) }
  const isFiltered = Boolean(text) || isFaulty
  const page = before ? { last: SHOWN, before } : { first: SHOWN, after: search.get(NAMES.after) }

  // A changed filter begins at its first page.
  const firstPage = { [NAMES.after]: '', [NAMES.before]: '' }
  const narrow = (name: 'text' | 'warnings', value: string) => change({ ...firstPage, [NAMES[name]]: value })
  const turn = (to: 'after' | 'before', cursor: string) =>
    change({ ...firstPage, [NAMES[to]]: cursor }, { isStep: true })

  return { text, isFaulty, isFiltered, variables: { ...(isFiltered && { filter }), ...page }, narrow, turn }
}
