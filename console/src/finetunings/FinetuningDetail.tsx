import { useEffect, useRef, useState } from 'react'
import { Link } from 'wouter'

import type { FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { CancelDialog } from './CancelDialog'
import { useEvents } from './events'
import { Facts } from './Facts'
import { LossChart } from './LossChart'
import { Progress } from './Progress'
import { StatusBadge } from './StatusBadge'
import { Timeline } from './Timeline'
import { Verdict } from './Verdict'

type DetailProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
}

export function FinetuningDetail({ finetuning, onAnswer }: DetailProps) {
  const [isAsking, setAsking] = useState(false)
  const { events, problem } = useEvents(finetuning.id)
  const title = useRef<HTMLHeadingElement>(null)

  // On a narrow screen the list with the focus is gone.
  useEffect(() => {
    if (matchMedia('(max-width: 45rem)').matches) title.current?.focus()
  }, [])

  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <header>
        <h2 id="detail-title" ref={title} tabIndex={-1}>
          {finetuning.alias}
        </h2>
        <StatusBadge finetuning={finetuning} />
        <span className="detail-actions">
          <Link href={likeOf(finetuning)}>New one like it</Link>
          {finetuning.isCancellable && !finetuning.cancellation && (
            <button type="button" className="danger" onClick={() => setAsking(true)}>
              Cancel…
            </button>
          )}
        </span>
      </header>
      <Verdict finetuning={finetuning} />
      <ProblemNotice problem={problem} />
      <Progress finetuning={finetuning} events={events} />
      <LossChart events={events} />
      <Facts finetuning={finetuning} />
      <Timeline events={events} />
      {isAsking && (
        <CancelDialog finetuning={finetuning} onAnswer={onAnswer} onClose={() => setAsking(false)} />
      )}
    </section>
  )
}

function likeOf({ dbConnectionId, baseLlm }: FinetuningViewFragment) {
  const { nEpochs, batchSize, learningRateMultiplier } = baseLlm.modelParameters
  const like = new URLSearchParams({
    connection: dbConnectionId,
    model: baseLlm.modelName,
    epochs: String(nEpochs),
    batch: String(batchSize),
    rate: String(learningRateMultiplier),
  })
  return `/new?${like}`
}
