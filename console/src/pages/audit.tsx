/**
 * Who changed what.
 */
import { api, ask } from '../api/client.js'
import { useKeyNames } from '../api/keys.js'
import { type Named, useSubscriptions } from '../api/subscriptions.js'
import { useAsk } from '../api/use-ask.js'
import { to } from '../router.js'
import { usePage } from '../ui/listed.js'
import { Name } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { Shown } from '../ui/shown.js'
import { Pager, Table } from '../ui/table.js'
import { Time } from '../ui/time.js'

export const Audit = () => (
  <>
    <h1>Audit</h1>
    <AuditTrail />
  </>
)

/** @param object only what was done to it, among the latest thousand */
export function AuditTrail({ object }: { readonly object?: string }) {
  const listed = usePage()
  const page = object === undefined ? listed : { limit: '1000' }
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/audit', { params: { query: page } })),
    [page],
    15_000,
  )
  const keyNameOf = useKeyNames()
  const { nameOf } = useSubscriptions()
  const rows = (data?.items ?? []).filter((entry) => object === undefined || entry.object === object)
  return (
    <>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data && rows.length === 0 && <Empty>Nothing was changed yet.</Empty>}
      {rows.length > 0 && (
        <Table
          label="Audit trail"
          rows={rows}
          keyOf={({ number }) => String(number)}
          columns={[
            { name: 'When', cell: ({ at }) => <Time at={at} /> },
            { name: 'Who', cell: ({ actor }) => <span title={actor}>{keyNameOf(actor)}</span> },
            { name: 'Did', cell: ({ action }) => <Name of={action} /> },
            { name: 'To', cell: ({ action, object }) => <What of={object} action={action} nameOf={nameOf} /> },
            { name: 'Details', wide: true, cell: ({ detail }) => <Shown of={detail} /> },
          ]}
        />
      )}
      {object === undefined && <Pager next={data?.next} shown={rows.length} />}
    </>
  )
}

interface WhatProps extends Pick<Named, 'nameOf'> {
  readonly of: string
  readonly action: string
}

/** A link where it has a page that still shows it. */
function What({ of, action, nameOf }: WhatProps) {
  const name = nameOf(of)
  if (action.startsWith('subscription.') && name !== of) return <a href={to('subscription', { id: of })}>{name}</a>
  if (action.startsWith('processor.')) return <a href={to('processor', { name: of })}>{of}</a>
  return <Name of={of} />
}
