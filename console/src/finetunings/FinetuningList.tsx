import { useReducer } from 'react'
import { Link, useRoute } from 'wouter'

import type { FinetuningsQuery, FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { Pages } from '../shared/Pages'
import type { Problem } from '../shared/problems'
import { calendar } from '../shared/times'
import { Chosen } from './Chosen'
import { Filters } from './Filters'
import { StatusBadge } from './StatusBadge'
import { useView } from './view'

type ListProps = {
  finetunings: FinetuningViewFragment[]
  page: FinetuningsQuery['finetunings'] | undefined
  problem: Problem | null
  find: (id: string) => FinetuningViewFragment | undefined
}

const toggle = (ids: string[], id: string) => (ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id])

export function FinetuningList({ finetunings, page, problem, find }: ListProps) {
  const { isNewest, query, turn } = useView()
  const [, open] = useRoute('/finetunings/:id')
  const [chosen, choose] = useReducer(toggle, [])
  return (
    <section className="panel list" aria-labelledby="list-title">
      <h2 id="list-title">
        {isNewest ? 'The newest' : 'Chosen'} {page?.totalCount != null && <small>{page.totalCount} in all</small>}
      </h2>
      <Filters />
      <ProblemNotice problem={problem} />
      {problem && !isNewest && <Link href="/">Show the newest</Link>}
      {finetunings.length === 0 && !problem && <Nothing isKnown={page !== undefined} isNewest={isNewest} />}
      <Chosen ids={chosen} find={find} />
      <ul className="rows">
        {finetunings.map((finetuning) => (
          <li key={finetuning.id} className="choice">
            <input
              type="checkbox"
              aria-label={`Choose ${finetuning.alias}`}
              checked={chosen.includes(finetuning.id)}
              onChange={() => choose(finetuning.id)}
            />
            <Link
              href={`/finetunings/${finetuning.id}${query}`}
              className="row"
              aria-current={finetuning.id === open?.id ? 'page' : undefined}
            >
              <span className="row-title">{finetuning.alias}</span>
              <StatusBadge finetuning={finetuning} />
              <span className="hint">
                {calendar(finetuning.createdAt)}
                {finetuning.finishedAt && `, ended ${calendar(finetuning.finishedAt)}`}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {page && <Pages of="list" info={page.pageInfo} onTurn={turn} />}
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
