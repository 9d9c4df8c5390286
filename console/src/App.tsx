import { Link, Route, Switch, useLocation, useRoute } from 'wouter'

import { Catalogue } from './catalogue/Catalogue'
import { Compare } from './charts/Compare'
import { FinetuningList } from './finetunings/FinetuningList'
import { FinetuningPage } from './finetunings/FinetuningPage'
import { NewFinetuning } from './finetunings/NewFinetuning'
import { useFinetunings } from './finetunings/useFinetunings'
import type { FinetuningViewFragment } from './gql/graphql'
import { Credential } from './shared/Credential'
import { useLiveness } from './shared/healing'
import type { Liveness } from './shared/sockets'

const LIVENESS: Record<Liveness, string> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Reconnecting…',
}

export function App() {
  const liveness = useLiveness()
  const told = useFinetunings()
  const [, go] = useLocation()
  const [isHome] = useRoute('/')

  function showCreated(finetuning: FinetuningViewFragment) {
    told.remember(finetuning)
    go(`/finetunings/${finetuning.id}`)
  }

  return (
    <>
      <header className="bar">
        <h1>
          <Link href="/">Finetunings</Link>
        </h1>
        <nav aria-label="Pages">
          <Link href="/new">New finetuning</Link>
          <Link href="/golden-records">Golden records</Link>
        </nav>
        <span className={`liveness ${liveness}`} role="status">
          {LIVENESS[liveness]}
        </span>
      </header>
      <Credential />
      <main className={isHome ? 'home' : 'chosen'}>
        <FinetuningList {...told} />
        <div className="content">
          <Switch>
            <Route path="/new">
              <NewFinetuning onCreated={showCreated} />
            </Route>
            <Route path="/golden-records">
              <Catalogue />
            </Route>
            <Route path="/compare">
              <Compare find={told.find} />
            </Route>
            <Route path="/finetunings/:id">
              {({ id }) => (
                <FinetuningPage
                  key={id}
                  id={id}
                  known={told.find(id)}
                  onAnswer={told.remember}
                  onGone={told.forget}
                />
              )}
            </Route>
            <Route path="/">
              <p className="panel hint">Choose a finetuning to see how it goes.</p>
            </Route>
            <Route>
              <p className="panel">
                There is nothing at this address. <Link href="/">All finetunings</Link>
              </p>
            </Route>
          </Switch>
        </div>
      </main>
    </>
  )
}
