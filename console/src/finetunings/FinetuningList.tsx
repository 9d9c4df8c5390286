import { Link, useRoute } from 'wouter'

import type { FinetuningsQuery, FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import type { Problem } from '../shared/problems'
import { calendar } from '../shared/times'
import { Filters } from './Filters'
import { StatusBadge } from './StatusBadge'
import { useView } from './view'

type ListProps = {
  finetunings: FinetuningViewFragment[]
  page: FinetuningsQuery['finetunings'] | undefined
  problem: Problem | null
}

export function FinetuningList({ finetunings, page, problem }: ListProps) {
  const { isNewest, search } = useView()
  const [, chosen] = useRoute('/finetunings/:id')
  const query = search.size ? `?${search}` : ''
  return (
    <section className="panel list" aria-labelledby="list-title">
      <h2 id="list-title">
        {isNewest ? 'The newest' : 'Chosen'} {page?.totalCount != null && <small>{page.totalCount} in all</small>}
      </h2>
      <Filters />
      <ProblemNotice problem={problem} />
      {finetunings.length === 0 && !problem && <Nothing isKnown={page !== undefined} isNewest={isNewest} />}
      <ul className="rows">
        {finetunings.map((finetuning) => (
          <li key={finetuning.id}>
            <Link
              href={`/finetunings/${finetuning.id}${query}`}
              className="row"
              aria-current={finetuning.id === chosen?.id ? 'page' : undefined}
            >
              <span className="row-title">{finetuning.alias}</span>
              <StatusBadge finetuning={finetuning} />
              <span className="hint">{calendar(finetuning.createdAt)}</span>
            </Link>
          </li>
        ))}
      </ul>
      {page && <Pages info={page.pageInfo} />}
    </section>
  )
}

// What is not known is not called nothing.
function Nothing({ isKnown, isNewest }: { isKnown: boolean; isNewest: boolean }) {
  if (!isKnown) return <p className="hint">Loading…</p>
  if (!isNewest) return <p className="hint">Nothing matches.</p>
  return (
    <p className="hint">
      None yet. <Link href="/new">Start a finetuning</Link>
    </p>
  )
}

function Pages({ info }: { info: FinetuningsQuery['finetunings']['pageInfo'] }) {
  const { turn } = useView()
  const { hasPreviousPage, hasNextPage, startCursor, endCursor } = info
  if (!hasPreviousPage && !hasNextPage) return null
  return (
    <nav className="pages" aria-label="Pages of the list">
      <button type="button" disabled={!hasPreviousPage} onClick={() => startCursor && turn('before', startCursor)}>
        ← Newer
      </button>
      <button type="button" disabled={!hasNextPage} onClick={() => endCursor && turn('after', endCursor)}>
        Older →
      </button>
    </nav>
  )
}
