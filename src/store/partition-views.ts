/**
 * The partitions of the database as operators see them.
 */
import { type Principal, requireScope } from '../access/principal.js'
import type { Partition, PartitionedTable, Store } from './port.js'

/** Times in RFC 3339. Events lie by when they were received, ended tasks and attempts by when they ended. */
export interface PartitionView {
  readonly table: PartitionedTable
  readonly name: string
  /** Null: no bound on that side. Both are null where the tasks lie that have not ended. */
  readonly from: string | null
  readonly until: string | null
  /** As PostgreSQL last counted. */
  readonly rows: number
  readonly bytes: number
  /** When it is dropped as a whole, at the next hour; null: it is not, and its rows go one by one. */
  readonly droppedAt: string | null
}

/** In milliseconds; 0: for ever. */
export interface Ages {
  readonly events: number
  readonly tasks: number
}

/** None where nothing lies in partitions. @throws AccessDenied unless the caller is an operator */
export async function listPartitions(
  store: Pick<Store, 'partitions'>,
  ages: Ages,
  caller: Principal,
): Promise<readonly PartitionView[]> {
  requireScope(caller, 'metrics:read')
  return ((await store.partitions?.list()) ?? []).map((each) => viewOf(each, ages))
}

const viewOf = ({ table, name, from, until, period, rows, bytes }: Partition, ages: Ages): PartitionView => ({
  ...{ table, name, from: timeOf(from), until: timeOf(until), rows, bytes },
  droppedAt: period && until !== null ? dropOf(until, ageOf(table, ages)) : null,
})

const ageOf = (table: PartitionedTable, { events, tasks }: Ages): number =>
  table === 'events' || tasks === 0 || (events > 0 && events < tasks) ? events : tasks

const dropOf = (until: number, age: number): string | null => (age === 0 ? null : timeOf(until + age))

/** Beyond what a date can tell there is no bound that matters. */
const timeOf = (time: number | null): string | null =>
  time === null || Math.abs(time) > 8.64e15 ? null : new Date(time).toISOString()
