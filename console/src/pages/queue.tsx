/**
 * What is on its way, and what is not any more: by state, priority, key, time; one deed for all that is shown.
 */
import { useEffect, useId } from 'preact/hooks'
import { api, ask, type Task } from '../api/client.js'
import { type Named, useSubscriptions } from '../api/subscriptions.js'
import { useTail } from '../api/tail.js'
import { useAsk } from '../api/use-ask.js'
import { useWorks } from '../api/works.js'
import { to, usePlace } from '../router.js'
import { useMay, useSession } from '../session.js'
import { Field, Filters, Further, queryOf } from '../ui/filters.js'
import { usePage } from '../ui/listed.js'
import { Name, None } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { meaningOf, State } from '../ui/state.js'
import { Pager, Table } from '../ui/table.js'
import { count, Time } from '../ui/time.js'
import { Bulk } from './bulk.js'
import { Processing } from './processing.js'

const NAMES = [
  ...['state', 'subscription', 'type', 'subject', 'priority', 'code', 'text', 'event', 'local'],
  ...['subjectType', 'superOwner', 'root', 'parent', 'transaction', 'from', 'till', 'key', 'wakeFrom', 'wakeTill'],
]

const STATES = ['due', 'waiting', 'leased', 'held', 'done', 'exhausted', 'refused', 'not-executed', 'cancelled']

const EVERY = 5_000

interface TaskListProps {
  readonly tasks: readonly Task[]
  /** All go to the same. */
  readonly same?: boolean
}

export function TaskList({ tasks, same = false }: TaskListProps) {
  const { nameOf } = useSubscriptions()
  return (
    <Table
      label="Tasks"
      rows={tasks}
      keyOf={({ id }) => id}
      columns={[
        { name: 'State', cell: ({ state }) => <State of={state} /> },
        {
          name: 'Event',
          cell: ({ id, type }) => (
            <a href={to('task', { id })}>
              <Name of={type} />
            </a>
          ),
        },
        { name: 'About', long: true, cell: ({ subject }) => (subject === null ? <None /> : nameOf(subject)) },
        ...(same ? [] : [{ name: 'To', cell: ({ subscription }: Task) => nameOf(subscription) }]),
        {
          name: 'Outcome',
          wide: true,
          cell: ({ code, message, wakeAt, attempts, priority }) => (
            <>
              {code && <code>{code}</code>} {message}
              {wakeAt && (
                <>
                  {' '}
                  next try <Time at={wakeAt} />
                </>
              )}
              <span class="faint small">
                {' '}
                {attempts} {attempts === 1 ? 'attempt' : 'attempts'}
                {priority !== 'normal' && `, ${priority}`}
              </span>
            </>
          ),
        },
        { name: 'Made', cell: ({ createdAt }) => <Time at={createdAt} /> },
      ]}
    />
  )
}

export function Queue() {
  const { query } = usePlace()
  const { wholeTenant } = useSession()
  const subscriptions = useSubscriptions()
  const mayAsk = wholeTenant || query.has('subscription')
  return (
    <>
      <h1>
        Queue
        <Processing />
      </h1>
      {mayAsk ? <Filtered subscriptions={subscriptions} /> : <Choose subscriptions={subscriptions} />}
    </>
  )
}

/** Who sees only its own looks at one at a time. */
const Choose = ({ subscriptions: { all } }: { readonly subscriptions: Named }) => (
  <>
    {all?.length === 0 && <Empty>You have no subscription, so nothing is on its way to you.</Empty>}
    {all && all.length > 0 && <p>Whose deliveries do you want to see?</p>}
    <div class="chips">
      {all?.map(({ id, name }) => (
        <a key={id} href={to('queue', { subscription: id })}>
          {name}
        </a>
      ))}
    </div>
  </>
)

function Filtered({ subscriptions }: { readonly subscriptions: Named }) {
  const { query } = usePlace()
  const filter = queryOf(query, NAMES)
  const page = usePage()
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/tasks', { params: { query: { ...filter, ...page } as never } })),
    [filter, page],
    EVERY,
  )
  useTail(again)
  const done = useWorks().reduce((sum, work) => sum + work.done, 0)
  useEffect(again, [done])
  return (
    <>
      <States filter={filter} />
      <Filters page="queue">
        <Subscribed subscriptions={subscriptions} />
        <Field name="type" label="Event type" hint="such as user.created" />
        <Field name="subject" label="About" hint="the id of a resource" />
        <Field name="state" label="State" words={STATES} />
        <Field name="text" label="Text" hint="part of id, type, subject" />
        <Further names={['priority', 'key', 'from', 'till', 'wakeFrom', 'wakeTill']}>
          <Field name="priority" label="Priority" words={['immediate', 'high', 'normal']} />
          <Field name="key" label="Key" hint="what stays in order together" />
          <Field name="from" label="Made from" kind="time" />
          <Field name="till" label="Made before" kind="time" />
          <Field name="wakeFrom" label="Next try from" kind="time" />
          <Field name="wakeTill" label="Next try before" kind="time" />
        </Further>
        <Field name="code" label="Result code" rare />
        <Field name="event" label="Event’s sequence" rare />
        <Field name="transaction" label="Transaction" rare />
        <Field name="root" label="Root event" rare />
      </Filters>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data?.items.length === 0 && <Empty>Nothing fits.</Empty>}
      {data && data.items.length > 0 && (
        <>
          <MayBulk filter={filter} again={again} />
          <TaskList tasks={data.items} />
          <Pager next={data.next} shown={data.items.length} />
        </>
      )}
    </>
  )
}

type Filter = Readonly<Record<string, string | string[]>>

const MayBulk = (props: { readonly filter: Filter; again(): void }) =>
  useMay('tasks:write') ? <Bulk {...props} /> : null

/** How many there are of each, with the rest of the filter as it is. */
function States({ filter }: { readonly filter: Filter }) {
  const { query } = usePlace()
  const { state: _, ...rest } = filter
  const { data } = useAsk(() => ask(api.GET('/v1/tasks/counts', { params: { query: rest as never } })), [rest], EVERY)
  const chosen = query.getAll('state')
  const here = (states: readonly string[]) => chosen.join() === states.join()
  const meanings = chosen.flatMap((state) => meaningOf(state) ?? [])
  return (
    <>
      <nav class="chips" aria-label="By state">
        <a href={to('queue', rest)} aria-current={chosen.length === 0 ? 'true' : undefined}>
          all
        </a>
        {STATES.filter((state) => (data?.states[state] ?? 0) > 0 || chosen.includes(state)).map((state) => (
          <a key={state} href={to('queue', { ...rest, state })} aria-current={here([state]) ? 'true' : undefined}>
            {state} {count(data?.states[state] ?? 0)}
          </a>
        ))}
      </nav>
      {meanings.length > 0 && <p class="faint">{meanings.join('; ')}.</p>}
    </>
  )
}

function Subscribed({ subscriptions: { all } }: { readonly subscriptions: Named }) {
  const id = useId()
  const chosen = usePlace().query.get('subscription')
  return (
    <div>
      <label for={id}>To</label>
      <select id={id} name="subscription">
        <option value="">anybody</option>
        {all?.map((each) => (
          <option key={each.id} value={each.id} selected={each.id === chosen}>
            {each.name}
          </option>
        ))}
      </select>
    </div>
  )
}
