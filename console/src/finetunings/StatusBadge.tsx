import type { FinetuningStateFragment } from '../gql/graphql'
import { isBeingCancelled, STATUSES } from './statuses'

// The status as it truly is: a requested cancel is an addition, never a replacement.
export function StatusBadge({ finetuning }: { finetuning: FinetuningStateFragment }) {
  const { words, tone } = STATUSES[finetuning.status]
  return (
    <span className="badges">
      <span className={`badge ${tone}`}>{finetuning.providerStatus ?? words}</span>
      {isBeingCancelled(finetuning) && <span className="badge warn">Cancel requested</span>}
    </span>
  )
}
