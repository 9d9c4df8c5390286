import type { GoldenRecordViewFragment } from '../gql/graphql'

// The fields of a golden record, empty or as it is.
export function RecordFields({ record }: { record?: GoldenRecordViewFragment }) {
  return (
    <>
      <label>
        Question
        <input name="question" required defaultValue={record?.promptText} />
      </label>
      <label>
        SQL that answers it
        <textarea name="sql" rows={3} required spellCheck={false} defaultValue={record?.sql} />
      </label>
    </>
  )
}

export function recordIn(form: HTMLFormElement) {
  const fields = new FormData(form)
  return { promptText: String(fields.get('question')), sql: String(fields.get('sql')) }
}
