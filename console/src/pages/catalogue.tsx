/**
 * What can happen, to what, and what runs when it does.
 */
import { useState } from 'preact/hooks'
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { to } from '../router.js'
import { useMay } from '../session.js'
import { Name, None } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { Shown } from '../ui/shown.js'
import { OnOff } from '../ui/state.js'
import { Table } from '../ui/table.js'
import { Tabs, useTab } from '../ui/tabs.js'
import { LineUp } from './line-up.js'

const TYPES = ['types', 'Event types'] as const
const RESOURCES = ['resources', 'Resource types'] as const
const PROCESSORS = ['processors', 'Processors'] as const
const OVERVIEW = ['overview', 'Who runs on what'] as const

export function Catalogue() {
  const parts = useMay('processors:read') ? [TYPES, PROCESSORS, OVERVIEW, RESOURCES] : [TYPES, RESOURCES]
  const shown = useTab(parts)
  return (
    <>
      <h1>Catalogue</h1>
      <Tabs label="Parts of the catalogue" parts={parts} />
      {shown === 'types' && <EventTypes />}
      {shown === 'processors' && <Processors />}
      {shown === 'overview' && <WhoRuns />}
      {shown === 'resources' && <ResourceTypes />}
    </>
  )
}

/** Keeps what has the text in one of these. */
const having = (text: string, ...parts: readonly (string | null | undefined)[]): boolean =>
  text === '' || parts.some((part) => part?.toLowerCase().includes(text.toLowerCase()))

const Search = ({ label, text, set }: { readonly label: string; readonly text: string; set(text: string): void }) => (
  <div class="one">
    <label>
      {label}
      <input type="search" value={text} onInput={({ currentTarget: { value } }) => set(value)} />
    </label>
  </div>
)

/** Rows that are drawn; who wants others says more. */
const MOST = 100

const Found = ({ number }: { readonly number: number }) => (
  <p class="faint small" role="status">
    {number > MOST ? `The first ${MOST} of ${number}: say more to find the others.` : `${number} found`}
  </p>
)

function EventTypes() {
  const [text, set] = useState('')
  const { data, problem, loading, again } = useAsk(() => ask(api.GET('/v1/types')), [])
  const found = (data?.items ?? []).filter(({ name, title, caseOf, category }) =>
    having(text, name, title, caseOf, category),
  )
  return (
    <>
      <Search label="Find a type" text={text} set={set} />
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data && <Found number={found.length} />}
      {found.length > 0 && (
        <Table
          label="Event types"
          rows={found.slice(0, MOST)}
          keyOf={({ name }) => name}
          columns={[
            {
              name: 'Name',
              cell: ({ name }) => (
                <a href={to('type', { name })}>
                  <Name of={name} />
                </a>
              ),
            },
            { name: 'What happened', cell: ({ title }) => title, wide: true },
            { name: 'About', cell: ({ resourceType, category }) => resourceType ?? category },
            {
              name: 'A case of',
              cell: ({ caseOf }) =>
                caseOf ? (
                  <a href={to('type', { name: caseOf })}>
                    <Name of={caseOf} />
                  </a>
                ) : (
                  <None />
                ),
            },
          ]}
        />
      )}
    </>
  )
}

function Processors() {
  const { data, problem, loading, again } = useAsk(() => ask(api.GET('/v1/processors')), [])
  return (
    <>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data?.items.length === 0 && <Empty>No processor is registered: events are accepted as they come.</Empty>}
      {data && <LineUp of={data.items} again={again} />}
    </>
  )
}

function WhoRuns() {
  const [text, set] = useState('')
  const { data, problem, loading, again } = useAsk(() => ask(api.GET('/v1/processors/overview')), [])
  const rows = (data?.items ?? []).flatMap(({ resourceType, types }) =>
    types.flatMap(({ type, processors }) => processors.map((processor) => ({ resourceType, type, ...processor }))),
  )
  const found = rows.filter((row) => having(text, row.resourceType, row.type, row.name, row.module, row.description))
  return (
    <>
      <Search label="Find a resource, an event or a processor" text={text} set={set} />
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      <Found number={found.length} />
      <Table
        label="Who runs on what"
        rows={found.slice(0, MOST)}
        keyOf={({ resourceType, type, origin, name }) => `${resourceType} ${type} ${origin} ${name}`}
        columns={[
          { name: 'Resource', cell: ({ resourceType }) => <Name of={resourceType ?? 'any'} /> },
          { name: 'Event', cell: ({ type }) => <Name of={type} /> },
          { name: 'Order', cell: ({ order }) => <span class="number">{order}</span> },
          {
            name: 'Processor',
            wide: true,
            cell: ({ name, origin, description, options }) => (
              <>
                {origin === 'here' ? <a href={to('processor', { name })}>{name}</a> : name}
                {description && <div class="faint small">{description}</div>}
                {Object.keys(options).length > 0 && (
                  <div class="small">
                    <Shown of={options} />
                  </div>
                )}
              </>
            ),
          },
          { name: 'Module', cell: ({ origin, module }) => (origin === 'here' ? module : `${module} at ${origin}`) },
          {
            name: 'State',
            cell: ({ enabled }) =>
              enabled === null ? <span class="faint">not known here</span> : <OnOff enabled={enabled} />,
          },
        ]}
      />
    </>
  )
}

function ResourceTypes() {
  const { data, problem, loading, again } = useAsk(() => ask(api.GET('/v1/resource-types')), [])
  return (
    <>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data && (
        <Table
          label="Resource types"
          rows={data.items}
          keyOf={({ name }) => name}
          columns={[
            { name: 'Name', cell: ({ name }) => <Name of={name} /> },
            { name: 'Title', cell: ({ title }) => title ?? '', wide: true },
            { name: 'Implements', cell: (row) => row.implements?.join(', ') ?? '' },
            { name: 'Version', cell: ({ version }) => version ?? '' },
          ]}
        />
      )}
    </>
  )
}
