// The operations to begin with, in the order in which one tries them.

import cancel from './examples/cancel.graphql?raw'
import create from './examples/create.graphql?raw'
import list from './examples/list.graphql?raw'
import watch from './examples/watch.graphql?raw'

// By the operation's name, which is also the tab's title. The variables are made from the ids that are known.
const EXAMPLES = {
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

export const isExample = (title) => Object.hasOwn(EXAMPLES, title)

// The text for the variables editor.
export const exampleVariables = (title, ids) =>
  JSON.stringify(EXAMPLES[title].variables(ids), null, 2)

export const exampleTabs = () =>
  Object.entries(EXAMPLES).map(([title, { query }]) => ({
    query: query.trimEnd(),
    variables: exampleVariables(title, {}),
  }))
