import type { ReactNode } from 'react'

import type { Problem } from './problems'

export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'calm'

type NoticeProps = { tone: Tone; title: string; children?: ReactNode }

// Something to know, told to screen readers as well when it appears.
export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' ? 'alert' : 'status'}>
      <strong>{title}</strong>
      {children && <p>{children}</p>}
    </div>
  )
}

export function ProblemNotice({ problem }: { problem: Problem | null }) {
  if (!problem) return null
  return (
    <Notice tone="bad" title={problem.title}>
      {problem.detail} <code>{problem.code}</code>
    </Notice>
  )
}
