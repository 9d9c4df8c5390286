// Queries and mutations go over HTTP, subscriptions over a WebSocket; what is shown is kept up to date by the latter.

import { Client, fetchExchange, subscriptionExchange } from 'urql'

import { follow } from './sockets'

export const client = new Client({
  url: '/graphql',
  preferGetMethod: false,
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
