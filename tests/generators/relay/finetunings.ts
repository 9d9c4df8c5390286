// A list in pages, its rows that can be fetched again, and the history of one of them in pages from its end.
declare function graphql(text: TemplateStringsArray): unknown

export const page = graphql`
  query finetuningsPageQuery($filter: FinetuningFilter) {
    ...finetunings_list @arguments(filter: $filter)
  }
`

export const list = graphql`
  fragment finetunings_list on Query
  @argumentDefinitions(
    filter: { type: "FinetuningFilter" }
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
  )
  @refetchable(queryName: "finetuningsListPaginationQuery") {
    finetunings(filter: $filter, first: $count, after: $cursor) @connection(key: "list_finetunings", filters: ["filter"]) {
      totalCount
      edges {
        node {
          id
          ...finetunings_row
        }
      }
    }
  }
`

export const row = graphql`
  fragment finetunings_row on Finetuning @refetchable(queryName: "finetuningsRowRefetchQuery") {
    alias
    status
    metadata
    baseLlm {
      modelParameters {
        nEpochs
      }
    }
    dbConnection {
      ...finetunings_connection
    }
  }
`

export const connection = graphql`
  fragment finetunings_connection on DbConnection @refetchable(queryName: "finetuningsConnectionRefetchQuery") {
    alias
    tableSchemas
  }
`

export const history = graphql`
  fragment finetunings_history on Finetuning
  @argumentDefinitions(
    first: { type: "Int" }
    after: { type: "String" }
    last: { type: "Int", defaultValue: 20 }
    before: { type: "String" }
  )
  @refetchable(queryName: "finetuningsHistoryPaginationQuery") {
    events(first: $first, after: $after, last: $last, before: $before) @connection(key: "history_events") {
      edges {
        node {
          kind
          at
        }
      }
    }
  }
`

export const anything = graphql`
  fragment finetunings_anything on Node @refetchable(queryName: "finetuningsAnythingRefetchQuery") {
    nodeId
    ... on Finetuning {
      status
    }
    ... on GoldenRecord {
      sql
    }
  }
`

export const changes = graphql`
  subscription finetuningsChangesSubscription($id: ID!) {
    finetuningUpdated(finetuningId: $id) {
      ...finetunings_row
      ...finetunings_history
    }
  }
`

export const cancel = graphql`
  mutation finetuningsCancelMutation($id: ID!, $metadata: StringMap) {
    cancelFinetuning(finetuningId: $id, metadata: $metadata) {
      id
      status
    }
  }
`
