import { DatabaseField, useDatabase } from './DatabaseField'
import { GoldenRecords } from './GoldenRecords'

// A database and its golden records.
export function Catalogue() {
  const { chosen } = useDatabase()
  return (
    <>
      <div className="panel">
        <DatabaseField />
      </div>
      {chosen && <GoldenRecords key={chosen} dbConnectionId={chosen} />}
    </>
  )
}
