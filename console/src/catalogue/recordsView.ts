// The part of the golden records that is shown, in the page's address.

import { useSearchParams } from 'wouter'

const SHOWN = 20
// Names of their own: the list of finetunings has its filters in the same address.
const NAMES = { text: 'find', warnings: 'warnings', after: 'records_after', before: 'records_before' } as const

export function useRecordsView() {
  const [search, setSearch] = useSearchParams()
  const text = search.get(NAMES.text) ?? ''
  const isFaulty = search.has(NAMES.warnings)
  const before = search.get(NAMES.before)
  const filter = { ...(text && { text }), ...(isFaulty && { hasWarnings: true }) }
  const isFiltered = Boolean(text) || isFaulty
  const page = before ? { last: SHOWN, before } : { first: SHOWN, after: search.get(NAMES.after) }

  function change(set: Record<string, string>, gone: readonly string[], replace: boolean) {
    setSearch(
      (old) => {
        const next = new URLSearchParams(old)
        for (const name of gone) next.delete(name)
        for (const [name, value] of Object.entries(set)) if (value) next.set(name, value)
        return next
      },
      { replace },
    )
  }

  // A changed filter begins at its first page.
  const narrow = (name: 'text' | 'warnings', value: string) =>
    change({ [NAMES[name]]: value }, [NAMES[name], NAMES.after, NAMES.before], true)
  const turn = (to: 'after' | 'before', cursor: string) =>
    change({ [NAMES[to]]: cursor }, [NAMES.after, NAMES.before], false)

  return { text, isFaulty, isFiltered, variables: { ...(isFiltered && { filter }), ...page }, narrow, turn }
}
