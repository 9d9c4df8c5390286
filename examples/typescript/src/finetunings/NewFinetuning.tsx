import { type FormEvent, useRef } from 'react'
import { useMutation } from 'urql'

import { CreateFinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

type NewProps = { dbConnectionId: string; onCreated: (finetuning: FinetuningViewFragment) => void }

const newKey = () => crypto.randomUUID()

function epochs(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : Number(text)
}

export function NewFinetuning({ dbConnectionId, onCreated }: NewProps) {
  const [{ fetching, error }, create] = useMutation(CreateFinetuningDocument)
  // The same key up to an answer: pressing the button again after a lost one creates nothing twice.
  const idempotencyKey = useRef(newKey())

  async function submit(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    const form = submission.currentTarget
    const given = (name: string) => String(new FormData(form).get(name)).trim()
    const { data, error: refusal } = await create({
      input: {
        dbConnectionId,
        ...(given('alias') && { alias: given('alias') }),
        baseLlm: { modelParameters: { nEpochs: epochs(given('epochs')) } },
        idempotencyKey: idempotencyKey.current,
      },
    })
    if (!refusal?.networkError) idempotencyKey.current = newKey()
    if (!data) return
    form.reset()
    onCreated(data.createFinetuning)
  }

  return (
    <section className="panel" aria-labelledby="new-title">
      <h2 id="new-title">Start a finetuning</h2>
      <form onSubmit={submit}>
        <label>
          Alias <span className="hint">optional</span>
          <input name="alias" maxLength={200} />
        </label>
        <label>
          Epochs
          <input name="epochs" defaultValue="3" required pattern="auto|[1-9][0-9]?" title="1 to 50, or auto" />
        </label>
        <ProblemNotice problem={problemOf(error)} />
        <button type="submit" className="primary" disabled={fetching}>
          {fetching ? 'Starting…' : 'Start training'}
        </button>
      </form>
    </section>
  )
}
