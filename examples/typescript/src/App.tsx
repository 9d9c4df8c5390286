import { useState } from 'react'

import { Catalogue } from './catalogue/Catalogue'
import { FinetuningDetail } from './finetunings/FinetuningDetail'
import { FinetuningList } from './finetunings/FinetuningList'
import { useFinetunings } from './finetunings/useFinetunings'
import type { FinetuningViewFragment } from './gql/graphql'
import { Credential } from './shared/Credential'
import { ProblemNotice } from './shared/Notice'
import type { Liveness } from './shared/sockets'

const LIVENESS: Record<Liveness, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Reconnecting…',
}

export function App() {
  const { finetunings, isLoading, problem, liveness, remember } = useFinetunings()
  const [selectedId, select] = useState<string>()
  const selected = finetunings.find(({ id }) => id === selectedId)

  function showCreated(finetuning: FinetuningViewFragment) {
    remember(finetuning)
    select(finetuning.id)
  }

  return (
    <>
      <header className="bar">
        <h1>Finetunings</h1>
        <Credential />
        <span className={`liveness ${liveness}`} role="status">
          {LIVENESS[liveness]}
        </span>
      </header>
      <main>
        <Catalogue onCreated={showCreated} />
        <div className="column">
          <ProblemNotice problem={problem} />
          <FinetuningList
            finetunings={finetunings}
            isLoading={isLoading}
            selectedId={selectedId}
            onSelect={select}
          />
        </div>
        {selected ? (
          <FinetuningDetail key={selected.id} finetuning={selected} onAnswer={remember} />
        ) : (
          <p className="panel hint">Choose a finetuning to see how it goes.</p>
        )}
      </main>
    </>
  )
}
