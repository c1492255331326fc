/**
 * One event type: what its data says, an example, who hears of it, what runs on it.
 */
import { Fragment } from 'preact'
import { api, ask, type EventType } from '../api/client.js'
import { takes, useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { to, usePlace } from '../router.js'
import { useMay } from '../session.js'
import { exampleOf } from '../ui/example.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import type { Schema } from '../ui/schema-form.js'
import { OnOff } from '../ui/state.js'
import { Table } from '../ui/table.js'
import { Value } from '../ui/value.js'

export function OneType() {
  const name = usePlace().query.get('name') ?? ''
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/types/{name}', { params: { path: { name } } })),
    [name],
  )
  const seesEvents = useMay('events:read')
  if (loading) return <Loading />
  if (!data) return <Fault of={problem} again={again} />
  return (
    <>
      <h1>
        {data.name}
        {seesEvents && (
          <span class="buttons">
            <a class="button" href={to('events', { type: name })}>
              Its events
            </a>
          </span>
        )}
      </h1>
      <p>
        {data.title}.{' '}
        {data.caseOf && (
          <>
            A case of <a href={to('type', { name: data.caseOf })}>{data.caseOf}</a>: who wants that hears of this too.
          </>
        )}
      </p>
      <div class="columns">
        <Listeners of={data} />
        <RunsOn of={data} />
      </div>
      <div class="columns">
        <Members of={data} />
        <section class="card">
          <h2>An example</h2>
          <Value
            raw
            of={{
              type: data.name,
              source: '/your-system',
              subject: 'ID',
              data: exampleOf((data.schema ?? {}) as Schema),
            }}
          />
        </section>
      </div>
    </>
  )
}

function Members({ of: { schema, sensitive = [], version, asynchronous } }: { readonly of: EventType }) {
  const { properties = {}, required = [] } = (schema ?? {}) as Schema
  return (
    <section class="card">
      <h2>What its data says {version && <span class="faint small">version {version}</span>}</h2>
      {asynchronous === false && <p>Asynchronous processors do not run on it.</p>}
      {Object.keys(properties).length === 0 && <Empty>Anything.</Empty>}
      <dl class="facts">
        {Object.entries(properties).map(([name, member]) => (
          <Fragment key={name}>
            <dt class="mono">{name}</dt>
            <dd>
              <Marked of={member.description ?? member.title ?? ''} />
              <span class="faint small">
                {kindOf(member)}
                {required.includes(name) && ' · required'}
                {sensitive.includes(name) && ' · sensitive'}
              </span>
            </dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}

/** What stands between backticks is code. */
const Marked = ({ of }: { readonly of: string }) => (
  <>{of.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={part}>{part}</code>))}</>
)

const kindOf = ({ type, format, enum: words, description, title }: Schema): string => {
  const kind = words?.join(', ') ?? format ?? (typeof type === 'string' ? type : (type?.join(' or ') ?? 'anything'))
  return description || title ? ` · ${kind}` : kind
}

function Listeners({ of: { name, caseOf } }: { readonly of: EventType }) {
  const may = useMay('subscriptions:read')
  const { all } = useSubscriptions()
  if (!may || !all) return null
  const names = [name, ...(caseOf ? [caseOf] : [])]
  const hearing = all.filter(({ types }) => types.some((pattern) => names.some((each) => takes(pattern, each))))
  return (
    <section class="card">
      <h2>Who hears of it</h2>
      <p class="faint small">By its name; filters and what each may see decide for each event.</p>
      {hearing.length === 0 && <Empty>Nobody.</Empty>}
      <ul>
        {hearing.map(({ id, name: called, types }) => (
          <li key={id}>
            <a href={to('subscription', { id })}>{called}</a> <span class="faint small">{types.join(', ')}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function RunsOn({ of: { name } }: { readonly of: EventType }) {
  const may = useMay('processors:read')
  const { data } = useAsk(
    () => (may ? ask(api.GET('/v1/processors', { params: { query: { type: name } } })) : Promise.resolve(null)),
    [name, may],
  )
  if (!data) return null
  return (
    <section class="card">
      <h2>What runs on it</h2>
      {data.items.length === 0 && <Empty>Nothing.</Empty>}
      {data.items.length > 0 && (
        <Table
          label="Processors"
          rows={data.items}
          keyOf={(row) => row.name}
          columns={[
            { name: 'Order', cell: ({ order }) => order },
            { name: 'Name', cell: (row) => <a href={to('processor', { name: row.name })}>{row.name}</a> },
            { name: 'Kind', cell: ({ kind }) => kind },
            { name: 'State', cell: OnOff },
          ]}
        />
      )}
    </section>
  )
}
