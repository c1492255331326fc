/**
 * What events are about.
 */
import { api, ask } from '../api/client.js'
import { useAsk } from '../api/use-ask.js'
import { to, usePlace } from '../router.js'
import { Field, Filters, queryOf } from '../ui/filters.js'
import { None } from '../ui/name.js'
import { Empty, Fault, Loading } from '../ui/notice.js'
import { OpenOne } from '../ui/open-one.js'
import { Pager, Table } from '../ui/table.js'
import { Time } from '../ui/time.js'

export function Resources() {
  const { query } = usePlace()
  const asked = queryOf(query, ['type', 'owner', 'cursor'])
  const { data, problem, loading, again } = useAsk(
    () => ask(api.GET('/v1/resources', { params: { query: { ...asked, limit: '50' } as never } })),
    [asked],
  )
  return (
    <>
      <h1>Resources</h1>
      <Filters page="resources">
        <Field name="type" label="Type" hint="such as device" />
        <Field name="owner" label="Owner" hint="the id of a resource" />
      </Filters>
      <OpenOne page="resource" label="Id of a resource" />
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data?.items.length === 0 && <Empty>No resource fits.</Empty>}
      {data && data.items.length > 0 && (
        <>
          <Table
            label="Resources"
            rows={data.items}
            keyOf={({ id }) => id}
            columns={[
              { name: 'Id', wide: true, cell: ({ id }) => <a href={to('resource', { id })}>{id}</a> },
              { name: 'Type', cell: ({ type }) => type },
              {
                name: 'Owner',
                cell: ({ owner }) => (owner ? <a href={to('resource', { id: owner })}>{owner}</a> : <None />),
              },
              { name: 'Status', cell: ({ status }) => status ?? <None /> },
              { name: 'Links', cell: ({ links, moreLinks }) => `${links.length}${moreLinks ? ' and more' : ''}` },
              { name: 'Changed', cell: ({ updatedAt }) => <Time at={updatedAt} /> },
            ]}
          />
          <Pager next={data.next} shown={data.items.length} />
        </>
      )}
    </>
  )
}
