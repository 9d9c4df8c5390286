import { useEffect } from 'react'

import { type Delivery, useEvents } from '../finetunings/events'
import { FinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

export type Told = { finetuning: FinetuningViewFragment; events: Delivery[] }
type RunProps = { id: string; known: FinetuningViewFragment | undefined; onTold: (told: Told) => void }

// One of the compared: it tells what it learns, and shows why it learns nothing.
export function Run({ id, known, onTold }: RunProps) {
  const [{ data, error }] = useHealing({ query: FinetuningDocument, variables: { id }, pause: Boolean(known) })
  const { events, problem } = useEvents(id)
  const finetuning = known ?? data?.finetuning

  useEffect(() => {
    if (finetuning) onTold({ finetuning, events })
  }, [finetuning, events, onTold])

  if (finetuning) return <ProblemNotice problem={problem} />
  if (error) return <ProblemNotice problem={problemOf(error)} />
  return <p className="hint">{data ? `There is no finetuning with the id ${id}.` : 'Loading…'}</p>
}
