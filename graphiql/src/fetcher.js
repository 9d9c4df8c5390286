// Sends operations to the endpoint that served the page, subscriptions over a WebSocket.

import { createGraphiQLFetcher } from '@graphiql/toolkit'
import { createClient } from 'graphql-ws'

import { accepted, another, authorization, current, refused } from './credential.js'
import { storage } from './storage.js'

const endpoint = new URL(location.pathname, location.origin)
const sockets = new URL(endpoint)
sockets.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:'

const UNAUTHORIZED = 401
const FORBIDDEN = 4403 // the socket's close code for a credential that is not accepted, or no longer
const LONGEST_WAIT_MS = 10_000

async function authorizedFetch(url, { headers, ...options }) {
  const answer = await fetch(url, { ...options, headers: withCredential(headers) })
  if (answer.status === UNAUTHORIZED) refused()
  else accepted()
  return answer
}

// What stands in the editor of the headers goes before the tab's credential.
function withCredential(headers = {}) {
  const isGiven = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
  return isGiven ? headers : { ...headers, ...authorization() }
}

// A refused socket waits for another credential, and then the subscription goes on.
const socketWith = (headers) =>
  createClient({
    url: sockets.href,
    connectionParams: () => withCredential(headers),
    retryWait: (retries) => (current().refusal ? another() : after(1000 * 2 ** retries)),
    on: {
      connected: accepted,
      closed: ({ code }) => code === FORBIDDEN && refused(),
    },
  })

const after = (milliseconds) =>
  new Promise((resolve) => setTimeout(resolve, Math.min(milliseconds, LONGEST_WAIT_MS)))

const send = (operation, options) =>
  createGraphiQLFetcher({
    url: endpoint.href,
    fetch: authorizedFetch,
    wsClient: socketWith(options?.headers), // it connects only for a subscription
    enableIncrementalDelivery: false, // the server has neither @defer nor @stream
  })(operation, options)

const CREATED = 'created-finetuning'

export async function fetcher(operation, options) {
  const answer = await send(operation, options)
  const id = answer?.data?.createFinetuning?.id
  if (id) storage.setItem(CREATED, id)
  return answer
}

// Only what this browser created: a cancel that is filled in must never be of somebody else's training.
export const createdFinetuningId = () => storage.getItem(CREATED) ?? undefined

export async function newestDbConnectionId(headers) {
  const query = '{ dbConnections(first: 1) { nodes { id } } }'
  const answer = await send({ query }, { headers })
  return answer?.data?.dbConnections?.nodes[0]?.id
}
