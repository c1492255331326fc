/**
 * Every event, newest first, by every filter the API has.
 */
import { api, ask, type EventView } from '../api/client.js'
import { type Named, useSubscriptions } from '../api/subscriptions.js'
import { useTail } from '../api/tail.js'
import { useAsk } from '../api/use-ask.js'
import { to, usePlace } from '../router.js'
import { Field, Filters, queryOf } from '../ui/filters.js'
import { Name, None } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { OpenOne } from '../ui/open-one.js'
import { State } from '../ui/state.js'
import { Pager, Table } from '../ui/table.js'
import { Time } from '../ui/time.js'

const STATES = ['admitted', 'closed', 'suspended', 'refused']

/** The address of one event. */
export const eventAt = ({ event }: Pick<EventView, 'event'>): string =>
  to('event', { id: String(event.id), source: String(event.source) })

interface EventListProps {
  readonly events: readonly EventView[]
  /** All are about the same. */
  readonly same?: boolean
}

export function EventList({ events, same = false }: EventListProps) {
  const { nameOf } = useSubscriptions()
  return (
    <Table
      label="Events"
      rows={events}
      keyOf={({ sequence, event }) => `${sequence}${event.id}`}
      columns={[
        { name: 'Received', cell: ({ receivedAt }) => <Time at={receivedAt} /> },
        {
          name: 'Type',
          cell: (row) => (
            <a href={eventAt(row)}>
              <Name of={String(row.event.type)} />
            </a>
          ),
        },
        ...(same ? [] : [{ name: 'About', wide: true, cell: (row: EventView) => <About of={row} nameOf={nameOf} /> }]),
        { name: 'Source', cell: ({ event }) => <Name of={String(event.source)} /> },
        { name: 'State', cell: ({ state }) => <State of={state} /> },
      ]}
    />
  )
}

interface AboutProps extends Pick<Named, 'nameOf'> {
  readonly of: Pick<EventView, 'event'>
}

/** A resource; of our own events a subscription. */
export function About({ of: { event }, nameOf }: AboutProps) {
  if (!event.subject) return <None />
  const id = String(event.subject)
  if (String(event.type).startsWith('tocsin.') && id.startsWith('sub_'))
    return <a href={to('subscription', { id })}>{nameOf(id)}</a>
  return <a href={to('resource', { id })}>{id}</a>
}

const NAMES = ['type', 'subject', 'source', 'state', 'transaction', 'parent', 'root', 'from', 'till', 'cursor'] as const

export function Events() {
  const { query } = usePlace()
  const asked = queryOf(query, NAMES)
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/events', { params: { query: { ...asked, limit: '50' } as never } })),
    [asked],
  )
  useTail(() => {
    // Only the first page grows.
    if (!query.has('cursor')) again()
  })
  return (
    <>
      <h1>Events</h1>
      <Filters page="events">
        <Field name="type" label="Type" hint="such as credential.revoked" />
        <Field name="subject" label="About" hint="the id of a resource" />
        <Field name="source" label="Source" hint="the system it is from" />
        <Field name="state" label="State" words={STATES} />
        <Field name="from" label="Received from" kind="time" />
        <Field name="till" label="Received before" kind="time" />
        <Field name="transaction" label="Transaction" rare />
        <Field name="root" label="Root event" rare />
        <Field name="parent" label="Parent event" rare />
      </Filters>
      <OpenOne page="event" label="Id of an event" />
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data?.items.length === 0 && (
        <Empty>
          No event fits. <a href={to('events')}>Show all</a>
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <>
          <EventList events={data.items} />
          <Pager next={data.next} shown={data.items.length} />
        </>
      )}
    </>
  )
}
