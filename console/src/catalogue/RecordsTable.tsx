import type { GoldenRecordViewFragment } from '../gql/graphql'

type TableProps = {
  records: readonly GoldenRecordViewFragment[]
  onEdit: (record: GoldenRecordViewFragment) => void
  onRemove: (record: GoldenRecordViewFragment) => void
}

export function RecordsTable({ records, onEdit, onRemove }: TableProps) {
  return (
    <div className="scroll" role="region" aria-label="The golden records" tabIndex={0}>
      <table className="records">
        <thead>
          <tr>
            <th scope="col">Question</th>
            <th scope="col">SQL</th>
            <th scope="col">Change</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.id}>
              <td>{record.promptText}</td>
              <td>
                <code>{record.sql}</code>
                {record.warnings.map(({ code, message }) => (
                  <p key={code} className="warning">
                    {message}
                  </p>
                ))}
              </td>
              <td>
                <span className="record-actions">
                  <button type="button" aria-label={`Edit “${record.promptText}”`} onClick={() => onEdit(record)}>
                    Edit…
                  </button>
                  <button
                    type="button"
                    aria-label={`Remove “${record.promptText}”`}
                    onClick={() => onRemove(record)}
                  >
                    Remove…
                  </button>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
