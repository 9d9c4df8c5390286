import type { FinetuningViewFragment } from '../gql/graphql'
import { calendar } from '../shared/times'
import { StatusBadge } from './StatusBadge'

type ListProps = {
  finetunings: FinetuningViewFragment[]
  isLoading: boolean
  selectedId: string | undefined
  onSelect: (id: string) => void
}

export function FinetuningList({ finetunings, isLoading, selectedId, onSelect }: ListProps) {
  return (
    <section className="panel" aria-labelledby="list-title">
      <h2 id="list-title">Finetunings</h2>
      {finetunings.length === 0 && (
        <p className="hint">{isLoading ? 'Loading…' : 'None yet. Start one on the left.'}</p>
      )}
      <ul className="rows">
        {finetunings.map((finetuning) => (
          <li key={finetuning.id}>
            <button
              type="button"
              className="row"
              aria-pressed={finetuning.id === selectedId}
              onClick={() => onSelect(finetuning.id)}
            >
              <span className="row-title">{finetuning.alias}</span>
              <StatusBadge finetuning={finetuning} />
              <span className="hint">{calendar(finetuning.createdAt)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
