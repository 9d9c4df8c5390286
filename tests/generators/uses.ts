// What each generator makes, used once: the compiler holds it to the schema.
import { createClient } from './generated/genql'
import { AnythingDocument, type FinetuningsQuery } from './generated/client/graphql'
import { useFinetuningsQuery as apolloQuery } from './generated/apollo'
import { useFinetuningsQuery as urqlQuery } from './generated/urql'

export const total = (page: FinetuningsQuery): number | null | undefined => page.finetunings.totalCount
export const anything = AnythingDocument
export const hooks = [apolloQuery, urqlQuery]

export const withGenql = async (): Promise<string | undefined> => {
  const client = createClient({ url: 'http://127.0.0.1:8000/graphql' })
  const { node } = await client.query({
    node: { __args: { id: '65f0c0ffee65f0c0ffee65f0' }, __typename: true, on_Finetuning: { alias: true } },
  })
  return node?.__typename === 'Finetuning' ? node.alias : undefined
}
