import type { EventFilter, LogStore, TransactionCounts } from '../port.js'
import { byProcessor } from '../result-rules.js'
import type { EventRow, NewEvent, ResultRow } from '../rows.js'
import { merged } from '../sql/merged.js'
import { isRare, RARE } from '../sql/rare.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, RESULT } from '../sql/shapes.js'
import { countsFrom, JOINED, LOCAL, SHOWN } from '../sql/shown.js'
import { isUnder } from '../task-rules.js'
import { findTask } from './groups.js'
import { sequencesOf } from './keys.js'
import { where } from './query.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

export const sqliteLog = (session: Session): Sync<LogStore> => ({
  get: (tenant, sequence) => findEvent(session, tenant, sequence) ?? null,
  find: (tenant, id, source) => findByKey(session, tenant, id, source),
  list: (filter, page) => listEvents(session, filter, page),
  read: (tenant, after, limit) => readLog(session, tenant, after, limit),
  head: (tenant) => session.head(tenant).head,
  results: (tenant, sequence) => resultsOf(session, tenant, sequence),
  putResults: (results, lease) => {
    if (isUnder(lease, lease && findTask(session, lease))) putResults(session, results)
  },
  refuse: (tenant, sequence, results) => refuse(session, tenant, sequence, results),
  suspend: (tenant, sequence, event, results) => suspend(session, tenant, sequence, event, results),
  transaction: (tenant, transactionId) => countTransaction(session, tenant, transactionId),
  children: (tenant, id, limit) =>
    listEvents(session, { tenant, parentId: id }, { after: null, limit, order: 'oldest' }),
})

export function findEvent(session: Session, tenant: string, sequence: number): EventRow | undefined {
  const sql = `SELECT ${EVENT.columns} FROM events WHERE tenant = ? AND sequence = ?`
  const row = session.get(sql, tenant, sequence)
  return row === undefined ? undefined : EVENT.read(row)
}

function findByKey(session: Session, tenant: string, id: string, source: string | undefined): readonly EventRow[] {
  const sequences = JSON.stringify(sequencesOf(session, tenant, id))
  const sql = `SELECT ${EVENT.columns} FROM events
    WHERE tenant = ?1 AND sequence IN (SELECT value FROM json_each(?2)) AND (?3 IS NULL OR source = ?3) ORDER BY source`
  return session.all(sql, tenant, sequences, source ?? null).map((row) => EVENT.read(row))
}

// -------------------------------------------------------------------------------------------- lists

interface EventPage {
  readonly after: number | null
  readonly limit: number
  readonly order?: 'newest' | 'oldest'
}

/** Types are searched one by one, each by an index that is already in order, and the first of all are taken. */
function listEvents(session: Session, filter: EventFilter, page: EventPage): readonly EventRow[] {
  const index = indexFor(filter)
  if (index === 'events_by_subject') return listBySubject(session, filter, page)
  const types = index === 'events_by_type' ? (filter.types ?? []) : [undefined]
  const pages = types.map((type) => searchEvents(session, filter, page, index, { type }))
  const direction = page.order === 'oldest' ? 'up' : 'down'
  return merged(pages, 1, direction, page.limit).map((row) => EVENT.read(row))
}

/** The index of subjects lies in stretches of the log, which are searched one after the other. */
function listBySubject(session: Session, filter: EventFilter, page: EventPage): readonly EventRow[] {
  const found: SqlRow[] = []
  for (const stretch of stretchesOf(session, filter.tenant, page)) {
    if (found.length >= page.limit) break
    const rest = { ...page, limit: page.limit - found.length }
    found.push(...searchEvents(session, filter, rest, 'events_by_subject', { stretch }))
  }
  return found.map((row) => EVENT.read(row))
}

const STRETCH = 2_048

/** The stretches of the log that a page may need, in its direction. */
export function stretchesOf(
  session: Session,
  tenant: string,
  { after, order }: Pick<EventPage, 'after' | 'order'>,
): readonly number[] {
  const oldest = session.get('SELECT MIN(sequence) FROM events WHERE tenant = ?', tenant)?.[0] ?? 0
  const upwards = order === 'oldest'
  const from = Math.floor(Math.max(Number(oldest), upwards ? (after ?? 0) : 0) / STRETCH)
  const till = Math.floor((upwards ? session.head(tenant).head : (after ?? session.head(tenant).head)) / STRETCH)
  const rising = Array.from({ length: Math.max(0, till - from + 1) }, (_, index) => from + index)
  return upwards ? rising : rising.reverse()
}

/** The index that narrows most; without figures SQLite would guess. */
function indexFor(filter: EventFilter): string {
  if (filter.transactionId !== undefined) return 'events_by_transaction'
  if (filter.parentId !== undefined) return 'events_by_parent'
  if (filter.rootId !== undefined) return 'events_by_root'
  if (filter.subject !== undefined) return 'events_by_subject'
  if (isRare(filter.states)) return 'events_rare'
  return filter.types === undefined ? 'sqlite_autoindex_events_1' : 'events_by_type'
}

function searchEvents(
  session: Session,
  filter: EventFilter,
  page: EventPage,
  index: string,
  { type, stretch }: { type?: string | undefined; stretch?: number },
): readonly SqlRow[] {
  const upwards = page.order === 'oldest'
  const condition = where(['tenant = ?', filter.tenant])
    .and(stretch !== undefined, 'sequence >> 11 = ?', stretch)
    .and(index === 'events_rare', RARE)
    .and(page.after !== null, upwards ? 'sequence > ?' : 'sequence < ?', page.after)
    .and(type !== undefined, 'type = ?', type)
    .andIn('type', type === undefined ? filter.types : undefined)
    .andIn('state', filter.states)
    .and(filter.subject !== undefined, 'subject = ?', filter.subject)
    .and(filter.source !== undefined, 'source = ?', filter.source)
    .and(filter.transactionId !== undefined, 'transaction_id = ?', filter.transactionId)
    .and(filter.parentId !== undefined, 'parent_id = ?', filter.parentId)
    .and(filter.rootId !== undefined, 'root_id = ?', filter.rootId)
    .and(filter.from !== undefined, 'received_at >= ?', filter.from)
    .and(filter.till !== undefined, 'received_at < ?', filter.till)
  const sql = `SELECT ${EVENT.columns} FROM events INDEXED BY ${index} WHERE ${condition.sql}
    ORDER BY sequence ${upwards ? 'ASC' : 'DESC'} LIMIT ?`
  return session.all(sql, ...condition.values, page.limit)
}

function readLog(session: Session, tenant: string, after: number, limit: number): readonly EventRow[] {
  const sql = `SELECT ${EVENT.columns} FROM events WHERE tenant = ? AND sequence > ? AND +state = 'admitted'
    ORDER BY sequence LIMIT ?`
  return session.all(sql, tenant, after, limit).map((row) => EVENT.read(row))
}

export function isAtEnd(session: Session, tenant: string, cursor: number): boolean {
  const sql = "SELECT 1 FROM events WHERE tenant = ? AND sequence > ? AND +state = 'admitted' LIMIT 1"
  return session.get(sql, tenant, cursor) === undefined
}

function countTransaction(session: Session, tenant: string, transactionId: string): TransactionCounts {
  const from = 'FROM events AS e INDEXED BY events_by_transaction'
  const ours = 'e.tenant = ? AND e.transaction_id = ?'
  const events = session.get(`SELECT COUNT(*) ${from} WHERE ${ours}`, tenant, transactionId)
  const rows = session.all(
    `SELECT ${SHOWN} AS shown, ${LOCAL} AS local, COUNT(*) ${from}
     CROSS JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence ${JOINED}
     WHERE ${ours} GROUP BY shown, local`,
    tenant,
    transactionId,
  )
  const counts = (local: number) => countsFrom(rows.filter((row) => row[1] === local).map(([state, , n]) => [state, n]))
  return { events: Number(events?.[0]), tasks: counts(0), local: counts(1) }
}

// -------------------------------------------------------------------------------------------- results, suspended events

function resultsOf(session: Session, tenant: string, sequence: number): readonly ResultRow[] {
  const sql = `SELECT ${RESULT.columns} FROM results WHERE tenant = ? AND sequence = ? ORDER BY position, processor, number`
  return session.all(sql, tenant, sequence).map((row) => RESULT.read(row))
}

const DROP_LATER = 'DELETE FROM results WHERE tenant = ? AND sequence = ? AND processor = ? AND number > ?'
const DROP_EARLIER = 'DELETE FROM results WHERE tenant = ? AND sequence = ? AND processor = ? AND number < ?'

export function putResults(session: Session, results: readonly ResultRow[]): void {
  for (const mine of byProcessor(results)) {
    const [first] = mine
    const key = [first.tenant, first.sequence, first.processor] as const
    if (first.number > 0) session.run(DROP_EARLIER, ...key, first.number)
    session.run(DROP_LATER, ...key, first.number)
    for (const result of mine) session.addResult(result)
  }
}

function refuse(session: Session, tenant: string, sequence: number, results: readonly ResultRow[]): boolean {
  const sql = "UPDATE events SET state = 'refused' WHERE tenant = ? AND sequence = ? AND state = 'suspended'"
  if (session.run(sql, tenant, sequence) === 0) return false
  putResults(session, results)
  return true
}

/** The key, the sequence and the operation stay; all else is the event as it was suspended again. */
function suspend(
  session: Session,
  tenant: string,
  sequence: number,
  event: NewEvent,
  results: readonly ResultRow[],
): boolean {
  const row = findEvent(session, tenant, sequence)
  if (row?.state !== 'suspended') return false
  const { id, source, operation } = row
  const again: EventRow = { ...event, tenant, id, source, state: 'suspended', sequence, operation }
  session.run('DELETE FROM events WHERE tenant = ? AND sequence = ?', tenant, sequence)
  session.insert(EVENT, again)
  putResults(session, results)
  return true
}
