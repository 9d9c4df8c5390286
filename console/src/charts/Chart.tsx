import 'uplot/dist/uPlot.min.css'

import { useEffect, useRef } from 'react'
import uPlot from 'uplot'

export type Line = { words: string; ink: string; dash: readonly number[] }
type ChartProps = {
  /** The same array as long as the lines are the same. */
  lines: readonly Line[]
  data: uPlot.AlignedData
  over: string
  label: string
}

const HEIGHT = 220

// A colour of the page, as it is now: dark or light.
const ink = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name)

function drawn(place: HTMLElement, lines: readonly Line[], over: string) {
  const axis = { stroke: ink('--chart-soft'), grid: { stroke: ink('--chart-line') } }
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    scales: { x: { time: false } },
    axes: [{ ...axis, label: over, labelSize: 18 }, { ...axis, label: 'Loss', labelSize: 18 }],
    series: [
      {},
      ...lines.map(({ ink: name, dash }) => ({ stroke: ink(name), width: 2, dash: [...dash], spanGaps: true })),
    ],
  }
  return new uPlot(options, [[], ...lines.map(() => [])], place)
}

// Losses as lines; `label` says in words what they show.
export function Chart({ lines, data, over, label }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)

  useEffect(() => {
    if (!place.current) return
    const own = place.current
    const plot = drawn(own, lines, over)
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
  }, [lines, over])

  useEffect(() => chart.current?.setData(data), [data, lines, over])

  return <div ref={place} className="chart" role="img" aria-label={label} />
}
