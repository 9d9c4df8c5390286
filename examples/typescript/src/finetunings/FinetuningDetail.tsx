import { useState } from 'react'

import type { FinetuningViewFragment } from '../gql/graphql'
import { CancelDialog } from './CancelDialog'
import { Facts } from './Facts'
import { StatusBadge } from './StatusBadge'
import { Timeline } from './Timeline'
import { Verdict } from './Verdict'

type DetailProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
}

export function FinetuningDetail({ finetuning, onAnswer }: DetailProps) {
  const [isAsking, setAsking] = useState(false)
  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <header>
        <h2 id="detail-title">{finetuning.alias}</h2>
        <StatusBadge finetuning={finetuning} />
        {finetuning.isCancellable && !finetuning.cancellation && (
          <button type="button" className="danger" onClick={() => setAsking(true)}>
            Cancel…
          </button>
        )}
      </header>
      <Verdict finetuning={finetuning} />
      <Facts finetuning={finetuning} />
      <Timeline finetuningId={finetuning.id} />
      {isAsking && (
        <CancelDialog finetuning={finetuning} onAnswer={onAnswer} onClose={() => setAsking(false)} />
      )}
    </section>
  )
}
