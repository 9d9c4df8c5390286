// Queries and mutations go over HTTP, subscriptions over a WebSocket; these keep the page up to date.

import { Client, fetchExchange, subscriptionExchange } from 'urql'

import { graphqlUrl } from './addresses'
import { accepted, refused, shownCredential } from './credential'
import { follow } from './sockets'

const UNAUTHORIZED = 401

async function authorizedFetch(input: RequestInfo | URL, options?: RequestInit) {
  const answer = await fetch(input, options)
  if (answer.status === UNAUTHORIZED) refused()
  else accepted()
  return answer
}

export const client = new Client({
  url: graphqlUrl.href,
  preferGetMethod: false,
  fetch: authorizedFetch,
  fetchOptions: () => ({ headers: shownCredential() }),
  exchanges: [
    fetchExchange,
    subscriptionExchange({
      forwardSubscription: ({ query = '', variables }) => ({
        subscribe: (sink) => ({
          unsubscribe: follow({ query, variables: { ...variables } }, sink),
        }),
      }),
    }),
  ],
})
