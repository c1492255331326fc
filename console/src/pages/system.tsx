/**
 * How the instance is: nodes, store, plug-ins, partitions, settings.
 */
import { Fragment } from 'preact'
import { api, ask, type Plugin } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { to } from '../router.js'
import { useMay } from '../session.js'
import { None } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { Shown } from '../ui/shown.js'
import { State } from '../ui/state.js'
import { Table } from '../ui/table.js'
import { count, Time } from '../ui/time.js'
import { Value } from '../ui/value.js'

const EVERY = 5_000

export const System = () => (
  <>
    <h1>System</h1>
    <HealthCard />
    <Nodes />
    {useMay('processors:read') && <Plugins />}
    <Partitions />
    <Settings />
  </>
)

const STORES: Readonly<Record<string, string>> = { sqlite: 'SQLite', postgres: 'PostgreSQL', memory: 'memory' }

/** What each store tells of itself. */
const DETAILS: Readonly<Record<string, string>> = {
  sqlite: 'Version of SQLite',
  synchronous: 'Synchronous writes',
  postgres: 'Version of PostgreSQL',
  synchronous_commit: 'Synchronous writes',
  schema: 'Its schema',
}

function HealthCard() {
  const { data, problem, loading, again } = useAsk(() => ask(api.GET('/v1/health')), [], EVERY)
  if (loading) return <Loading />
  return (
    <>
      <Fault of={problem} again={again} />
      {data && (
        <section class="card">
          <h2>
            This node <State of={data.status} />
          </h2>
          <dl class="facts">
            <dt>Node</dt>
            <dd>{data.node}</dd>
            <dt>Version</dt>
            <dd>{data.version}</dd>
            <dt>Store</dt>
            <dd>
              {STORES[data.store.name] ?? data.store.name}
              {data.store.durable ? ', durable' : ', gone with the process'}
            </dd>
            <dt>Version of its schema</dt>
            <dd>{String(data.store.schemaVersion)}</dd>
            <dt>Epoch of the log</dt>
            <dd title="A restore from a backup begins another one">{String(data.store.epoch)}</dd>
            {Object.entries(data.store.details ?? {}).map(([name, value]) => (
              <Fragment key={name}>
                <dt>{DETAILS[name] ?? name}</dt>
                <dd>
                  <Shown of={value} />
                </dd>
              </Fragment>
            ))}
            <dt>Attempts under way</dt>
            <dd>{data.running}</dd>
          </dl>
        </section>
      )}
    </>
  )
}

function Nodes() {
  const { data } = useAsk(() => ask(api.GET('/v1/nodes')), [], EVERY)
  if (!data) return null
  return (
    <section aria-labelledby="nodes">
      <h2 id="nodes">Nodes</h2>
      <Table
        label="Nodes"
        rows={data.items}
        keyOf={({ id }) => id}
        columns={[
          { name: 'Node', cell: ({ id }) => id },
          { name: 'State', cell: ({ state }) => <State of={state} /> },
          { name: 'Version', cell: ({ version }) => version },
          { name: 'Host', cell: ({ host, pid }) => `${host}, process ${pid}` },
          { name: 'Since', cell: ({ startedAt }) => <Time at={startedAt} /> },
          { name: 'Heard of', cell: ({ heardAt }) => <Time at={heardAt} /> },
          { name: 'Attempts', cell: ({ running }) => running },
        ]}
      />
    </section>
  )
}

function Plugins() {
  const { data } = useAsk(() => ask(api.GET('/v1/plugins')), [])
  if (!data) return null
  return (
    <section aria-labelledby="plugins">
      <h2 id="plugins">Plug-ins</h2>
      <Table
        label="Plug-ins"
        rows={data.items}
        keyOf={({ name, entry, module }) => `${name} ${entry} ${module}`}
        columns={[
          { name: 'Name', cell: ({ name, module }) => name ?? module ?? '' },
          { name: 'From', cell: ({ origin, module }) => (origin === 'program' ? 'comes with Tocsin' : (module ?? '')) },
          { name: 'State', cell: ({ state }) => <State of={state} /> },
          {
            name: 'Processors',
            wide: true,
            cell: ({ processors }) =>
              processors.length === 0 ? (
                <None />
              ) : (
                processors.map((each, index) => (
                  <Fragment key={each}>
                    {index > 0 && ', '}
                    <a href={to('processor', { name: each })}>{each}</a>
                  </Fragment>
                ))
              ),
          },
          ...(data.items.some(({ error }) => error)
            ? [{ name: 'What is wrong', cell: ({ error }: Plugin) => error?.message }]
            : []),
        ]}
      />
    </section>
  )
}

function Partitions() {
  const { data } = useAsk(() => ask(api.GET('/v1/partitions')), [])
  if (!data || data.items.length === 0) return null
  return (
    <section aria-labelledby="partitions">
      <h2 id="partitions">Partitions</h2>
      <Table
        label="Partitions"
        rows={data.items}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Of', cell: ({ table }) => table },
          { name: 'Name', cell: ({ name }) => name },
          { name: 'From', cell: ({ from }) => <Time at={from} /> },
          { name: 'Until', cell: ({ until }) => <Time at={until} /> },
          { name: 'Rows', cell: ({ rows }) => count(rows) },
          { name: 'MB', cell: ({ bytes }) => (bytes / 1e6).toFixed(1) },
          { name: 'Goes', cell: ({ droppedAt }) => <Time at={droppedAt} /> },
        ]}
      />
    </section>
  )
}

function Settings() {
  const { data, problem } = useAsk(() => ask(api.GET('/v1/config')), [])
  return (
    <section class="card">
      <h2>Settings</h2>
      <p class="faint small">
        In force on this node; secrets are masked. They are changed in its file, by the environment or the command line.
      </p>
      <Fault of={problem} />
      {data ? <Value of={data.config} /> : <Empty>…</Empty>}
    </section>
  )
}
