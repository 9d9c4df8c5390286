// The losses of a training by step, as the chart wants them.

import type { Delivery } from './events'

type Column = (number | null)[]
export type Losses = [number[], Column, Column, Column]

export const SERIES = [
  { field: 'trainLoss', words: 'Training', ink: '--chart-train', tone: 'train', dash: [] },
  { field: 'validLoss', words: 'Validation', ink: '--chart-valid', tone: 'valid', dash: [6, 3] },
  { field: 'fullValidLoss', words: 'Full validation', ink: '--chart-full', tone: 'full', dash: [2, 3] },
] as const

export function lossesOf(events: Delivery[]): Losses {
  const bySteps = new Map<number, (typeof events)[number]['event']['metrics']>()
  for (const { event } of events) {
    if (event.metrics?.step != null) bySteps.set(event.metrics.step, event.metrics)
  }
  const steps = [...bySteps.keys()].sort((one, other) => one - other)
  const [train, valid, full] = SERIES.map(({ field }) => steps.map((step) => bySteps.get(step)?.[field] ?? null))
  return [steps, train ?? [], valid ?? [], full ?? []]
}

export function summaryOf([steps, ...columns]: Losses) {
  const latest = SERIES.map(({ words }, index) => {
    const last = columns[index]?.findLast((loss) => loss != null)
    return last == null ? '' : `${words.toLowerCase()} loss ${last.toFixed(3)}`
  })
  return `Loss up to step ${steps.at(-1)}: ${latest.filter(Boolean).join(', ')}`
}
