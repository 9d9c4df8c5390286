import { useMemo } from 'react'

import type { Delivery } from '../finetunings/events'
import { AxisChoice, useAxis } from './AxisChoice'
import { Chart } from './Chart'
import { AXES, lastOf, lossesOf, SERIES, summaryOf } from './losses'

// The losses of one finetuning, as far as they are told.
export function LossChart({ events }: { events: Delivery[] }) {
  const { axis } = useAxis()
  const losses = useMemo(() => lossesOf(events, axis), [events, axis])
  if (losses[0].length === 0) return null
  return (
    <section aria-labelledby="loss-title">
      <header className="chart-header">
        <h3 id="loss-title">Loss</h3>
        <AxisChoice />
      </header>
      <Chart lines={SERIES} data={losses} over={AXES[axis]} label={summaryOf(losses, axis)} />
      <ul className="legend">
        {SERIES.map(({ words, tone }, index) => {
          const last = lastOf(losses[index + 1] as (typeof losses)[1])
          return (
            last != null && (
              <li key={words} className={tone}>
                {words}: {last.toFixed(3)}
              </li>
            )
          )
        })}
      </ul>
    </section>
  )
}
