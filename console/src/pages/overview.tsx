/**
 * What needs attention first, then how it goes, then what just happened.
 */
import { useEffect, useState } from 'preact/hooks'
import { api, ask, type Session, type Subscription } from '../api/client.js'
import { listSubscriptions, nameAmong } from '../api/subscriptions.js'
import { useTail } from '../api/tail.js'
import { countTasks, FAILED, type Failed, failedOnes, failingNow, oldestWaiting, UNFINISHED } from '../api/tasks.js'
import { useAsk } from '../api/use-ask.js'
import { to } from '../router.js'
import { useSession } from '../session.js'
import { confirm } from '../ui/deeds.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { SPARK_POINTS, Spark, useHistory } from '../ui/spark.js'
import { State } from '../ui/state.js'
import { count, many, Time } from '../ui/time.js'
import { EventList } from './events.js'
import { Latency } from './latency.js'
import { redriving } from './redrive.js'

const EVERY = 5_000
const RETRIED_EVERY = 10_000

async function look(session: Session) {
  const may = (scope: string) => session.scopes.includes(scope)
  const subscriptions = may('subscriptions:read') ? await listSubscriptions() : []
  if (!may('tasks:read')) return { subscriptions, counts: null, failures: [], suspended: 0 }
  const [counts, failures, suspended] = await Promise.all([
    countTasks(session, subscriptions),
    failedOnes(session, subscriptions),
    ask(api.GET('/v1/events', { params: { query: { state: 'suspended', limit: '100' } } })),
  ])
  return { subscriptions, counts, failures, suspended: suspended.items.length }
}

export function Overview() {
  const session = useSession()
  const { data, problem, loading, again } = useAsk(() => look(session), [session.id], EVERY)
  return (
    <>
      <h1>Overview</h1>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data && (
        <>
          <Attention {...data} />
          {data.counts && <Tiles counts={data.counts} />}
        </>
      )}
      <div class="card">
        <h2>The last minutes</h2>
        <div class="charts">
          <Rate />
          {data?.counts && <Depth now={data.counts.unprocessed} at={data} />}
          {session.scopes.includes('metrics:read') && <Latency />}
        </div>
      </div>
      {session.scopes.includes('events:read') && <Latest />}
    </>
  )
}

// ---------------------------------------------------------------------------------------------- what needs attention

interface AttentionProps {
  readonly subscriptions: readonly Subscription[]
  readonly failures: readonly Failed[]
  /** How many were given up in all; null: it may not see that. */
  readonly counts: { readonly errors: number } | null
  readonly suspended: number
}

function Attention({ subscriptions, failures, counts, suspended }: AttentionProps) {
  const session = useSession()
  const further = (counts?.errors ?? 0) - failures.reduce((sum, { number }) => sum + number, 0)
  const { data: retried } = useAsk(
    () => failingNow(session, subscriptions),
    [subscriptions.map(({ id, state }) => id + state)],
    RETRIED_EVERY,
  )
  const trying = (retried ?? []).filter((task) => !failures.some((each) => each.subscription === task.subscription))
  const stopped = subscriptions.filter(({ state }) => state === 'disabled' || state === 'paused')
  if (failures.length + stopped.length + suspended + trying.length === 0)
    return retried && <div class="notice good">All is well: nothing failed, nothing is stopped.</div>
  const nameOf = (id: string) => nameAmong(subscriptions, id)
  return (
    <section class="card" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <ul class="attention">
        {failures.map(({ subscription, latest, number }) => (
          <li key={subscription}>
            <div>
              <State of="failed" />{' '}
              <strong>
                {many(number, 'event')} did not reach {nameOf(subscription)}
              </strong>
              <div class="faint small">{latest.message ?? latest.code}</div>
            </div>
            <div class="buttons">
              <a class="button" href={whyOf(subscription)}>
                See why
              </a>
              {session.scopes.includes('tasks:write') && (
                <button
                  type="button"
                  onClick={() => void confirm(redriving({ name: nameOf(subscription), subscription, who: session.id }))}
                >
                  Send again …
                </button>
              )}
            </div>
          </li>
        ))}
        {failures.length > 0 && further > 0 && (
          <li>
            <div>
              <State of="failed" /> <strong>{many(further, 'event')} did not reach others</strong>
            </div>
            <a class="button" href={to('queue', { state: FAILED })}>
              See them
            </a>
          </li>
        )}
        {trying.map(({ subscription, message, wakeAt }) => (
          <li key={subscription}>
            <div>
              <State of="retry" label="failing" /> <strong>{nameOf(subscription)} does not take what it is sent</strong>
              <div class="faint small">
                {message} It is tried again by itself
                {wakeAt && (
                  <>
                    , next <Time at={wakeAt} />
                  </>
                )}
                .
              </div>
            </div>
            <a class="button" href={to('subscription', { id: subscription })}>
              See why
            </a>
          </li>
        ))}
        {stopped.map(({ id, name, state, reason }) => (
          <li key={id}>
            <div>
              <State of={state} /> <strong>{name} is told nothing</strong>
              {reason && <div class="faint small">{reason}</div>}
            </div>
            <a class="button" href={to('subscription', { id })}>
              Open
            </a>
          </li>
        ))}
        {suspended > 0 && (
          <li>
            <div>
              <State of="suspended" /> <strong>{many(suspended, 'event')} kept back by a processor</strong>
            </div>
            <a class="button" href={to('events', { state: 'suspended' })}>
              See them
            </a>
          </li>
        )}
      </ul>
    </section>
  )
}

/** What is built in has no page of its own. */
const whyOf = (subscription: string): string =>
  subscription.startsWith('local.')
    ? to('queue', { subscription, state: FAILED })
    : to('subscription', { id: subscription })

// ---------------------------------------------------------------------------------------------- how it goes

interface TilesProps {
  readonly counts: { readonly states: Readonly<Record<string, number>>; unprocessed: number; errors: number }
}

/** Where a million wait, the oldest is found in half a second: the page does not stand still for it. */
function Oldest() {
  const { wholeTenant } = useSession()
  const { data } = useAsk(async () => (wholeTenant ? await oldestWaiting() : null), [wholeTenant], 30_000)
  return <>{data ? `the oldest for more than ${data}` : 'none waits for long'}</>
}

const Tiles = ({ counts }: TilesProps) => (
  <div class="tiles">
    <a class="tile" href={to('queue', { state: UNFINISHED })}>
      On their way <strong>{count(counts.unprocessed)}</strong>
      <span class="faint small">{counts.unprocessed > 0 ? <Oldest /> : 'none waits for long'}</span>
    </a>
    <a class={`tile ${counts.errors > 0 ? 'bad' : ''}`} href={to('queue', { state: FAILED })}>
      Failed <strong>{count(counts.errors)}</strong>
      <span class="faint small">{counts.errors > 0 ? 'until they are sent again' : 'nothing was given up'}</span>
    </a>
    <a class="tile" href={to('queue', { state: 'done' })}>
      Delivered <strong>{count(counts.states.done ?? 0)}</strong>
      <span class="faint small">as far as history is kept</span>
    </a>
  </div>
)

/** Events a second, from how far the log has come: a sequence is given to each. */
function Rate() {
  const may = useSession().scopes.includes('events:read')
  const { data } = useAsk(
    async () => {
      const page = may ? await ask(api.GET('/v1/events', { params: { query: { limit: '1' } } })) : { items: [] }
      return { sequence: Number(page.items[0]?.sequence ?? 0), at: Date.now() }
    },
    [may],
    EVERY,
  )
  const seen = useHistory(data)
  const rates = seen.slice(1).map((point, index) => rateBetween(seen[index], point))
  const now = rates.at(-1)
  return may ? <Spark label="Events a second" points={rates} shown={now === undefined ? '…' : fine(now)} /> : null
}

interface Head {
  readonly sequence: number
  readonly at: number
}

const rateBetween = (before: Head | undefined, { sequence, at }: Head): number =>
  before === undefined ? 0 : Math.max(0, ((sequence - before.sequence) * 1_000) / Math.max(1, at - before.at))

const fine = (rate: number): string => (rate < 10 ? rate.toFixed(1) : count(Math.round(rate)))

function Depth({ now, at }: { readonly now: number; readonly at: unknown }) {
  const [points, set] = useState<readonly number[]>([])
  useEffect(() => set((before) => [...before, now].slice(-SPARK_POINTS)), [at])
  return <Spark label="On their way" points={points} shown={count(now)} />
}

// ---------------------------------------------------------------------------------------------- what just happened

function Latest() {
  const { data, problem, again } = useAsk(
    () => ask(api.GET('/v1/events', { params: { query: { limit: '10' } } })),
    [],
    30_000,
  )
  useTail(again)
  return (
    <section class="card" aria-labelledby="latest">
      <h2 id="latest">
        What just happened
        <span class="buttons">
          <a href={to('events')}>All events</a>
        </span>
      </h2>
      <Fault of={problem} again={again} />
      {data?.items.length === 0 && <Empty>No event yet. What is published shows up here by itself.</Empty>}
      {data && data.items.length > 0 && <EventList events={data.items} />}
    </section>
  )
}
