// Lints the schema in the file that is given by the recommended and the Relay rules; prints the findings as JSON.
import { dirname } from 'node:path'
import { argv } from 'node:process'

import graphql from '@graphql-eslint/eslint-plugin'
import { ESLint } from 'eslint'

const schema = argv[2]

const values = [
  'BaseLlm',
  'CancelFinetuningResult',
  'Cancellation',
  'Dataset',
  'FinetuningEvent',
  'FinetuningEventDelivery',
  'GoldenRecordWarning',
  'LastFault',
  'ModelParameters',
  'PageInfo',
  'TrainedParameters',
  'TrainingMetrics',
]

const exceptions = {
  // An event is a part of its finetuning, and no node. Lists of a bounded length are plain lists.
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
  // `finetuningFileId`, `finetuningJobId` and the like are the contract's names.
  '@graphql-eslint/no-typename-prefix': 'off',
  // A part of a document has no id of its own.
  '@graphql-eslint/strict-id-in-types': [
    'error',
    { exceptions: { types: [...values, 'Viewer'], suffixes: ['Connection', 'Edge', 'Payload'] } },
  ],
}

const eslint = new ESLint({
  cwd: dirname(schema),
  overrideConfigFile: true,
  overrideConfig: {
    files: ['**/*.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      ...exceptions,
    },
  },
})
const [{ messages }] = await eslint.lintFiles([schema])
console.log(JSON.stringify(messages.map(({ line, ruleId, message }) => ({ line, ruleId, message }))))
