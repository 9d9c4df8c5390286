import type { CodegenConfig } from '@graphql-codegen/cli'

import scalars from './scalars.json' with { type: 'json' }

const config: CodegenConfig = {
  schema: '../schema.graphql',
  documents: 'src/**/*.graphql',
  generates: {
    'src/gql/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        scalars,
        strictScalars: true, // a scalar missing from the map stops the generation
        useTypeImports: true,
      },
    },
  },
}

export default config
