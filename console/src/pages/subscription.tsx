/**
 * One subscription: how it goes, where it sends to, what it wants; and everything that can be done with it.
 */
import { useState } from 'preact/hooks'
import { type Attempt, api, ask, type Problem, problemOf, type Subscription } from '../api/client.js'
import { useTail } from '../api/tail.js'
import { FAILED, failingOf } from '../api/tasks.js'
import { useAsk } from '../api/use-ask.js'
import { go, to, usePlace } from '../router.js'
import { useMay, useSession } from '../session.js'
import { confirm, say, useDoing } from '../ui/deeds.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { count, Time } from '../ui/time.js'
import { MannerCard } from './manner.js'
import { TaskList } from './queue.js'
import { redriving } from './redrive.js'
import { Replay } from './replay.js'
import { Target } from './target.js'
import { OneAttempt } from './task.js'
import { WishCard } from './wish.js'

const EVERY = 4_000

export function OneSubscription() {
  const id = usePlace().query.get('id') ?? ''
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/subscriptions/{id}', { params: { path: { id } } })),
    [id],
    EVERY,
  )
  const may = useMay('subscriptions:write')
  if (loading) return <Loading />
  if (!data) return <Fault of={problem} again={again} />
  return (
    <>
      <h1>
        {data.name} <State of={data.state} />
        {may && <Deeds of={data} again={again} />}
      </h1>
      <Fault of={problem} again={again} />
      {data.reason && <div class="notice warn">{data.reason}</div>}
      <Health of={data} />
      <div class="columns">
        <Target of={data} again={again} />
        <WishCard of={data} again={again} />
        <MannerCard of={data} again={again} />
      </div>
      {may && (
        <div class="columns">
          <Test of={data} />
          <Replay of={data} />
          {data.hasSecret && <Secret of={data} />}
        </div>
      )}
      <Deliveries of={data} />
    </>
  )
}

interface Props {
  readonly of: Subscription
}

interface ChangingProps extends Props {
  again(): void
}

// ---------------------------------------------------------------------------------------------- how it goes

function Health({ of: { id, name } }: Props) {
  const [sees, may] = [useMay('tasks:read'), useMay('tasks:write')]
  const session = useSession()
  const { data } = useAsk(
    async () => {
      if (!sees) return null
      const query = { subscription: id }
      const [counts, failed, tried] = await Promise.all([
        ask(api.GET('/v1/tasks/counts', { params: { query } })),
        ask(api.GET('/v1/tasks', { params: { query: { ...query, state: [...FAILED], limit: '1' } } })),
        failingOf(session, id),
      ])
      return { counts, latest: failed.items[0], tried }
    },
    [id, sees],
    EVERY,
  )
  if (!data) return null
  const { counts, latest, tried } = data
  return (
    <>
      {tried && (
        <div class="notice warn">
          <p>
            <strong>It does not take what it is sent.</strong> The last answer: {tried.message}
          </p>
          <p>
            It is tried again by itself
            {tried.wakeAt && (
              <>
                , next <Time at={tried.wakeAt} />
              </>
            )}
            . If its target is wrong, mend it below, and try it with a test event.{' '}
            {tried.task && <a href={to('task', { id: tried.task })}>Each attempt so far</a>}
          </p>
        </div>
      )}
      {latest && counts.errors > 0 && (
        <div class="notice bad">
          <p>
            <strong>
              {count(counts.errors)} {counts.errors === 1 ? 'event' : 'events'} did not arrive.
            </strong>{' '}
            The last answer: <code>{latest.code}</code> {latest.message}
          </p>
          <p>
            Mend the target below, try it with a test event, then send again what was given up.{' '}
            <a href={to('task', { id: latest.id })}>Each attempt of the last one</a>
          </p>
          {may && (
            <p>
              <button type="button" onClick={() => confirm(redriving({ name, subscription: id, who: session.id }))}>
                Send again …
              </button>
            </p>
          )}
        </div>
      )}
      <div class="tiles">
        <a class="tile" href={to('queue', { subscription: id, state: ['due', 'waiting', 'leased', 'held'] })}>
          On their way <strong>{count(counts.unprocessed)}</strong>
        </a>
        <a
          class={`tile ${counts.errors > 0 ? 'bad' : ''}`}
          href={to('queue', { subscription: id, state: [...FAILED] })}
        >
          Failed <strong>{count(counts.errors)}</strong>
        </a>
        <a class="tile" href={to('queue', { subscription: id, state: 'done' })}>
          Delivered <strong>{count(counts.states.done ?? 0)}</strong>
        </a>
      </div>
    </>
  )
}

// ---------------------------------------------------------------------------------------------- what can be done

function Deeds({ of: { id, name, state }, again }: ChangingProps) {
  const { busy, problem, run } = useDoing()
  const params = { path: { id } }
  const resume = () =>
    run(async () => {
      await ask(api.POST('/v1/subscriptions/{id}/resume', { params }))
      again()
      return `${name} is told again, from where it stopped.`
    })
  const pause = () =>
    confirm({
      title: `Pause ${name}`,
      body: 'What it would be told is kept, in order, until it goes on.',
      act: 'Pause',
      async work() {
        await ask(api.POST('/v1/subscriptions/{id}/pause', { params }))
        again()
        return `${name} is paused.`
      },
    })
  const remove = () =>
    confirm({
      title: `Remove ${name}`,
      body: 'It is told nothing any more, and what is on its way to it ends. This cannot be undone.',
      act: 'Remove it',
      danger: true,
      async work() {
        await ask(api.DELETE('/v1/subscriptions/{id}', { params }))
        go(to('subscriptions'))
        return `${name} was removed.`
      },
    })
  return (
    <span class="buttons">
      {state === 'paused' || state === 'disabled' ? (
        <button type="button" class="main" disabled={busy} onClick={() => void resume()}>
          Go on
        </button>
      ) : (
        <button type="button" onClick={pause}>
          Pause …
        </button>
      )}
      <button type="button" class="danger" onClick={remove}>
        Remove …
      </button>
      <Fault of={problem} />
    </span>
  )
}

function Test({ of: { id } }: Props) {
  const [busy, setBusy] = useState(false)
  const [came, set] = useState<Attempt | Problem>()
  const send = async () => {
    setBusy(true)
    set(await ask(api.POST('/v1/subscriptions/{id}/test', { params: { path: { id } } })).catch(problemOf))
    setBusy(false)
  }
  return (
    <section class="card">
      <h2>Try it</h2>
      <p>Sends a test event by the real path and shows what came back. It is in no log and counts for nothing.</p>
      <button type="button" disabled={busy} onClick={() => void send()}>
        {busy ? 'Sending …' : 'Send a test event'}
      </button>
      {came && (
        <div style={{ marginTop: '1rem' }}>
          {came instanceof Error ? <Fault of={came} /> : <OneAttempt of={came} />}
        </div>
      )}
    </section>
  )
}

/** The new secret is shown this once, and not kept on the page when it is left. */
function Secret({ of: { id, name } }: Props) {
  const [shown, set] = useState<{ readonly secret?: string; readonly publicKey?: string }>()
  const rotate = () =>
    confirm({
      title: `A new signing secret for ${name}`,
      body: 'The old one signs beside it for a day, so that the receiver can change over.',
      act: 'Make a new one',
      async work() {
        set(await ask(api.POST('/v1/subscriptions/{id}/rotate-secret', { params: { path: { id } }, body: null })))
        return 'There is a new secret.'
      },
    })
  return (
    <section class="card">
      <h2>Signing secret</h2>
      {shown ? (
        <ShownOnce text={shown.secret ?? shown.publicKey ?? ''} />
      ) : (
        <p>Receivers know by it that events are from here.</p>
      )}
      <button type="button" onClick={rotate}>
        Make a new one …
      </button>
    </section>
  )
}

/** What is shown once is easy to take along. */
export function ShownOnce({ text }: { readonly text: string }) {
  const copy = () => navigator.clipboard.writeText(text).then(() => say('It is in the clipboard.'))
  return (
    <div class="notice warn">
      <p>It is shown this once. Keep it where the receiver finds it.</p>
      <p>
        <code>{text}</code>
      </p>
      <button type="button" onClick={() => void copy()}>
        Copy
      </button>
    </div>
  )
}

// ---------------------------------------------------------------------------------------------- deliveries

function Deliveries({ of: { id } }: Props) {
  const may = useMay('tasks:read')
  const { data, again } = useAsk(
    () =>
      may ? ask(api.GET('/v1/tasks', { params: { query: { subscription: id, limit: '20' } } })) : Promise.resolve(null),
    [id, may],
    EVERY,
  )
  useTail(again)
  if (!data) return null
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">
        Latest deliveries
        <span class="buttons">
          <a href={to('queue', { subscription: id })}>All</a>
        </span>
      </h2>
      {data.items.length === 0 ? <Empty>It was told nothing yet.</Empty> : <TaskList tasks={data.items} same />}
    </section>
  )
}
