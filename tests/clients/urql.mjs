// urql with no exchange but its own: fetch for everything, subscriptions as event streams.
import { Client, fetchExchange } from '@urql/core';

import { args, iterate, travel } from './journey.mjs';

const [url] = args();
const client = new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false });

function dataOf({ data, error }) {
  if (error) throw error;
  return data;
}

async function ask(query, variables = {}) {
  return dataOf(await client[query.startsWith('mutation') ? 'mutation' : 'query'](query, variables));
}

async function* follow(query, variables) {
  const results = iterate(({ next }) => client.subscription(query, variables).subscribe(next).unsubscribe);
  for await (const result of results) yield dataOf(result);
}

await travel({ ask, follow, codeOf: ({ graphQLErrors: [error] }) => error.extensions.code });
