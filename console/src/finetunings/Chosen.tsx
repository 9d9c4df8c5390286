import { useState } from 'react'
import { Link } from 'wouter'

import type { FinetuningStateFragment } from '../gql/graphql'
import { BulkCancelDialog, type Selection } from './BulkCancelDialog'
import { useView } from './view'

type ChosenProps = {
  ids: string[]
  find: (id: string) => FinetuningStateFragment | undefined
}

// What can be done with many: those that are ticked, or all that match the filters.
export function Chosen({ ids, find }: ChosenProps) {
  const { isFiltered, filter, query } = useView()
  const [asked, ask] = useState<Selection>()
  const selection = ids.length > 0 ? { finetuningIds: ids } : isFiltered ? { filter } : undefined
  return (
    <>
      {selection && (
        <div className="chosen-actions">
          <button type="button" className="danger" onClick={() => ask(selection)}>
            {ids.length > 0 ? `Cancel the ${ids.length} ticked…` : 'Cancel all that match…'}
          </button>
          {ids.length > 1 && <Link href={`/compare${query || '?'}${query && '&'}ids=${ids.join(',')}`}>Compare the {ids.length} ticked</Link>}
        </div>
      )}
      {asked && (
        <BulkCancelDialog selection={asked} find={find} onClose={() => ask(undefined)} />
      )}
    </>
  )
}
