/**
 * The whole of it: who is signed in, which page is shown.
 */
import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { api, ask, lookAt, onSessionLost, Problem, problemOf, type Session } from './api/client.js'
import { startTail, stopTail } from './api/tail.js'
import { watchWorks } from './api/works.js'
import { Audit } from './pages/audit.js'
import { Catalogue } from './pages/catalogue.js'
import { OneEvent } from './pages/event.js'
import { Events } from './pages/events.js'
import { Explain } from './pages/explain.js'
import { Keys } from './pages/keys.js'
import { Overview } from './pages/overview.js'
import { OwnKey } from './pages/own-key.js'
import { OneProcessor } from './pages/processor.js'
import { Queue } from './pages/queue.js'
import { OneResource } from './pages/resource.js'
import { Resources } from './pages/resources.js'
import { OneSubscription } from './pages/subscription.js'
import { NewSubscription } from './pages/subscription-new.js'
import { Subscriptions } from './pages/subscriptions.js'
import { System } from './pages/system.js'
import { OneTask } from './pages/task.js'
import { Tenants } from './pages/tenants.js'
import { OneType } from './pages/type.js'
import { RETURN, Returned } from './provider.js'
import { go, to, usePlace } from './router.js'
import { keepSignedIn, SessionProvider, SignIn, wasSignedIn } from './session.js'
import { Shell } from './shell.js'
import { Questions, Sayings } from './ui/deeds.js'
import { Empty, Fault, Loading } from './ui/notice.js'

const PAGES: Readonly<Record<string, FunctionComponent>> = {
  '': Overview,
  events: Events,
  event: OneEvent,
  queue: Queue,
  task: OneTask,
  subscriptions: Subscriptions,
  subscription: OneSubscription,
  'subscription-new': NewSubscription,
  explain: Explain,
  catalogue: Catalogue,
  type: OneType,
  processor: OneProcessor,
  resources: Resources,
  resource: OneResource,
  keys: Keys,
  'own-key': OwnKey,
  tenants: Tenants,
  audit: Audit,
  system: System,
}

type Who = Session | 'asking' | 'nobody' | 'over' | Problem

export function App() {
  const { page } = usePlace()
  const [who, set] = useState<Who>(wasSignedIn() ? 'asking' : 'nobody')
  const enter = () =>
    ask(api.GET('/v1/session')).then(set, (thrown) => {
      const problem = problemOf(thrown)
      if (problem.status === 401) keepSignedIn(false)
      set(problem.status === 401 ? 'nobody' : problem)
    })
  useEffect(() => {
    onSessionLost(() => set('over'))
    if (wasSignedIn()) void enter()
  }, [])
  const entered = (session: Session) => {
    keepSignedIn(true)
    set(session)
  }
  if (page === RETURN && typeof who === 'string') return <Returned done={entered} />
  if (who === 'asking') return <Loading />
  if (who instanceof Problem) return <Fault of={who} again={enter} />
  if (who === 'nobody' || who === 'over') return <SignIn over={who === 'over'} done={entered} />
  return <SignedIn session={who} leave={() => set('nobody')} />
}

function SignedIn({ session, leave }: { readonly session: Session; leave(): void }) {
  const { page } = usePlace()
  const [tenant, setTenant] = useState<string | null>(null)
  useEffect(() => {
    if (session.scopes.includes('events:read')) startTail()
    return stopTail
  }, [session, tenant])
  useEffect(() => watchWorks(session.id), [session.id])
  const look = (next: string | null) => {
    lookAt(next)
    setTenant(next)
    go(to(''))
  }
  const signOut = () => {
    lookAt(null)
    keepSignedIn(false)
    void ask(api.DELETE('/v1/session')).finally(leave)
  }
  const Page = PAGES[page] ?? Nowhere
  return (
    <SessionProvider value={session}>
      {/* What one tenant showed is gone when another is looked at. */}
      <Shell key={tenant} page={page} tenant={tenant} look={look} signOut={signOut}>
        <Page />
      </Shell>
      <Questions />
      <Sayings />
    </SessionProvider>
  )
}

const Nowhere = () => (
  <>
    <h1>Nothing here</h1>
    <Empty>
      There is no such page. <a href={to('')}>To the overview</a>
    </Empty>
  </>
)
