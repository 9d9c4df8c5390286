// graphql-sse, the reference client of GraphQL over server-sent events: a stream for every operation.
import { createClient } from 'graphql-sse';

import { args, travel } from './journey.mjs';

const [url] = args();
const client = createClient({ url, retryAttempts: 0 });

async function* follow(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw { errors };
    yield data;
  }
}

async function ask(query, variables) {
  for await (const data of follow(query, variables)) return data;
}

// A refusal before a stream is opened arrives as the response itself.
async function codeOf({ errors, response }) {
  const [error] = errors ?? (await response.json()).errors;
  return error.extensions.code;
}

await travel({ ask, follow, codeOf });
client.dispose();
