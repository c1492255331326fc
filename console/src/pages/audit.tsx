/**
 * Who changed what.
 */
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { usePage } from '../ui/listed.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
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
            { name: 'Who', cell: ({ actor }) => actor },
            { name: 'Did', cell: ({ action }) => action },
            { name: 'To', cell: ({ object: to }) => to },
            { name: 'Details', wide: true, cell: ({ detail }) => <code>{JSON.stringify(detail)}</code> },
          ]}
        />
      )}
      {object === undefined && <Pager next={data?.next} shown={rows.length} />}
    </>
  )
}
