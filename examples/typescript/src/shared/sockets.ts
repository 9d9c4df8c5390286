// Follows subscriptions over one WebSocket, through lost connections and restarts of the server.

import { createClient, type Sink } from 'graphql-ws'

import type { FinetuningEventsSubscription, FinetuningUpdatedSubscription } from '../gql/graphql'

export type Liveness = 'connecting' | 'live' | 'lost'

type Told = FinetuningEventsSubscription | FinetuningUpdatedSubscription
type Payload = { query: string; variables: { after?: string } }

const RETRY_MS = 1_000
const LONGEST_RETRY_MS = 10_000

const endpoint = new URL('/graphql', location.href)
endpoint.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:'

let liveness: Liveness = 'connecting'
const watchers = new Set<() => void>()

function become(next: Liveness) {
  liveness = next
  watchers.forEach((tell) => tell())
}

const sockets = createClient({
  url: endpoint.href,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  retryWait: (retries) =>
    new Promise((done) => setTimeout(done, Math.min(RETRY_MS * 2 ** retries, LONGEST_RETRY_MS))),
  on: { connected: () => become('live'), closed: () => become('lost') },
})

export const readLiveness = () => liveness

export function watchLiveness(tell: () => void) {
  watchers.add(tell)
  return () => watchers.delete(tell)
}

// Subscribes until the function that it returns is called.
export function follow(payload: Payload, sink: Sink<{ data?: Told | null }>) {
  let stop = () => {}
  let isStopped = false
  const begin = () => {
    stop = sockets.subscribe<Told>(payload, {
      next(result) {
        // The payload is sent again whenever the connection is made anew: it then asks for what is still to come.
        if (result.data && 'finetuningEvents' in result.data)
          payload.variables.after = result.data.finetuningEvents.cursor
        sink.next(result)
      },
      error: (problem) => sink.error(problem),
      // A server that stops completes its subscriptions; the next one will know how they go on.
      complete: () => isStopped || setTimeout(() => isStopped || begin(), RETRY_MS),
    })
  }
  begin()
  return () => {
    isStopped = true
    stop()
  }
}
