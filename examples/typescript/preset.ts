// graphql-codegen's client preset, with a type for everything. Three things in its output say `any` or `unknown`, and
// its options do not avoid them; the types of results, variables and inputs are its own, unchanged.

import { preset as client } from '@graphql-codegen/client-preset'
import { concatAST, getOperationAST, print, separateOperations } from 'graphql'

type Section = Awaited<ReturnType<typeof client.buildGeneratesSection>>[number]
type Plugin = Section['pluginMap'][string]

export const preset: typeof client = {
  ...client,
  async buildGeneratesSection(options) {
    const sections = await client.buildGeneratesSection(options)
    // gql.ts looks documents up by any text there may be; here, each is imported by its name.
    return sections.filter(({ filename }) => !filename.endsWith('/gql.ts')).map(withOwnPlugins)
  },
}

function withOwnPlugins(section: Section): Section {
  const { 'typescript-operations': types, ...others } = section.pluginMap
  if (!types) throw new Error('the client preset no longer makes its types with typescript-operations')
  const pluginMap = { ...others, 'typescript-operations': withExact(types), 'typed-document-node': documents }
  return { ...section, pluginMap }
}

// `Exact` copies an object type with any properties; `object` says so without calling them `unknown`.
function withExact({ plugin, ...rest }: Plugin): Plugin {
  const loosened = (line: string) => line.replace('<T extends { [key: string]: unknown }>', '<T extends object>')
  return {
    ...rest,
    async plugin(...given) {
      const written = await plugin(...given)
      return typeof written === 'string' ? written : { ...written, prepend: written.prepend?.map(loosened) }
    },
  }
}

// Each operation with its fragments. The preset writes syntax trees and has to cast them to documents
// by way of `unknown`; urql's `gql` makes a document of the text, and takes its types as arguments.
const documents: Plugin = {
  plugin(_schema, files) {
    const all = concatAST(files.flatMap(({ document }) => document ?? []))
    const constants = Object.entries(separateOperations(all)).map(([name, document]) => {
      const kind = getOperationAST(document)?.operation.replace(/^./, (letter) => letter.toUpperCase())
      const types = `${name}${kind}, ${name}${kind}Variables`
      return `export const ${name}Document = gql<${types}>(${JSON.stringify(print(document))});`
    })
    return { prepend: ["import { gql } from '@urql/core';"], content: constants.join('\n') }
  },
}
