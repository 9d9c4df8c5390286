import 'uplot/dist/uPlot.min.css'

import { useEffect, useMemo, useRef } from 'react'
import uPlot from 'uplot'

import type { Delivery } from './events'
import { type Losses, lossesOf, SERIES, summaryOf } from './losses'

const HEIGHT = 220

// A colour of the page, as it is now: dark or light.
const ink = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name)

function drawn(place: HTMLElement, data: Losses) {
  const axis = { stroke: ink('--chart-soft'), grid: { stroke: ink('--chart-line') } }
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: { time: false } },
    axes: [{ ...axis, label: 'Step', labelSize: 18 }, { ...axis, label: 'Loss', labelSize: 18 }],
    series: [
      {},
      ...SERIES.map(({ ink: name, dash }) => ({ stroke: ink(name), width: 2, dash: [...dash], spanGaps: true })),
    ],
  }
  return new uPlot(options, data, place)
}

// The losses over the steps, as far as they are told.
export function LossChart({ events }: { events: Delivery[] }) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  const losses = useMemo(() => lossesOf(events), [events])
  const isEmpty = losses[0].length === 0

  useEffect(() => {
    if (isEmpty || !place.current) return
    const own = place.current
    const plot = drawn(own, [[], [], [], []])
    chart.current = plot
    const widths = new ResizeObserver(() => plot.setSize({ width: own.clientWidth, height: HEIGHT }))
    widths.observe(own)
    const darkness = matchMedia('(prefers-color-scheme: dark)')
    const paint = () => plot.redraw()
    darkness.addEventListener('change', paint)
    return () => {
      widths.disconnect()
      darkness.removeEventListener('change', paint)
      plot.destroy()
    }
  }, [isEmpty])

  useEffect(() => chart.current?.setData(losses), [losses])

  if (isEmpty) return null
  return (
    <section aria-labelledby="loss-title">
      <h3 id="loss-title">Loss</h3>
      <div ref={place} className="chart" role="img" aria-label={summaryOf(losses)} />
      <ul className="legend">
        {SERIES.map(({ words, tone }, index) => {
          const last = losses[index + 1]?.findLast((loss) => loss != null)
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
