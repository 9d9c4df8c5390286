// The losses of a training by step or by time, as the chart wants them.

import type { Delivery } from '../finetunings/events'

type Metrics = NonNullable<Delivery['event']['metrics']>
type Column = (number | null)[]
export type Losses = [number[], Column, Column, Column]
export type Axis = 'step' | 'time'

export const AXES: Record<Axis, string> = { step: 'steps', time: 'minutes since the first step' }

export const SERIES = [
  { field: 'trainLoss', words: 'Training', ink: '--chart-train', tone: 'train', dash: [] },
  { field: 'validLoss', words: 'Validation', ink: '--chart-valid', tone: 'valid', dash: [6, 3] },
  { field: 'fullValidLoss', words: 'Full validation', ink: '--chart-full', tone: 'full', dash: [2, 3] },
] as const

const MINUTE_MS = 60_000

export function lossesOf(events: Delivery[], axis: Axis): Losses {
  const told = events.flatMap(({ event: { at, metrics } }) =>
    metrics?.step == null ? [] : [{ at: Date.parse(at), step: metrics.step, metrics }],
  )
  const start = Math.min(...told.map(({ at }) => at))
  const places = new Map<number, Metrics>(
    told.map(({ at, step, metrics }) => [axis === 'step' ? step : (at - start) / MINUTE_MS, metrics]),
  )
  const xs = [...places.keys()].sort((one, other) => one - other)
  const [train, valid, full] = SERIES.map(({ field }) => xs.map((x) => places.get(x)?.[field] ?? null))
  return [xs, train ?? [], valid ?? [], full ?? []]
}

export const lastOf = (column: Column | undefined) => column?.findLast((loss) => loss != null)

export function placeOf([xs]: Losses, axis: Axis) {
  const last = xs.at(-1) ?? 0
  return axis === 'step' ? `step ${last}` : `minute ${last.toFixed(1)}`
}

export function summaryOf(losses: Losses, axis: Axis) {
  const [, ...columns] = losses
  const latest = SERIES.map(({ words }, index) => {
    const last = lastOf(columns[index])
    return last == null ? '' : `${words.toLowerCase()} loss ${last.toFixed(3)}`
  })
  return `Loss up to ${placeOf(losses, axis)}: ${latest.filter(Boolean).join(', ')}`
}
