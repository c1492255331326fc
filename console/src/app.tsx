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
import {
  Elsewhere,
  forgetSignedIn,
  keepSignedIn,
  onOtherWindow,
  SessionProvider,
  SignIn,
  wasSignedIn,
} from './session.js'
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

type Who = Session | 'asking' | 'nobody' | 'over' | 'elsewhere' | Problem

export function App() {
  const { page } = usePlace()
  const [who, set] = useState<Who>(wasSignedIn() ? 'asking' : 'nobody')
  const entered = (session: Session) => {
    keepSignedIn()
    set(session)
  }
  const enter = () =>
    ask(api.GET('/v1/session')).then(set, (thrown) => {
      const problem = problemOf(thrown)
      if (problem.status === 401) forgetSignedIn()
      set(problem.status === 401 ? 'nobody' : problem)
    })
  useEffect(() => {
    onSessionLost(() => {
      forgetSignedIn()
      set('over')
    })
  }, [])
  useEffect(() => {
    const signedIn = () =>
      ask(api.GET('/v1/session')).then(
        (there) => set((before) => unlessAnother(before, there)),
        () => {},
      )
    return onOtherWindow((isIn) => (isIn ? void signedIn() : set((before) => (isSession(before) ? 'over' : before))))
  }, [])
  // Nobody was here, or it is the same one again.
  useEffect(() => {
    if (who === 'asking') void enter()
  }, [who])
  if (page === RETURN && typeof who === 'string') return <Returned done={entered} />
  if (who === 'asking') return <Loading />
  if (who instanceof Problem) return <Fault of={who} again={enter} />
  if (who === 'elsewhere') return <Elsewhere goOn={() => set('asking')} />
  if (who === 'nobody' || who === 'over') return <SignIn over={who === 'over'} done={entered} />
  return <SignedIn key={who.id} session={who} leave={() => set('nobody')} />
}

const isSession = (who: Who): who is Session => typeof who === 'object' && 'id' in who

/** Somebody signed in in another window: here too, unless somebody else is here. */
function unlessAnother(who: Who, there: Session): Who {
  if (isSession(who)) return who.id === there.id ? who : 'elsewhere'
  return who === 'elsewhere' ? who : there
}

function SignedIn({ session, leave }: { readonly session: Session; leave(): void }) {
  const { page, query } = usePlace()
  const tenant = tenantOf(session, query)
  // Before anything on the page asks.
  lookAt(tenant)
  useEffect(() => {
    if (session.scopes.includes('events:read')) startTail()
    return stopTail
  }, [session, tenant])
  useEffect(() => watchWorks(session.id), [session.id])
  const look = (next: string | null) => go(to('', { tenant: next }))
  const signOut = () => {
    forgetSignedIn()
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

/** The tenant to look at, which only operators choose, is in the address: so it is there after a reload, and in every link that is sent. */
function tenantOf({ allTenants, tenant }: Session, query: URLSearchParams): string | null {
  const asked = query.get('tenant')
  return allTenants && asked !== tenant ? asked : null
}

const Nowhere = () => (
  <>
    <h1>Nothing here</h1>
    <Empty>
      There is no such page. <a href={to('')}>To the overview</a>
    </Empty>
  </>
)
