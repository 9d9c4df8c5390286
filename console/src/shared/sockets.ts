// Follows subscriptions over one WebSocket, through lost connections and restarts of the server.

import { createClient, type Sink } from 'graphql-ws'

import type { FinetuningEventsSubscription, FinetuningUpdatedSubscription } from '../gql/graphql'
import { socketUrl } from './addresses'
import { accepted, isRefused, refused, shownCredential } from './credential'
import { isPassing } from './problems'

export type Liveness = 'connecting' | 'live' | 'lost'

type Told = FinetuningEventsSubscription | FinetuningUpdatedSubscription
type Payload = { query: string; variables: { after?: string } }

const RETRY_MS = 1_000
const LONGEST_RETRY_MS = 10_000

const FORBIDDEN = 4403 // the close code for a credential that is not accepted, or no longer

let liveness: Liveness = 'connecting'
let isConnected = false
const watchers = new Set<() => void>()

function become(next: Liveness) {
  liveness = next
  watchers.forEach((tell) => tell())
}

const sockets = createClient({
  url: socketUrl.href,
  connectionParams: shownCredential, // anew for each connection
  retryAttempts: Infinity,
  shouldRetry: () => true,
  // A refused credential is not tried again: another one loads the page anew.
  retryWait: (retries) =>
    new Promise((done) => {
      if (!isRefused()) setTimeout(done, Math.min(RETRY_MS * 2 ** retries, LONGEST_RETRY_MS))
    }),
  on: {
    connected() {
      isConnected = true
      accepted()
      become('live')
    },
    closed(event) {
      if (event instanceof CloseEvent && event.code === FORBIDDEN) refused()
      isConnected = false
      become('lost')
    },
  },
})

export const readLiveness = () => liveness

export function watchLiveness(tell: () => void) {
  watchers.add(tell)
  return () => watchers.delete(tell)
}

// Subscribes, again and again if need be, up to the call of the returned function.
export function follow(payload: Payload, sink: Sink<{ data?: Told | null }>) {
  let stop = () => {}
  let isStopped = false
  let isTold = false

  function begin() {
    if (isStopped) return
    stop = sockets.subscribe<Told>(payload, { next, error: fail, complete })
    if (isConnected) become('live')
  }

  function next(result: { data?: Told | null }) {
    if (!result.data) return // an error in the middle of it: the end follows, and begins it again
    // Each new connection sends the payload again, and it then asks for the events to come.
    if ('finetuningEvents' in result.data) {
      const { cursor, event } = result.data.finetuningEvents
      payload.variables.after = cursor
      isTold = event.kind === 'DELETED'
    }
    sink.next(result)
  }

  // The server ends the subscription: it stops, this page was too slow, or all is told.
  function complete() {
    if (isStopped) return
    if (isTold) return sink.complete()
    beginAgain()
  }

  function beginAgain() {
    become('lost')
    setTimeout(begin, RETRY_MS)
  }

  // What passes, such as a database that is away, ends no subscription.
  function fail(problem: unknown) {
    if (isStopped) return
    if (Array.isArray(problem) && problem.some(isPassing)) return beginAgain()
    sink.error(problem)
  }

  begin()
  return () => {
    isStopped = true
    stop()
  }
}
