// Sends operations to the endpoint that served the page, subscriptions over a WebSocket.

import { createGraphiQLFetcher } from '@graphiql/toolkit'

import { storage } from './storage.js'

const endpoint = new URL(location.pathname, location.origin)
const sockets = new URL(endpoint)
sockets.protocol = endpoint.protocol === 'https:' ? 'wss:' : 'ws:'

const send = createGraphiQLFetcher({
  url: endpoint.href,
  subscriptionUrl: sockets.href,
  enableIncrementalDelivery: false, // the server has neither @defer nor @stream
})

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
