import { Link } from 'wouter'

import { FinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { useHealing } from '../shared/healing'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'
import { FinetuningDetail } from './FinetuningDetail'

type PageProps = {
  id: string
  known: FinetuningViewFragment | undefined
  onAnswer: (finetuning: FinetuningViewFragment) => void
  onGone: (id: string) => void
}

// One finetuning at its own address; it may be on no page of the list.
export function FinetuningPage({ id, known, onAnswer, onGone }: PageProps) {
  const [{ data, error }] = useHealing({ query: FinetuningDocument, variables: { id }, pause: Boolean(known) })
  const finetuning = known ?? data?.finetuning
  return (
    <>
      <Link href="/" className="back">
        ← All finetunings
      </Link>
      {finetuning && <FinetuningDetail finetuning={finetuning} onAnswer={onAnswer} onGone={onGone} />}
      {!finetuning && <ProblemNotice problem={problemOf(error)} />}
      {!finetuning && !error && (
        <p className="panel hint">{data ? 'There is no finetuning with this id.' : 'Loading…'}</p>
      )}
    </>
  )
}
