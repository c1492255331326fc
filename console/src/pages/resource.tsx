/**
 * One resource: who owns it, what it is linked with, what happened to it, and who would be told of that.
 */
import { useState } from 'preact/hooks'
import { api, ask, type EventView, type Explanation, type Resource } from '../api/client.js'
import { useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { to, usePlace } from '../router.js'
import { useMay } from '../session.js'
import { unpadded } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { Decisions, explain } from '../ui/steps.js'
import { Time } from '../ui/time.js'
import { Value } from '../ui/value.js'
import { EventList } from './events.js'

export function OneResource() {
  const id = usePlace().query.get('id') ?? ''
  const may = useMay('resources:read')
  const { data, problem, loading, again } = useAsk(
    () => (may ? ask(api.GET('/v1/resources/{id}', { params: { path: { id } } })) : Promise.resolve(null)),
    [id, may],
  )
  if (loading) return <Loading />
  return (
    <>
      <h1>
        {id} {data?.status && <State of={data.status} />}
      </h1>
      {problem?.code === 'not_found' ? (
        <div class="notice">It is not in the registry. Events about it are shown all the same.</div>
      ) : (
        <Fault of={problem} again={again} />
      )}
      {data && (
        <div class="columns">
          <Facts of={data} />
          <Around of={data} />
        </div>
      )}
      {useMay('events:read') && <Happened key={id} id={id} />}
    </>
  )
}

interface Props {
  readonly of: Resource
}

const Facts = ({ of }: Props) => (
  <section class="card">
    <dl class="facts">
      <dt>Type</dt>
      <dd>{of.type}</dd>
      <dt>Owner</dt>
      <dd>{of.owner ? <a href={to('resource', { id: of.owner })}>{of.owner}</a> : 'nobody'}</dd>
      <dt>Revision</dt>
      <dd>{of.revision}</dd>
      <dt>Made</dt>
      <dd>
        <Time at={of.createdAt} />
      </dd>
      <dt>Changed</dt>
      <dd>
        <Time at={of.updatedAt} />
      </dd>
      {of.removedAt && (
        <>
          <dt>Removed</dt>
          <dd>
            <Time at={of.removedAt} />
          </dd>
        </>
      )}
    </dl>
    {Object.keys(of.properties).length > 0 && (
      <>
        <h3>Properties</h3>
        <Value of={of.properties} />
      </>
    )}
  </section>
)

// ---------------------------------------------------------------------------------------------- owner and links

interface Neighbour {
  readonly id: string
  readonly how: string
}

/** More than these are listed and not drawn. */
const DRAWN = 12

const WIDTH = 520
const HEIGHT = 320

function Around({ of }: Props) {
  const owner: readonly Neighbour[] = of.owner ? [{ id: of.owner, how: 'owner' }] : []
  const linked = of.links.map(({ relation, from, to: end }) =>
    from === of.id ? { id: end, how: `${relation} →` } : { id: from, how: `← ${relation}` },
  )
  const all = [...owner, ...linked]
  return (
    <section class="card">
      <h2>Owner and links</h2>
      {all.length === 0 && <Empty>It stands alone.</Empty>}
      {all.length > 1 && <Graph id={of.id} around={all.slice(0, DRAWN)} />}
      {all.length > 0 && (
        <ul>
          {all.slice(0, 100).map((each) => (
            <li key={each.how + each.id}>
              <span class="faint small">{each.how}</span> <a href={to('resource', { id: each.id })}>{each.id}</a>
            </li>
          ))}
        </ul>
      )}
      {(all.length > 100 || of.moreLinks) && (
        <p class="faint">
          and {all.length - Math.min(all.length, 100)} more{of.moreLinks && ', and further ones'}
        </p>
      )}
    </section>
  )
}

const short = (text: string): string => (text.length > 20 ? `${text.slice(0, 19)}…` : text)

/** The list beside it says the same in words. */
function Graph({ id, around }: { readonly id: string; readonly around: readonly Neighbour[] }) {
  const middle = { x: WIDTH / 2, y: HEIGHT / 2 }
  const places = around.map((each, index) => {
    const angle = (2 * Math.PI * index) / around.length - (around.length === 2 ? 0 : Math.PI / 2)
    return { ...each, x: middle.x + 170 * Math.cos(angle), y: middle.y + 120 * Math.sin(angle) }
  })
  return (
    <svg class="graph" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      {places.map(({ id: other, how, x, y }) => (
        <g key={how + other}>
          <line x1={middle.x} y1={middle.y} x2={x} y2={y} />
          <circle cx={x} cy={y} r={7} />
          <text x={x} y={y - 12} text-anchor="middle">
            {short(other)}
          </text>
          <text class="faint" x={(x + middle.x) / 2} y={(y + middle.y) / 2 - 4} text-anchor="middle">
            {how}
          </text>
        </g>
      ))}
      <circle cx={middle.x} cy={middle.y} r={11} />
      <text x={middle.x} y={middle.y + 28} text-anchor="middle">
        {short(id)}
      </text>
    </svg>
  )
}

// ---------------------------------------------------------------------------------------------- what happened, and who was told

function Happened({ id }: { readonly id: string }) {
  const { data } = useAsk(() => ask(api.GET('/v1/events', { params: { query: { subject: id, limit: '10' } } })), [id])
  const newest = data?.items[0]
  return (
    <>
      <section class="card">
        <h2>
          What happened to it
          <span class="buttons">
            <a href={to('events', { subject: id })}>All of it</a>
          </span>
        </h2>
        {data?.items.length === 0 && <Empty>Nothing was told of it yet.</Empty>}
        {data && data.items.length > 0 && <EventList events={data.items} same />}
      </section>
      {useMay('subscriptions:read') && newest && <WhoWould newest={newest} />}
    </>
  )
}

/** By the latest event about it. */
function WhoWould({ newest: { event } }: { readonly newest: EventView }) {
  const { all } = useSubscriptions()
  if (!all || all.length === 0) return null
  return (
    <section class="card">
      <h2>Who would be told, and why</h2>
      <p class="faint small">As for its latest event, {String(event.type)}.</p>
      {all.slice(0, 50).map(({ id, name }) => (
        <Would key={id} id={id} name={name} event={String(event.id)} source={String(event.source)} />
      ))}
    </section>
  )
}

interface WouldProps {
  readonly id: string
  readonly name: string
  readonly event: string
  readonly source: string
}

function Would({ id, name, event, source }: WouldProps) {
  const [open, setOpen] = useState(false)
  const { data } = useAsk(() => explain({ event, source, subscription: id }), [id, event, source])
  return (
    <div class="told">
      <div>
        <a href={to('subscription', { id })}>{name}</a>
        {data && (data.told ? <State of="done" label="would be told" /> : <State of="no" label="would not be told" />)}
        <span class="faint small">{data && unpadded(reasonOf(data))}</span>
        <div class="buttons">
          <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
            Why?<span class="hidden"> {name}</span>
          </button>
        </div>
      </div>
      {open && data && <Decisions of={data} />}
    </div>
  )
}

/** The one decision that settles it. */
const reasonOf = ({ told, decisions }: Explanation): string =>
  decisions.find(({ passed, step }) => (told ? step === 'visibility' : !passed))?.text ?? ''
