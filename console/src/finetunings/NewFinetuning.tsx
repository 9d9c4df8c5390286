import { type FormEvent, useRef } from 'react'
import { useMutation } from 'urql'
import { useSearchParams } from 'wouter'

import { DatabaseField, useDatabase } from '../catalogue/DatabaseField'
import { CreateFinetuningDocument, type FinetuningViewFragment } from '../gql/graphql'
import { ProblemNotice } from '../shared/Notice'
import { problemOf } from '../shared/problems'

type NewProps = { onCreated: (finetuning: FinetuningViewFragment) => void }

// Without HTTPS a browser makes no UUIDs.
const newKey = () => crypto.randomUUID?.() ?? crypto.getRandomValues(new Uint32Array(4)).join('-')

function numberOrAuto(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : Number(text)
}

// The address may fill it in: a finetuning like another one.
export function NewFinetuning({ onCreated }: NewProps) {
  const [{ fetching, error }, create] = useMutation(CreateFinetuningDocument)
  const [search] = useSearchParams()
  const { chosen } = useDatabase()
  // The same key up to an answer: pressing the button again after a lost one creates nothing twice.
  const idempotencyKey = useRef(newKey())

  async function submit(submission: FormEvent<HTMLFormElement>) {
    submission.preventDefault()
    const form = submission.currentTarget
    const given = (name: string) => String(new FormData(form).get(name)).trim()
    const { data, error: refusal } = await create({
      input: {
        dbConnectionId: given('connection'),
        ...(given('alias') && { alias: given('alias') }),
        baseLlm: {
          ...(given('model') && { modelName: given('model') }),
          modelParameters: {
            nEpochs: numberOrAuto(given('epochs')),
            batchSize: numberOrAuto(given('batch')),
            learningRateMultiplier: numberOrAuto(given('rate')),
          },
        },
        idempotencyKey: idempotencyKey.current,
      },
    })
    if (!refusal?.networkError) idempotencyKey.current = newKey()
    if (data) onCreated(data.createFinetuning)
  }

  return (
    <section className="panel" aria-labelledby="new-title">
      <h2 id="new-title">Start a finetuning</h2>
      <form onSubmit={submit}>
        <DatabaseField />
        <label>
          Alias <span className="hint">optional</span>
          <input name="alias" maxLength={200} />
        </label>
        <label>
          Model <span className="hint">the server’s own if empty</span>
          <input name="model" spellCheck={false} defaultValue={search.get('model') ?? ''} />
        </label>
        <ParameterField name="epochs" words="Epochs" absent="3" pattern="auto|[1-9][0-9]?" title="1 to 50, or auto" />
        <ParameterField
          name="batch"
          words="Batch size"
          absent="auto"
          pattern="auto|[1-9][0-9]*"
          title="a number from 1, or auto"
        />
        <ParameterField
          name="rate"
          words="Learning rate ×"
          absent="auto"
          pattern="auto|[0-9]*[.]?[0-9]+"
          title="a number above 0, or auto"
        />
        <ProblemNotice problem={problemOf(error)} />
        <button type="submit" className="primary" disabled={fetching || !chosen}>
          {fetching ? 'Starting…' : 'Start training'}
        </button>
      </form>
    </section>
  )
}

type ParameterProps = { name: string; words: string; absent: string; pattern: string; title: string }

// As in the address, or else what `absent` says.
function ParameterField({ name, words, absent, pattern, title }: ParameterProps) {
  const [search] = useSearchParams()
  return (
    <label>
      {words}
      <input name={name} defaultValue={search.get(name) ?? absent} required pattern={pattern} title={title} />
    </label>
  )
}
