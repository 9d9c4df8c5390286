// Documents as types alone: a field that the schema does not have is a type error.
import { initGraphQLTada, type ResultOf, type VariablesOf } from 'gql.tada'

import type { introspection } from './generated/tada'

const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: { DateTime: string; NumberOrAuto: number | 'auto'; StringMap: Record<string, string> }
}>()

export const finetunings = graphql(`
  query Finetunings($filter: FinetuningFilter, $last: Int, $before: String) {
    finetunings(filter: $filter, last: $last, before: $before) {
      totalCount
      nodes {
        id
        status
        metadata
      }
    }
  }
`)

export const anything = graphql(`
  query Anything($id: ID!) {
    node(id: $id) {
      __typename
      ... on Finetuning {
        alias
      }
    }
  }
`)

type Node = ResultOf<typeof finetunings>['finetunings']['nodes'][number]
export const metadata = (node: Node): string | undefined => node.metadata?.reason
export const status = (node: Node): 'CANCELLED' | 'FAILED' | 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'VALIDATING_FILES' =>
  node.status
export const variables: VariablesOf<typeof finetunings> = { filter: { status: ['RUNNING'] }, last: 2 }
export const alias = (found: ResultOf<typeof anything>): string | undefined =>
  found.node?.__typename === 'Finetuning' ? found.node.alias : undefined
