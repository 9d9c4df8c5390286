import { Link } from 'wouter'

import { StatusBadge } from '../finetunings/StatusBadge'
import type { FinetuningViewFragment } from '../gql/graphql'
import { calendar } from '../shared/times'
import { lastOf, lossesOf, SERIES } from './losses'
import type { Told } from './Run'

// As many as can be told apart: by colour and by dashes.
export const LINES = [[], [8, 4], [2, 3], [12, 3, 2, 3], [16, 4], [5, 2]].map((dash, index) => ({
  words: `Run ${index + 1}`,
  ink: `--chart-run-${index + 1}`,
  dash,
}))

const PARAMETERS: Record<string, (finetuning: FinetuningViewFragment) => string | number | null | undefined> = {
  Model: ({ baseLlm }) => baseLlm.modelName,
  Epochs: ({ baseLlm }) => baseLlm.modelParameters.nEpochs,
  'Batch size': ({ baseLlm }) => baseLlm.modelParameters.batchSize,
  'Learning rate ×': ({ baseLlm }) => baseLlm.modelParameters.learningRateMultiplier,
  Database: ({ dbConnection, dbConnectionId }) => dbConnection?.alias ?? dbConnectionId,
  'Golden records': ({ dataset }) => dataset?.recordCount,
}

// What differs between the runs; what is the same in all is said once.
export function RunTable({ runs }: { runs: Told[] }) {
  const values = Object.entries(PARAMETERS).map(([name, read]) => ({
    name,
    column: runs.map(({ finetuning }) => read(finetuning) ?? 'not known yet'),
  }))
  const differing = values.filter(({ column }) => new Set(column).size > 1)
  const same = values.filter(({ column }) => new Set(column).size === 1)
  return (
    <>
      <div className="scroll" role="region" aria-label="Compared finetunings" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Finetuning</th>
              <th scope="col">Status</th>
              {differing.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
              {SERIES.map(({ words }) => (
                <th key={words} scope="col">
                  {words} loss
                </th>
              ))}
              <th scope="col">Tokens</th>
              <th scope="col">Created</th>
            </tr>
          </thead>
          <tbody>
            {runs.map(({ finetuning, events }, index) => {
              const [, ...losses] = lossesOf(events, 'step')
              return (
                <tr key={finetuning.id}>
                  <th scope="row" className={`run run-${index + 1}`}>
                    <Link href={`/finetunings/${finetuning.id}`}>{finetuning.alias}</Link>
                  </th>
                  <td>
                    <StatusBadge finetuning={finetuning} />
                  </td>
                  {differing.map(({ name, column }) => (
                    <td key={name}>{column[index]}</td>
                  ))}
                  {losses.map((column, at) => (
                    <td key={SERIES[at]?.field}>{lastOf(column)?.toFixed(3) ?? '–'}</td>
                  ))}
                  <td>{finetuning.trainedTokens?.toLocaleString('en') ?? '–'}</td>
                  <td>{calendar(finetuning.createdAt)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
      {same.length > 0 && runs.length > 1 && (
        <p className="hint">The same in all: {same.map(({ name, column }) => `${name} ${column[0]}`).join(', ')}.</p>
      )}
    </>
  )
}
