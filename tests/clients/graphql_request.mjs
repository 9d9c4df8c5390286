// graphql-request: queries and mutations alone.
import { GraphQLClient } from 'graphql-request';

import { args, travel } from './journey.mjs';

const [url] = args();
const client = new GraphQLClient(url);

await travel({
  ask: (query, variables) => client.request(query, variables),
  codeOf: ({ response }) => response.errors[0].extensions.code,
});
