import { useMemo, useReducer } from 'react'
import uPlot from 'uplot'
import { Link } from 'wouter'

import type { FinetuningViewFragment } from '../gql/graphql'
import { useSearch } from '../shared/search'
import { AxisChoice, useAxis } from './AxisChoice'
import { Chart } from './Chart'
import { AXES, lossesOf, SERIES } from './losses'
import { Run, type Told } from './Run'
import { LINES, RunTable } from './RunTable'

type CompareProps = { find: (id: string) => FinetuningViewFragment | undefined }

const join = (told: Record<string, Told>, run: Told) => ({ ...told, [run.finetuning.id]: run })

// The runs stand in the page's address: a comparison can be shared and loaded again.
export function Compare({ find }: CompareProps) {
  const [search, change] = useSearch()
  const named = [...new Set(search.get('ids')?.split(',').filter(Boolean))]
  const ids = named.slice(0, LINES.length)
  const series = SERIES.find(({ field }) => field === search.get('loss')) ?? SERIES[0]
  const [told, tell] = useReducer(join, {})
  const runs = ids.flatMap((id) => told[id] ?? [])

  return (
    <section className="panel" aria-labelledby="compare-title">
      <Link href="/" className="back">
        ← All finetunings
      </Link>
      <h2 id="compare-title">Compare</h2>
      {ids.length < 2 && <p className="hint">Tick two finetunings or more in the list, and compare them.</p>}
      {named.length > ids.length && <p className="hint">Only the first {ids.length} are compared.</p>}
      {ids.map((id) => (
        <Run key={id} id={id} known={find(id)} onTold={tell} />
      ))}
      {runs.length > 0 && (
        <>
          <div className="chart-header">
            <label className="inline">
              Loss
              <select value={series.field} onChange={({ target }) => change({ loss: target.value })}>
                {SERIES.map(({ field, words }) => (
                  <option key={field} value={field}>
                    {words}
                  </option>
                ))}
              </select>
            </label>
            <AxisChoice />
          </div>
          <RunChart runs={runs} index={SERIES.indexOf(series) + 1} words={series.words} />
          <RunTable runs={runs} />
        </>
      )}
    </section>
  )
}

// One line for each run.
function RunChart({ runs, index, words }: { runs: Told[]; index: number; words: string }) {
  const { axis } = useAxis()
  const lines = useMemo(() => LINES.slice(0, runs.length), [runs.length])
  const tables = runs.map(({ events }) => {
    const losses = lossesOf(events, axis)
    return [losses[0], losses[index] ?? []] as uPlot.AlignedData
  })
  const drawn = tables.filter(([xs]) => xs.length > 0).length
  const label = `${words} loss of ${drawn} of ${runs.length} finetunings over ${AXES[axis]}`
  return (
    <>
      <Chart lines={lines} data={uPlot.join(tables)} over={AXES[axis]} label={label} />
      {drawn < runs.length && <p className="hint">Without a line: those whose provider has told no loss.</p>}
    </>
  )
}
