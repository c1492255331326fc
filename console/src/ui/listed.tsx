/**
 * A page of what the server lists, from the first question to the way to further ones.
 */
import type { ComponentChildren } from 'preact'
import type { Asked } from '../api/use-ask.js'
import { usePlace } from '../router.js'
import { Fault, Loading } from './notice.js'
import { Pager, Table, type TableProps } from './table.js'

/** The page that the address names, as the server is asked for it. */
export function usePage(): { readonly limit: string; readonly cursor?: string } {
  const cursor = usePlace().query.get('cursor')
  return { limit: '50', ...(cursor && { cursor }) }
}

interface ListedProps<Row> extends Omit<TableProps<Row>, 'rows'> {
  readonly of: Asked<{ readonly items: readonly Row[]; readonly next?: string | null }>
  /** Instead of a table without rows. */
  readonly empty?: ComponentChildren
}

export function Listed<Row>({ of: { data, problem, loading, again }, empty, ...table }: ListedProps<Row>) {
  return (
    <>
      <Fault of={problem} again={again} />
      {loading && <Loading />}
      {data?.items.length === 0 && empty}
      {data && (data.items.length > 0 || empty === undefined) && (
        <>
          <Table rows={data.items} {...table} />
          <Pager next={data.next} shown={data.items.length} />
        </>
      )}
    </>
  )
}
