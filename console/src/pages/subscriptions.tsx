/**
 * Who wants to be told what, and how it goes with each.
 */
import { api, ask, type Subscription } from '../api/client.js'
import { useTransports } from '../api/transports.js'
import { useAsk } from '../api/use-ask.js'
import { to } from '../router.js'
import { useMay } from '../session.js'
import { Listed, usePage } from '../ui/listed.js'
import { Name } from '../ui/name.js'
import { Empty } from '../ui/notice.js'
import { State } from '../ui/state.js'
import { many } from '../ui/time.js'

export function Subscriptions() {
  const page = usePage()
  const may = useMay('subscriptions:write')
  const transports = useTransports()
  const titleOf = (transport: string) => transports?.find(({ name }) => name === transport)?.title ?? transport
  const asked = useAsk(() => ask(api.GET('/v1/subscriptions', { params: { query: page } })), [page], 10_000)
  return (
    <>
      <h1>
        Subscriptions
        {may && (
          <span class="buttons">
            <a class="button main" href={to('subscription-new')}>
              New subscription
            </a>
          </span>
        )}
      </h1>
      <Listed
        of={asked}
        empty={
          <Empty>
            Nobody wants to be told anything yet. {may && <a href={to('subscription-new')}>Make the first one</a>}
          </Empty>
        }
        label="Subscriptions"
        keyOf={({ id }) => id}
        columns={[
          { name: 'Name', cell: ({ id, name }) => <a href={to('subscription', { id })}>{name}</a> },
          {
            name: 'State',
            cell: ({ state, reason }) => <State of={state} label={reason ? `${state}: ${reason}` : state} />,
          },
          { name: 'Wants', cell: ({ types }) => <Name of={wantsOf(types)} /> },
          { name: 'By', cell: (row) => <Where of={row} titleOf={titleOf} />, wide: true },
          { name: 'Deliveries', cell: (row) => <Standing of={row} /> },
        ]}
      />
    </>
  )
}

const wantsOf = (types: readonly string[]): string =>
  types.includes('*') ? 'everything' : types.slice(0, 3).join(', ') + (types.length > 3 ? ' …' : '')

interface WhereProps {
  readonly of: Subscription
  titleOf(transport: string): string
}

/** The way out, and where to. */
const Where = ({ of: { transport, target }, titleOf }: WhereProps) => (
  <>
    {titleOf(transport)} <span class="faint">{aimOf(target)}</span>
  </>
)

/** What tells most of a target, whatever its transport calls it. */
const AIMS = ['url', 'to', 'host', 'path', 'file', 'database', 'handler']

function aimOf(target: Readonly<Record<string, unknown>>): string {
  const name = AIMS.find((each) => target[each] !== undefined)
  return name === undefined ? '' : String(target[name])
}

/** How many are on their way and how many were given up. */
function Standing({ of: { id } }: { readonly of: Subscription }) {
  const may = useMay('tasks:read')
  const { data } = useAsk(
    () => (may ? ask(api.GET('/v1/tasks/counts', { params: { query: { subscription: id } } })) : Promise.resolve(null)),
    [id, may],
    15_000,
  )
  if (!data) return <span class="faint">…</span>
  if (data.errors > 0)
    return (
      <a href={to('queue', { subscription: id, state: ['exhausted', 'refused'] })}>
        <State of="failed" label={`${many(data.errors, 'failure')}`} />
      </a>
    )
  if (data.unprocessed > 0) return <State of="waiting" label={`${data.unprocessed} on their way`} />
  return <State of="ok" label="all delivered" />
}
