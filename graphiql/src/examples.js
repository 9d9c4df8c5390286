// The operations to begin with, in the order in which one tries them.

import cancel from './examples/cancel.graphql?raw'
import connect from './examples/connect.graphql?raw'
import create from './examples/create.graphql?raw'
import list from './examples/list.graphql?raw'
import records from './examples/records.graphql?raw'
import watch from './examples/watch.graphql?raw'

const TABLE = 'CREATE TABLE book (id int PRIMARY KEY, title text, year int)'

// As many as a training needs at least.
const RECORDS = Array.from({ length: 10 }, (_, index) => ({
  promptText: `How many books are from ${2010 + index}?`,
  sql: `SELECT count(*) FROM book WHERE year = ${2010 + index}`,
}))

// By the operation's name, which is also the tab's title. The variables are made from the ids that are known.
const EXAMPLES = {
  ConnectDatabase: {
    query: connect,
    variables: () => ({ input: { alias: 'my books', dialect: 'postgres', tableSchemas: [TABLE] } }),
  },
  AddGoldenRecords: {
    query: records,
    variables: ({ dbConnectionId }) => ({
      input: { dbConnectionId: dbConnectionId ?? '', goldenRecords: RECORDS, skipDuplicates: true },
    }),
  },
  CreateFinetuning: {
    query: create,
    variables: ({ dbConnectionId }) => ({
      input: { dbConnectionId: dbConnectionId ?? '', alias: 'first try' },
    }),
  },
  WatchFinetuning: { query: watch, variables: ({ finetuningId }) => ({ finetuningId }) },
  CancelFinetuning: {
    query: cancel,
    variables: ({ finetuningId }) => ({
      finetuningId: finetuningId ?? '',
      metadata: { reason: 'trying things out' },
    }),
  },
  ListFinetunings: { query: list, variables: () => ({ first: 10 }) },
}

// The one that is open at first: a server with sample data has a database already.
export const FIRST = Object.keys(EXAMPLES).indexOf('CreateFinetuning')

export const isExample = (title) => Object.hasOwn(EXAMPLES, title)

// The text for the variables editor.
export const exampleVariables = (title, ids) =>
  JSON.stringify(EXAMPLES[title].variables(ids), null, 2)

export const exampleTabs = () =>
  Object.entries(EXAMPLES).map(([title, { query }]) => ({
    query: query.trimEnd(),
    variables: exampleVariables(title, {}),
  }))
