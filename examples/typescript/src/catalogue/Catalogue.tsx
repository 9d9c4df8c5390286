import { useState } from 'react'
import { useQuery } from 'urql'

import { NewFinetuning } from '../finetunings/NewFinetuning'
import { DbConnectionsDocument, type FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { GoldenRecords } from './GoldenRecords'

// The source of a training: a database, its golden records, and the button to start.
export function Catalogue({ onCreated }: { onCreated: (finetuning: FinetuningViewFragment) => void }) {
  const [{ data, error }] = useQuery({ query: DbConnectionsDocument })
  const [chosenId, choose] = useState<string>()
  const connections = data?.dbConnections.nodes ?? []
  const dbConnectionId = chosenId ?? connections[0]?.id

  return (
    <div className="column">
      <ProblemNotice problem={problemOf(error)} />
      {data && !dbConnectionId && <p className="panel">There is no database connection yet.</p>}
      {dbConnectionId && (
        <>
          <label className="panel">
            Database
            <select value={dbConnectionId} onChange={({ target }) => choose(target.value)}>
              {connections.map(({ id, alias, dialect }) => (
                <option key={id} value={id}>
                  {alias} ({dialect})
                </option>
              ))}
            </select>
          </label>
          <NewFinetuning dbConnectionId={dbConnectionId} onCreated={onCreated} />
          <GoldenRecords key={dbConnectionId} dbConnectionId={dbConnectionId} />
        </>
      )}
    </div>
  )
}
