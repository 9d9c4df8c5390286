import { useEffect, useRef, useState } from 'react'
import { Link, useLocation } from 'wouter'

import { LossChart } from '../charts/LossChart'
import type { FinetuningViewFragment } from '../gql/graphql'
import { Notice, ProblemNotice } from '../shared/Notice'
import { CancelDialog } from './CancelDialog'
import { Checkpoints } from './Checkpoints'
import { DeleteDialog } from './DeleteDialog'
import { useEvents } from './events'
import { Facts } from './Facts'
import { Progress } from './Progress'
import { StatusBadge } from './StatusBadge'
import { Timeline } from './Timeline'
import { Verdict } from './Verdict'

type DetailProps = {
  finetuning: FinetuningViewFragment
  onAnswer: (finetuning: FinetuningViewFragment) => void
  onGone: (id: string) => void
}

export function FinetuningDetail({ finetuning, onAnswer, onGone }: DetailProps) {
  const [asking, ask] = useState<'cancel' | 'delete'>()
  const [, go] = useLocation()
  const { events, problem } = useEvents(finetuning.id)
  const isGone = events.some(({ event }) => event.kind === 'DELETED')
  const title = useRef<HTMLHeadingElement>(null)

  // On a narrow screen the list with the focus is gone.
  useEffect(() => {
    if (matchMedia('(max-width: 45rem)').matches) title.current?.focus()
  }, [])

  useEffect(() => {
    if (isGone) onGone(finetuning.id)
  }, [isGone, onGone, finetuning.id])

  function leave() {
    onGone(finetuning.id)
    go('/')
  }

  return (
    <section className="panel detail" aria-labelledby="detail-title">
      <header>
        <h2 id="detail-title" ref={title} tabIndex={-1}>
          {finetuning.alias}
        </h2>
        <StatusBadge finetuning={finetuning} />
        <span className="detail-actions">
          <Link href={likeOf(finetuning)}>New one like it</Link>
          {!isGone && (
            <button type="button" onClick={() => ask('delete')}>
              Delete…
            </button>
          )}
          {!isGone && finetuning.isCancellable && !finetuning.cancellation && (
            <button type="button" className="danger" onClick={() => ask('cancel')}>
              Cancel…
            </button>
          )}
        </span>
      </header>
      {isGone && <Notice tone="calm" title="Deleted" />}
      <Verdict finetuning={finetuning} />
      <ProblemNotice problem={problem} />
      <Progress finetuning={finetuning} events={events} />
      <LossChart events={events} />
      <Facts finetuning={finetuning} />
      <Checkpoints checkpoints={finetuning.checkpoints} />
      <Timeline events={events} />
      {asking === 'cancel' && (
        <CancelDialog finetuning={finetuning} onAnswer={onAnswer} onClose={() => ask(undefined)} />
      )}
      {asking === 'delete' && (
        <DeleteDialog
          finetuning={finetuning}
          onAnswer={onAnswer}
          onDeleted={leave}
          onClose={() => ask(undefined)}
        />
      )}
    </section>
  )
}

function likeOf({ dbConnectionId, baseLlm }: FinetuningViewFragment) {
  const { nEpochs, batchSize, learningRateMultiplier } = baseLlm.modelParameters
  const like = new URLSearchParams({
    database: dbConnectionId,
    model: baseLlm.modelName,
    epochs: String(nEpochs),
    batch: String(batchSize),
    rate: String(learningRateMultiplier),
  })
  return `/new?${like}`
}
