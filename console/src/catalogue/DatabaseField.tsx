import { DbConnectionsDocument } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { useSearch } from '../shared/search'

const CHOICE = 'database' // the list has `connection` for itself

// The chosen database stands in the page's address; without a choice it is the newest one.
export function useDatabase() {
  const [{ data, error }] = useHealing({ query: DbConnectionsDocument })
  const [search, change] = useSearch()
  const connections = data?.dbConnections.nodes
  const chosen = search.get(CHOICE) ?? connections?.[0]?.id
  const choose = (id: string) => change({ [CHOICE]: id })
  return { connections, chosen, choose, problem: problemOf(error) }
}

export function DatabaseField() {
  const { connections, chosen, choose, problem } = useDatabase()
  const isListed = connections?.some(({ id }) => id === chosen)
  return (
    <>
      <ProblemNotice problem={problem} />
      {connections?.length === 0 && (
        <p>
          There is no database connection yet. In a terminal: <code>graphql-api db-connections create</code>
        </p>
      )}
      <label>
        Database
        <select name="connection" required value={chosen} onChange={({ target }) => choose(target.value)}>
          {chosen && !isListed && <option value={chosen}>{chosen}</option>}
          {connections?.map(({ id, alias, dialect }) => (
            <option key={id} value={id}>
              {alias} ({dialect})
            </option>
          ))}
        </select>
      </label>
    </>
  )
}
