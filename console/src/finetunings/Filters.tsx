import { DbConnectionsDocument } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { STATUSES } from './statuses'
import { useView } from './view'

export function Filters() {
  const { shown, narrow, isFiltered } = useView()
  const [{ data }] = useHealing({ query: DbConnectionsDocument })
  return (
    <details className="filters" open={isFiltered || undefined}>
      <summary>Filters</summary>
      <div role="search" aria-label="Filters of the list">
        <label>
          Name contains
          <input
            type="search"
            maxLength={200}
            defaultValue={shown['text']}
            onChange={({ target }) => narrow('text', target.value.trim())}
          />
        </label>
        <label>
          Status
          <select value={shown['status']} onChange={({ target }) => narrow('status', target.value)}>
            <option value="">All</option>
            {Object.entries(STATUSES).map(([status, { words }]) => (
              <option key={status} value={status}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Database
          <select value={shown['connection']} onChange={({ target }) => narrow('connection', target.value)}>
            <option value="">All</option>
            {data?.dbConnections.nodes.map(({ id, alias }) => (
              <option key={id} value={id}>
                {alias}
              </option>
            ))}
          </select>
        </label>
        <label>
          Created from
          <input type="date" value={shown['from']} onChange={({ target }) => narrow('from', target.value)} />
        </label>
        <label>
          Created before
          <input
            type="date"
            value={shown['before_day']}
            onChange={({ target }) => narrow('before_day', target.value)}
          />
        </label>
      </div>
    </details>
  )
}
