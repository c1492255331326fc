/**
 * One event on its way to one subscription: every attempt, what was sent and what came back.
 */
import { type Attempt, api, ask, type TaskWithAttempts } from '../api/client.js'
import { useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { go, to, usePlace } from '../router.js'
import { useMay } from '../session.js'
import { confirm, useDoing } from '../ui/deeds.js'
import { unpadded } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { span, Time } from '../ui/time.js'
import { Value } from '../ui/value.js'

const EVERY = 3_000

export function OneTask() {
  const id = usePlace().query.get('id') ?? ''
  const { nameOf } = useSubscriptions()
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/tasks/{id}', { params: { path: { id } } })),
    [id],
    EVERY,
  )
  if (loading) return <Loading />
  if (!data) return <Fault of={problem} again={again} />
  return (
    <>
      <h1>
        {data.type} to {nameOf(data.subscription)} <State of={data.state} />
        <Deeds task={data} again={again} />
      </h1>
      <Fault of={problem} again={again} />
      <section class="card">
        <dl class="facts">
          <dt>Subscription</dt>
          <dd>
            <a href={to('subscription', { id: data.subscription })}>{nameOf(data.subscription)}</a>
          </dd>
          <dt>About</dt>
          <dd>{data.subject ?? 'nothing in particular'}</dd>
          <dt>Event</dt>
          <dd>
            <EventOf task={data} />
          </dd>
          <dt>Priority</dt>
          <dd>{data.priority}</dd>
          <dt>Made</dt>
          <dd>
            <Time at={data.createdAt} fine />
          </dd>
          {data.wakeAt && (
            <>
              <dt>Next try</dt>
              <dd>
                <Time at={data.wakeAt} fine />
              </dd>
            </>
          )}
          {data.blockedBy && (
            <>
              <dt>Waits for</dt>
              <dd>another task that works on {data.blockedBy}</dd>
            </>
          )}
          {data.endedAt && (
            <>
              <dt>Ended</dt>
              <dd>
                <Time at={data.endedAt} fine /> {data.code && <code>{data.code}</code>} {data.message}
              </dd>
            </>
          )}
        </dl>
      </section>
      <h2>Attempts</h2>
      {data.history.length === 0 && <Empty>It was not tried yet.</Empty>}
      {data.history.toReversed().map((attempt) => (
        <OneAttempt key={attempt.number} of={attempt} />
      ))}
    </>
  )
}

/** A task knows its event's place in the log; the list finds it by that. */
function EventOf({ task }: { readonly task: TaskWithAttempts }) {
  const { data } = useAsk(
    () =>
      ask(
        api.GET('/v1/events', {
          params: {
            query: {
              type: task.type,
              ...(task.subject !== null && { subject: task.subject }),
              from: new Date(Date.parse(task.createdAt) - 120_000).toISOString(),
              limit: '1000',
            },
          },
        }),
      ),
    [task.id],
  )
  const found = data?.items.find(({ sequence }) => sequence === task.sequence)
  if (!found) return <>number {unpadded(task.sequence)} of the log</>
  return (
    <a href={to('event', { id: String(found.event.id), source: String(found.event.source) })}>
      {String(found.event.id)}
    </a>
  )
}

/** What is known of an attempt beyond its outcome depends on the way out. */
const COMMON = ['number', 'outcome', 'code', 'message', 'response', 'startedAt', 'endedAt', 'milliseconds', 'node']

const TITLES = {
  ...{
    request: 'Sent',
    target: 'To',
    method: 'Method',
    headers: 'Headers',
    bytes: 'Bytes',
    digest: 'SHA-256 of the body',
  },
  ...{ timing: 'Milliseconds', errorClass: 'Kind of fault', body: 'Body', replayedAt: 'Told again since' },
}

export function OneAttempt({ of }: { readonly of: Attempt }) {
  const more = Object.fromEntries(
    Object.entries(of).filter(([name, value]) => !COMMON.includes(name) && value !== null),
  )
  return (
    <section class="card">
      <h2>
        Attempt {of.number} <State of={of.outcome} /> {of.code && <code>{of.code}</code>}
        <span class="faint small">
          <Time at={of.startedAt} fine />, {span(of.milliseconds)}, by {of.node}
        </span>
      </h2>
      {of.message && <p>{of.message}</p>}
      {Object.keys(more).length > 0 && (
        <details open>
          <summary>What was sent, and how it went</summary>
          <Value of={more} titles={TITLES} />
        </details>
      )}
      {of.response && (
        <details>
          <summary>What came back</summary>
          <pre>{of.response}</pre>
        </details>
      )}
    </section>
  )
}

const UNFINISHED = ['due', 'waiting', 'leased', 'held']
const PRIORITIES = ['immediate', 'high', 'normal'] as const

function Deeds({ task, again }: { readonly task: TaskWithAttempts; again(): void }) {
  const may = useMay('tasks:write')
  const { busy, problem, run } = useDoing()
  if (!may) return null
  const params = { path: { id: task.id } }
  const unfinished = UNFINISHED.includes(task.state)
  const retry = () =>
    run(async () => {
      await ask(api.POST('/v1/tasks/{id}/retry', { params }))
      again()
      return 'It is tried again now.'
    })
  const resend = () =>
    confirm({
      title: 'Send again what was delivered',
      body: 'The receiver gets it once more, by the same id: it knows by that that it has it.',
      act: 'Send again',
      async work() {
        await ask(api.POST('/v1/tasks/{id}/retry', { params }))
        again()
        return 'It is on its way again.'
      },
    })
  const prioritise = (priority: (typeof PRIORITIES)[number]) =>
    run(async () => {
      await ask(api.PUT('/v1/tasks/{id}/priority', { params, body: { priority } }))
      again()
      return `Its priority is ${priority}.`
    })
  const cancel = () =>
    confirm({
      title: 'Stop it',
      body: 'It is not sent, and an attempt under way is broken off. It can be sent again later.',
      act: 'Stop it',
      danger: true,
      async work() {
        await ask(api.POST('/v1/tasks/{id}/cancel', { params }))
        again()
        return 'It was stopped.'
      },
    })
  const remove = () =>
    confirm({
      title: 'Delete it from the queue',
      body: 'It goes with the entries that came of it. The event stays; this cannot be undone.',
      act: 'Delete it',
      danger: true,
      async work() {
        await ask(api.DELETE('/v1/tasks/{id}', { params }))
        go(to('queue'))
        return 'It was deleted.'
      },
    })
  return (
    <span class="buttons">
      {task.state === 'done' && (
        <button type="button" onClick={resend}>
          Send again …
        </button>
      )}
      {task.state !== 'done' && task.state !== 'leased' && (
        <button type="button" class="main" disabled={busy} onClick={() => void retry()}>
          Send again now
        </button>
      )}
      {unfinished && (
        <>
          <label class="compact">
            <span class="hidden">Priority</span>
            <select
              value={task.priority}
              onChange={(event) => void prioritise(event.currentTarget.value as (typeof PRIORITIES)[number])}
            >
              {PRIORITIES.map((word) => (
                <option key={word}>{word}</option>
              ))}
            </select>
          </label>
          <button type="button" onClick={cancel}>
            Stop …
          </button>
        </>
      )}
      {!unfinished && (
        <button type="button" onClick={remove}>
          Delete …
        </button>
      )}
      <Fault of={problem} />
    </span>
  )
}
