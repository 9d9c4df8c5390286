// Queries that recover by themselves: after an outage every panel asks again.

import { useCallback, useEffect, useRef, useSyncExternalStore } from 'react'
import { type AnyVariables, useQuery, type UseQueryArgs } from 'urql'

import { mayHeal } from './problems'
import { readLiveness, watchLiveness } from './sockets'

const AGAIN_MS = 3_000

export const useLiveness = () => useSyncExternalStore(watchLiveness, readLiveness)

export function useHealing<Data, Variables extends AnyVariables>(asked: UseQueryArgs<Variables, Data>) {
  const [state, execute] = useQuery<Data, Variables>(asked)
  // An answer that another panel has already would be given again.
  const ask = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute])
  const liveness = useLiveness()
  const isPaused = asked.pause ?? false
  const isIll = mayHeal(state.error)

  // A break may have hidden changes, and so may the time before the first connection.
  const before = useRef(liveness)
  useEffect(() => {
    if (liveness === 'live' && before.current !== 'live' && !isPaused) ask()
    before.current = liveness
  }, [liveness, isPaused, ask])

  useEffect(() => {
    if (!isIll || state.fetching) return
    const again = setTimeout(ask, AGAIN_MS)
    return () => clearTimeout(again)
  }, [isIll, state.fetching, ask])

  return [state, ask] as const
}
