// The part of the page's address behind its question mark: what is shown can be shared and loaded again.

import { useSearchParams } from 'wouter'

export function useSearch() {
  const [search, setSearch] = useSearchParams()

  // An empty value removes its name. Only a turned page is a step to go back from.
  function change(values: Record<string, string>, { isStep = false } = {}) {
    setSearch(
      (old) => {
        const next = new URLSearchParams(old)
        for (const [name, value] of Object.entries(values)) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace: !isStep },
    )
  }

  return [search, change] as const
}
