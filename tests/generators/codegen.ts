import type { CodegenConfig } from '@graphql-codegen/cli'

const scalars = {
  DateTime: 'string',
  NumberOrAuto: "number | 'auto'",
  StringMap: 'Record<string, string>',
}
const config = { scalars, strictScalars: true, useTypeImports: true, enumsAsTypes: true }
const plugins = ['typescript-operations']

export default {
  schema: process.env.SCHEMA,
  documents: 'operations/*.graphql',
  generates: {
    'generated/client/': { preset: 'client', config },
    'generated/urql.ts': { plugins: [...plugins, 'typescript-urql'], config },
    'generated/apollo.ts': { plugins: [...plugins, 'typescript-react-apollo'], config },
  },
} satisfies CodegenConfig
