import type { FormEvent } from 'react'
import { useMutation } from 'urql'

import { AddGoldenRecordDocument, GoldenRecordsDocument } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { Notice, ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

export function GoldenRecords({ dbConnectionId }: { dbConnectionId: string }) {
  const [listed, list] = useHealing({ query: GoldenRecordsDocument, variables: { dbConnectionId } })
  const [{ data, fetching, error }, add] = useMutation(AddGoldenRecordDocument)

  async function submit(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    const form = submission.currentTarget
    const given = (name: string) => String(new FormData(form).get(name))
    const goldenRecords = [{ promptText: given('question'), sql: given('sql') }]
    // Asking again after a lost answer stores nothing twice.
    const added = await add({ input: { dbConnectionId, goldenRecords, skipDuplicates: true } })
    if (added.error) return
    form.reset()
    list()
  }

  return (
    <section className="panel" aria-labelledby="records-title">
      <h2 id="records-title">Golden records</h2>
      <form onSubmit={submit}>
        <label>
          Question
          <input name="question" required />
        </label>
        <label>
          SQL that answers it
          <textarea name="sql" rows={3} required spellCheck={false} />
        </label>
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
      <ProblemNotice problem={problemOf(listed.error)} />
      <ul className="records" aria-label="The latest golden records">
        {listed.data?.goldenRecords.nodes.map(({ id, promptText, sql }) => (
          <li key={id}>
            {promptText}
            <code>{sql}</code>
          </li>
        ))}
      </ul>
    </section>
  )
}
