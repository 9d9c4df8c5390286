import type { FormEvent } from 'react'
import { useMutation } from 'urql'

import { AddGoldenRecordsDocument } from '../gql/graphql'
import { Notice, ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { RecordFields, recordIn } from './RecordFields'

type AddProps = { dbConnectionId: string; onDone: () => void }

export function AddRecord({ dbConnectionId, onDone }: AddProps) {
  const [{ data, fetching, error }, add] = useMutation(AddGoldenRecordsDocument)

  async function submit(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    const form = submission.currentTarget
    // Asking again after a lost answer stores nothing twice.
    const input = { dbConnectionId, goldenRecords: [recordIn(form)], skipDuplicates: true }
    const added = await add({ input })
    if (added.error) return
    form.reset()
    onDone()
  }

  return (
    <section className="panel" aria-labelledby="add-title">
      <h2 id="add-title">Add one</h2>
      <form onSubmit={submit}>
        <RecordFields />
        <ProblemNotice problem={problemOf(error)} />
        {data?.addGoldenRecords.length === 0 && <Notice tone="calm" title="It is there already" />}
        {data?.addGoldenRecords.map(({ id, warnings }) => (
          <Notice key={id} tone={warnings.length ? 'warn' : 'good'} title="Golden record added">
            {warnings.map(({ message }) => message).join(' ')}
          </Notice>
        ))}
        <button type="submit" disabled={fetching}>
          Add golden record
        </button>
      </form>
    </section>
  )
}
