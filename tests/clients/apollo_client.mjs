// Apollo Client as its documentation sets it up: HTTP, and a WebSocket for subscriptions.
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { args, iterate, socketUrl, travel } from './journey.mjs';

const [uri] = args();
const socket = createClient({ url: socketUrl(), webSocketImpl: WebSocket, retryAttempts: 0 });
const link = ApolloLink.split(
  ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
  new GraphQLWsLink(socket),
  new HttpLink({ uri }),
);
const client = new ApolloClient({ link, cache: new InMemoryCache() });

async function ask(text, variables) {
  const document = gql(text);
  const { data } = text.startsWith('mutation')
    ? await client.mutate({ mutation: document, variables })
    : await client.query({ query: document, variables });
  return data;
}

async function* follow(text, variables) {
  const updates = client.subscribe({ query: gql(text), variables });
  const results = iterate((observer) => {
    const subscription = updates.subscribe(observer);
    return () => subscription.unsubscribe();
  });
  for await (const { data, error } of results) {
    if (error) throw error;
    yield data;
  }
}

function codeOf(error) {
  return CombinedGraphQLErrors.is(error) ? error.errors[0].extensions.code : String(error);
}

await travel({ ask, follow, codeOf });
client.stop();
await socket.dispose();
