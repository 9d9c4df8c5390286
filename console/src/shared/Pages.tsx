import type { PageViewFragment } from '../gql/graphql'

type PagesProps = {
  of: string
  info: PageViewFragment
  onTurn: (to: 'after' | 'before', cursor: string) => void
}

// The buttons to the next page and back; nothing for a list of one page.
export function Pages({ of, info, onTurn }: PagesProps) {
  const { hasPreviousPage, hasNextPage, startCursor, endCursor } = info
  if (!hasPreviousPage && !hasNextPage) return null
  return (
    <nav className="pages" aria-label={`Pages of the ${of}`}>
      <button
        type="button"
        disabled={!hasPreviousPage}
        onClick={() => startCursor && onTurn('before', startCursor)}
      >
        ← Previous
      </button>
      <button type="button" disabled={!hasNextPage} onClick={() => endCursor && onTurn('after', endCursor)}>
        Next →
      </button>
    </nav>
  )
}
