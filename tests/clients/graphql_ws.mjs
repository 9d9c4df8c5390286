// graphql-ws, the reference client of graphql-transport-ws: everything over one WebSocket.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

import { socketUrl, travel } from './journey.mjs';

const client = createClient({ url: socketUrl(), webSocketImpl: WebSocket, retryAttempts: 0 });

async function* follow(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw errors;
    yield data;
  }
}

async function ask(query, variables) {
  for await (const data of follow(query, variables)) return data;
}

await travel({ ask, follow, codeOf: ([error]) => error.extensions.code });
await client.dispose();
