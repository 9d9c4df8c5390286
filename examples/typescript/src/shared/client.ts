// Queries and mutations go over HTTP, subscriptions over a WebSocket; these keep the page up to date.

import { Client, fetchExchange, subscriptionExchange } from 'urql'

import { shownCredential } from './credential'
import { follow } from './sockets'

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
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
