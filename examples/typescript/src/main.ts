// Lists finetunings, or cancels one: `npm start -- list`, `npm start -- cancel ID`.

import { Client, fetchExchange } from '@urql/core'

import { CancelFinetuningDocument, ListFinetuningsDocument } from './gql/graphql.js'
import { lineOf } from './verdicts.js'

const { GRAPHQL_URL = 'http://127.0.0.1:8000/graphql', GRAPHQL_API_TOKEN } = process.env

const client = new Client({
  url: GRAPHQL_URL,
  preferGetMethod: false,
  ...(GRAPHQL_API_TOKEN && { fetchOptions: { headers: { Authorization: `Bearer ${GRAPHQL_API_TOKEN}` } } }),
  exchanges: [fetchExchange],
})

async function list() {
  const { data, error } = await client.query(ListFinetuningsDocument, { first: 20 })
  if (!data) throw error
  data.finetunings.nodes.forEach((finetuning) => console.log(lineOf(finetuning)))
}

// Asking again is safe, so a lost answer is no reason to look first.
async function cancel(finetuningId: string) {
  const metadata = { reason: 'cancelled by the example' }
  const { data, error } = await client.mutation(CancelFinetuningDocument, { finetuningId, metadata })
  if (!data) throw error
  console.log(lineOf(data.cancelFinetuning))
}

const [command, id] = process.argv.slice(2)
try {
  if (command === 'list') await list()
  else if (command === 'cancel' && id) await cancel(id)
  else throw new Error('usage: npm start -- list | cancel ID')
} catch (problem) {
  console.error(problem instanceof Error ? problem.message : problem)
  process.exitCode = 1
}
