import { type DragEvent, useState } from 'react'
import { type CombinedError, useMutation } from 'urql'

import { AddGoldenRecordsDocument, type GoldenRecordInput } from '../gql/graphql'
import { Notice, ProblemNotice } from '../shared/Notice'
import { mayHeal, problemOf } from '../shared/problems'
import { batchesOf, recordsIn, textIn } from './jsonLines'

type ImportProps = { dbConnectionId: string; onDone: () => void }
type Import = {
  sent: number
  all: number
  added: number
  faulty: number
  isOver: boolean
  wrong?: string
  error?: CombinedError
}

const NOTHING: Import = { sent: 0, all: 0, added: 0, faulty: 0, isOver: false }

// A file of JSON Lines; what is there already is skipped, so it may be given again after a break.
export function ImportRecords({ dbConnectionId, onDone }: ImportProps) {
  const [state, setState] = useState<Import>()
  const [isOver, setOver] = useState(false)
  const [, add] = useMutation(AddGoldenRecordsDocument)
  const isBusy = state !== undefined && !state.isOver

  async function take(file: File | undefined) {
    if (!file || isBusy) return
    setState(NOTHING)
    try {
      await send(recordsIn(textIn(await file.arrayBuffer())))
    } catch (wrong) {
      setState({ ...NOTHING, isOver: true, wrong: wrong instanceof Error ? wrong.message : String(wrong) })
    }
  }

  async function send(records: GoldenRecordInput[]) {
    let now = { ...NOTHING, all: records.length }
    for (const goldenRecords of batchesOf(records)) {
      setState(now)
      const { data, error } = await add({ input: { dbConnectionId, goldenRecords, skipDuplicates: true } })
      if (!data) {
        setState({ ...now, isOver: true, ...(error && { error }) })
        return onDone()
      }
      const added = data.addGoldenRecords
      now = {
        ...now,
        sent: now.sent + goldenRecords.length,
        added: now.added + added.length,
        faulty: now.faulty + added.filter(({ warnings }) => warnings.length > 0).length,
      }
    }
    setState({ ...now, isOver: true })
    onDone()
  }

  function drop(event: DragEvent) {
    event.preventDefault()
    setOver(false)
    void take(event.dataTransfer.files[0])
  }

  function hover(event: DragEvent) {
    event.preventDefault() // else the browser would open the file instead of the page
    setOver(true)
  }

  return (
    <section className="panel" aria-labelledby="import-title">
      <h2 id="import-title">Import a file</h2>
      <label
        className={`drop ${isOver ? 'over' : ''}`}
        onDragOver={hover}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        Drop a file of JSON Lines here, or choose one
        <input
          type="file"
          accept=".jsonl,.ndjson,.json"
          disabled={isBusy}
          onChange={({ target }) => {
            void take(target.files?.[0])
            target.value = ''
          }}
        />
      </label>
      <p className="hint">
        UTF-8, one object in each line: <code>{'{"prompt_text": "…", "sql": "…", "metadata": {"key": "…"}}'}</code>,
        metadata may be left out. With a line in any other form nothing is stored. For CSV, JSON arrays, gzip and other keys:{' '}
        <code>graphql-api golden-records import</code>
      </p>
      {state && <Outcome {...state} />}
    </section>
  )
}

function Outcome({ sent, all, added, faulty, isOver, wrong, error }: Import) {
  if (wrong) {
    return (
      <Notice tone="bad" title="Nothing was stored">
        {wrong}
      </Notice>
    )
  }
  const counts = `${added} added, ${sent - added} there already, ${faulty} with warnings`
  if (error) {
    return (
      <>
        <ProblemNotice problem={problemOf(error)} />
        <p>
          Stopped after {sent} of {all}: {counts}. {mayHeal(error) && 'Give the file again to go on.'}
        </p>
      </>
    )
  }
  if (isOver) {
    return (
      <Notice tone={faulty ? 'warn' : 'good'} title={all ? 'Imported' : 'There is nothing in this file'}>
        {all > 0 && counts}
      </Notice>
    )
  }
  return <progress aria-label="Import" value={sent} max={Math.max(all, 1)} />
}
