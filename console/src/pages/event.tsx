/**
 * One event: what it says, what it changed, what happened to it when, who was told, and why somebody was not.
 */
import { useState } from 'preact/hooks'
import { api, ask, type EventTree, problemOf, type Task, type Timeline } from '../api/client.js'
import { useKeyNames } from '../api/keys.js'
import { type Named, useSubscriptions } from '../api/subscriptions.js'
import { useTail } from '../api/tail.js'
import { useAsk } from '../api/use-ask.js'
import { to, usePlace } from '../router.js'
import { useMay } from '../session.js'
import { useDoing } from '../ui/deeds.js'
import { Some } from '../ui/long.js'
import { unpadded } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { Why } from '../ui/steps.js'
import { many, Time } from '../ui/time.js'
import { Value } from '../ui/value.js'
import { Changes } from './changes.js'
import { About, eventAt } from './events.js'
import { Moments } from './moments.js'

const EVERY = 3_000

export function OneEvent() {
  const { query } = usePlace()
  const id = query.get('id') ?? ''
  const source = query.get('source') ?? undefined
  const place = { path: { id }, query: source === undefined ? {} : { source } }
  const [busy, setBusy] = useState(true)
  const { data, problem, loading, again } = useAsk(
    async () => {
      const timeline = await ask(api.GET('/v1/events/{id}/timeline', { params: place }))
      setBusy(timeline.tasks.some(({ endedAt }) => endedAt === null))
      return timeline
    },
    [id, source],
    busy ? EVERY : undefined,
  )
  const subscriptions = useSubscriptions()
  useTail(again)
  if (loading) return <Loading />
  if (!data) return <Fault of={problem} again={again} />
  return (
    <>
      <h1>
        {String(data.event.type)} <State of={data.state} />
        <Resume timeline={data} again={again} />
      </h1>
      <Fault of={problem} again={again} />
      <Facts of={data} nameOf={subscriptions.nameOf} />
      <Told timeline={data} subscriptions={subscriptions} again={again} />
      <div class="columns">
        <section class="card">
          <h2>What happened to it</h2>
          <Moments of={data} nameOf={subscriptions.nameOf} />
        </section>
        <div>
          <Content of={data} />
          <Family place={place} id={id} />
        </div>
      </div>
    </>
  )
}

const OWN = ['id', 'type', 'source', 'subject', 'data', 'time', 'specversion', 'datacontenttype']

function Facts({ of, nameOf }: { readonly of: Timeline; nameOf(id: string): string }) {
  const { event, sequence, epoch, receivedAt, principal } = of
  const keyNameOf = useKeyNames()
  const more = Object.entries(event).filter(([name]) => !OWN.includes(name))
  return (
    <section class="card">
      <dl class="facts">
        <dt>About</dt>
        <dd>
          <About of={of} nameOf={nameOf} />
        </dd>
        <dt>From</dt>
        <dd>
          {String(event.source)}
          {principal && (
            <span class="faint" title={principal}>
              {' '}
              by {keyNameOf(principal)}
            </span>
          )}
        </dd>
        <dt>Received</dt>
        <dd>
          <Time at={receivedAt} fine />
          {event.time !== undefined && (
            <span class="faint">
              {' '}
              (happened <Time at={String(event.time)} fine />)
            </span>
          )}
        </dd>
        <dt>Id</dt>
        <dd class="mono">{String(event.id)}</dd>
        <dt>Place in the log</dt>
        <dd title={`${sequence} in the epoch ${epoch}`}>{unpadded(sequence ?? '')}</dd>
      </dl>
      {more.length > 0 && (
        <details>
          <summary>{many(more.length, 'further attribute')}</summary>
          <dl class="facts">
            {more.map(([name, value]) => (
              <>
                <dt key={name}>{name}</dt>
                <dd class="mono">{String(value)}</dd>
              </>
            ))}
          </dl>
        </details>
      )}
    </section>
  )
}

// ---------------------------------------------------------------------------------------------- who was told

interface ToldProps {
  readonly timeline: Timeline
  readonly subscriptions: Named
  again(): void
}

function Told({ timeline, subscriptions, again }: ToldProps) {
  const may = useMay('subscriptions:read')
  if (!may) return null
  if (!subscriptions.all) return <Loading />
  const isTold = (id: string) => Number(taskOf(id) !== undefined)
  const taskOf = (id: string) => timeline.tasks.find(({ subscription }) => subscription === id)
  return (
    <section class="card" aria-labelledby="told">
      <h2 id="told">Who was told</h2>
      {subscriptions.all.length === 0 && <Empty>There is no subscription.</Empty>}
      <Some of={[...subscriptions.all].sort((one, other) => isTold(other.id) - isTold(one.id))}>
        {(shown) =>
          shown.map(({ id, name }) => (
            <OneTold key={id} id={id} name={name} task={taskOf(id)} timeline={timeline} again={again} />
          ))
        }
      </Some>
    </section>
  )
}

interface OneToldProps {
  readonly id: string
  readonly name: string
  readonly task: Task | undefined
  readonly timeline: Timeline
  again(): void
}

function OneTold({ id, name, task, timeline, again }: OneToldProps) {
  const [open, setOpen] = useState(false)
  const { event } = timeline
  return (
    <div class="told">
      <div>
        <a href={to('subscription', { id })}>{name}</a>
        {task ? <State of={task.state} /> : <State of="not-told" label="not told" />}
        {task?.message && <span class="faint small">{task.message}</span>}
        <div class="buttons">
          {task && <a href={to('task', { id: task.id })}>{many(task.attempts, 'attempt')}</a>}
          {task && <Retry task={task} name={name} again={again} />}
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            {task ? 'Why?' : 'Why not?'}
            <span class="hidden"> {name}</span>
          </button>
        </div>
      </div>
      {open && <Why event={String(event.id)} source={String(event.source)} subscription={id} />}
    </div>
  )
}

const ENDED_BADLY = ['refused', 'exhausted', 'cancelled', 'not-executed', 'waiting']

function Retry({ task, name, again }: { readonly task: Task; readonly name: string; again(): void }) {
  const may = useMay('tasks:write')
  const { busy, problem, run } = useDoing()
  if (!may || !ENDED_BADLY.includes(task.state)) return null
  const retry = () =>
    run(async () => {
      await ask(api.POST('/v1/tasks/{id}/retry', { params: { path: { id: task.id } } }))
      again()
      return `On its way to ${name} again.`
    })
  return (
    <>
      <button type="button" disabled={busy} onClick={() => void retry()}>
        Send again<span class="hidden"> to {name}</span>
      </button>
      {problem && <span class="faint small">{problem.message}</span>}
    </>
  )
}

function Resume({ timeline, again }: { readonly timeline: Timeline; again(): void }) {
  const may = useMay('events:publish')
  const { busy, problem, run } = useDoing()
  if (!may || timeline.state !== 'suspended') return null
  const { id, source } = timeline.event
  const params = { path: { id: String(id) }, query: { source: String(source) } }
  const resume = () =>
    run(async () => {
      const { state } = await ask(api.POST('/v1/events/{id}/resume', { params }))
      again()
      return `It goes on: ${state}.`
    })
  return (
    <span class="buttons">
      <button type="button" class="main" disabled={busy} onClick={() => void resume()}>
        Let it go on
      </button>
      <Fault of={problem} />
    </span>
  )
}

// ---------------------------------------------------------------------------------------------- what it says

function Content({ of: { event } }: { readonly of: Timeline }) {
  const type = String(event.type)
  const may = useMay('types:read')
  const { data: sensitive, problem, again } = useAsk(() => (may ? sensitiveIn(type) : Promise.resolve([])), [type, may])
  // Until it is known what is sensitive, nothing is shown.
  if (sensitive === undefined) return <Fault of={problem} again={again} />
  return (
    <>
      <Changes of={event.data} sensitive={sensitive} />
      <section class="card">
        <h2>What it says</h2>
        <Value of={event.data ?? null} sensitive={sensitive} />
        {may && (
          <p>
            <a href={to('type', { name: type })}>About this type</a>
          </p>
        )}
      </section>
    </>
  )
}

/** What is sensitive in data of a type, and in those of the native type it is a case of; where any type is taken, nobody says so. */
async function sensitiveIn(type: string): Promise<readonly string[]> {
  const read = (name: string) => ask(api.GET('/v1/types/{name}', { params: { path: { name } } }))
  try {
    const { sensitive = [], caseOf } = await read(type)
    const native = caseOf === undefined ? undefined : await read(caseOf)
    return [...sensitive, ...(native?.sensitive ?? [])]
  } catch (thrown) {
    if (problemOf(thrown).status === 404) return []
    throw thrown
  }
}

// ---------------------------------------------------------------------------------------------- where it came from

interface FamilyProps {
  readonly id: string
  readonly place: { readonly path: { readonly id: string }; readonly query: { readonly source?: string } }
}

function Family({ id, place }: FamilyProps) {
  const { data } = useAsk(() => ask(api.GET('/v1/events/{id}/tree', { params: place })), [id])
  if (!data) return null
  const parent = data.event.parentid
  if (parent === undefined && data.children.length === 0) return null
  return (
    <section class="card tree">
      <h2>Where it came from, what came of it</h2>
      {parent !== undefined && (
        <p>
          It came of <a href={to('event', { id: String(parent) })}>{String(data.event.parenttype ?? parent)}</a>.
        </p>
      )}
      <Branch of={data} />
      {data.truncated && <p class="faint">There is more than is shown.</p>}
    </section>
  )
}

const Branch = ({ of }: { readonly of: EventTree }) => (
  <ul>
    <li>
      <a href={eventAt(of)}>{String(of.event.type)}</a> <State of={of.state} />
      {of.children.map((child) => (
        <Branch key={child.sequence} of={child} />
      ))}
    </li>
  </ul>
)
