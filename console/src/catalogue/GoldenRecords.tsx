import { useState } from 'react'

import { GoldenRecordsDocument, type GoldenRecordViewFragment } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { ProblemNotice } from '../shared/Notice'
import { Pages } from '../shared/Pages'
import { problemOf } from '../shared/problems'
import { SearchField } from '../shared/SearchField'
import { AddRecord } from './AddRecord'
import { ImportRecords } from './ImportRecords'
import { EditDialog, RemoveDialog } from './RecordDialogs'
import { RecordsTable } from './RecordsTable'
import { useRecordsView } from './recordsView'

type Asked = { about: 'edit' | 'remove'; record: GoldenRecordViewFragment }

// A database's golden records, a page at a time.
export function GoldenRecords({ dbConnectionId }: { dbConnectionId: string }) {
  const { text, isFaulty, isFiltered, variables, narrow, turn } = useRecordsView()
  const [{ data, error }, list] = useHealing({
    query: GoldenRecordsDocument,
    variables: { dbConnectionId, ...variables },
  })
  const [asked, ask] = useState<Asked>()
  const page = data?.goldenRecords
  const dialog = { onDone: list, onClose: () => ask(undefined) }

  return (
    <>
      <section className="panel" aria-labelledby="records-title">
        <h2 id="records-title">
          Golden records{' '}
          {page?.totalCount != null && (
            <small>
              {page.totalCount} {isFiltered ? 'match' : 'in all'}
            </small>
          )}
        </h2>
        <div className="search" role="search" aria-label="Search in the golden records">
          <label>
            Question or SQL contains
            <SearchField value={text} onSearch={(next) => narrow('text', next)} />
          </label>
          <label className="inline">
            <input
              type="checkbox"
              checked={isFaulty}
              onChange={({ target }) => narrow('warnings', target.checked ? 'only' : '')}
            />
            Only with warnings
          </label>
        </div>
        <ProblemNotice problem={problemOf(error)} />
        {!page && !error && <p className="hint">Loading…</p>}
        {page?.nodes.length === 0 && (
          <p className="hint">{isFiltered ? 'Nothing matches.' : 'None yet: add one below, or import a file.'}</p>
        )}
        {page && page.nodes.length > 0 && (
          <RecordsTable
            records={page.nodes}
            onEdit={(record) => ask({ about: 'edit', record })}
            onRemove={(record) => ask({ about: 'remove', record })}
          />
        )}
        {page && <Pages of="golden records" info={page.pageInfo} onTurn={turn} />}
      </section>
      <AddRecord dbConnectionId={dbConnectionId} onDone={list} />
      <ImportRecords dbConnectionId={dbConnectionId} onDone={list} />
      {asked?.about === 'edit' && <EditDialog record={asked.record} {...dialog} />}
      {asked?.about === 'remove' && <RemoveDialog record={asked.record} {...dialog} />}
    </>
  )
}
