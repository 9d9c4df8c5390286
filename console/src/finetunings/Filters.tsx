import { DbConnectionsDocument } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { SearchField } from '../shared/SearchField'
import { STATUSES } from './statuses'
import { ORDERS, useView } from './view'

export function Filters() {
  const { shown, narrow, isFiltered, isSorted } = useView()
  const [{ data }] = useHealing({ query: DbConnectionsDocument })
  return (
    <details className="filters" open={isFiltered || isSorted || undefined}>
      <summary>Filters and order</summary>
      <div role="search" aria-label="What the list shows">
        <label>
          Name contains
          <SearchField value={shown['text'] ?? ''} onSearch={(text) => narrow('text', text)} />
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
        <label>
          Order
          <select value={shown['order']} onChange={({ target }) => narrow('order', target.value)}>
            <option value="">The newest first</option>
            {Object.entries(ORDERS).map(([name, { words }]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </div>
    </details>
  )
}
