import type { EventFilter, LogStore, TransactionCounts } from '../port.js'
import { byProcessor } from '../result-rules.js'
import type { EventRow, NewEvent, ResultRow } from '../rows.js'
import { merged } from '../sql/merged.js'
import { isRare, RARE } from '../sql/rare.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, RESULT } from '../sql/shapes.js'
import { countsFrom, JOINED, LOCAL, SHOWN } from '../sql/shown.js'
import { isUnder } from '../task-rules.js'
import { brief } from './brief.js'
import type { Asked } from './conversation.js'
import type { Database } from './database.js'
import { where } from './query.js'
import type { Session } from './session.js'
import { statement } from './statement.js'

export const postgresLog = ({ read, write, snapshot }: Database): LogStore => ({
  get: (tenant, sequence) => findEvent(read, tenant, sequence),
  find: (tenant, id, source) => findByKey(read, tenant, id, source ?? null),
  list: (filter, page) => listEvents(read, filter, page),
  read: (tenant, after, limit) => readLog(read, tenant, after, limit),
  head: async (tenant) => Number((await read.get(HEAD, tenant))?.[0] ?? 0),
  results: (tenant, sequence) => resultsOf(read, tenant, sequence),
  putResults: (results, lease) =>
    write(async (session) => {
      if (isUnder(lease, lease && (await session.task(lease)))) putResults(session, results)
    }),
  refuse: (tenant, sequence, results) => write((session) => refuse(session, tenant, sequence, results)),
  suspend: (tenant, sequence, event, results) => write((session) => suspend(session, tenant, sequence, event, results)),
  transaction: (tenant, transactionId) => snapshot((asked) => countTransaction(asked, tenant, transactionId)),
  children: (tenant, id, limit) => listEvents(read, { tenant, parentId: id }, { after: null, limit, order: 'oldest' }),
})

const HEAD = statement('SELECT head FROM tenant_heads WHERE tenant = ?')
const FIND = statement(`SELECT ${EVENT.columns} FROM events WHERE tenant = ? AND sequence = ?`)

async function findEvent(asked: Asked, tenant: string, sequence: number): Promise<EventRow | null> {
  const row = await asked.get(FIND, tenant, sequence)
  return row === undefined ? null : EVENT.read(row)
}

const FIND_BY_KEY = statement(`SELECT ${EVENT.of('e')} FROM event_keys AS k
  JOIN events AS e ON e.tenant = k.tenant AND e.sequence = k.sequence
  WHERE k.tenant = ?1 AND k.id = ?2 AND (?3::text IS NULL OR k.source = ?3) ORDER BY k.source`)

async function findByKey(
  asked: Asked,
  tenant: string,
  id: string,
  source: string | null,
): Promise<readonly EventRow[]> {
  const rows = await asked.all(FIND_BY_KEY, tenant, brief(id), source === null ? null : brief(source))
  return rows.map((row) => EVENT.read(row))
}

// -------------------------------------------------------------------------------------------- lists

interface EventPage {
  readonly after: number | null
  readonly limit: number
  readonly order?: 'newest' | 'oldest'
}

/** Types are searched one by one, each by an index that is already in order, and the first of all are taken. */
async function listEvents(asked: Asked, filter: EventFilter, page: EventPage): Promise<readonly EventRow[]> {
  const types = isByType(filter) ? (filter.types ?? []) : [undefined]
  const pages = await Promise.all(types.map((type) => searchEvents(asked, filter, page, type)))
  const direction = page.order === 'oldest' ? 'up' : 'down'
  return merged(pages, 1, direction, page.limit).map((row) => EVENT.read(row))
}

/** Nothing else that it names narrows more. */
const isByType = ({ types, transactionId, parentId, rootId, subject, states }: EventFilter): boolean =>
  types !== undefined &&
  !isRare(states) &&
  [transactionId, parentId, rootId, subject].every((value) => value === undefined)

/** The tenant, written as the index that is meant has it. */
function tenantOf(filter: EventFilter, type: string | undefined): string {
  const { states, subject, transactionId, parentId, rootId } = filter
  if (parentId !== undefined) return "(tenant || '')"
  const named = [type, subject, transactionId, rootId].some((value) => value !== undefined)
  return named || isRare(states) ? 'left(tenant, 200)' : 'tenant'
}

function searchEvents(
  asked: Asked,
  filter: EventFilter,
  page: EventPage,
  type: string | undefined,
): Promise<readonly SqlRow[]> {
  const upwards = page.order === 'oldest'
  const condition = where([`${tenantOf(filter, type)} = ?`, filter.tenant])
    .and(isRare(filter.states), RARE)
    .and(page.after !== null, upwards ? 'sequence > ?' : 'sequence < ?', page.after)
    .andName('type', type)
    .andIn('type', type === undefined ? filter.types : undefined)
    .andIn('state', filter.states)
    .andName('subject', filter.subject)
    .and(filter.source !== undefined, 'source = ?', filter.source)
    .andName('transaction_id', filter.transactionId)
    .andName('parent_id', filter.parentId)
    .andName('root_id', filter.rootId)
    .and(filter.from !== undefined, 'received_at >= ?', filter.from)
    .and(filter.till !== undefined, 'received_at < ?', filter.till)
  const sql = `SELECT ${EVENT.columns} FROM events WHERE ${condition.sql}
    ORDER BY sequence ${upwards ? 'ASC' : 'DESC'} LIMIT ${Number(page.limit)}`
  return asked.all(sql, ...condition.values)
}

async function readLog(asked: Asked, tenant: string, after: number, limit: number): Promise<readonly EventRow[]> {
  const sql = `SELECT ${EVENT.columns} FROM events WHERE tenant = ? AND sequence > ? AND state = 'admitted'
    ORDER BY sequence LIMIT ${Number(limit)}`
  return (await asked.all(sql, tenant, after)).map((row) => EVENT.read(row))
}

const BEYOND = statement(`SELECT 1 FROM events WHERE tenant = ? AND sequence > ? AND state = 'admitted'
  ORDER BY sequence LIMIT 1`)

export const isAtEnd = async (asked: Asked, tenant: string, cursor: number): Promise<boolean> =>
  (await asked.get(BEYOND, tenant, cursor)) === undefined

const OURS = `left(e.tenant, 200) = ?1 AND left(e.transaction_id, 200) = left(?2, 200) AND e.transaction_id = ?2`
const COUNT_EVENTS = statement(`SELECT count(*) FROM events AS e WHERE ${OURS}`)
const COUNT_TASKS = statement(`SELECT ${SHOWN} AS shown, ${LOCAL}::int AS local, count(*) FROM events AS e
  JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence ${JOINED} WHERE ${OURS} GROUP BY shown, local`)

async function countTransaction(asked: Asked, tenant: string, transactionId: string): Promise<TransactionCounts> {
  const events = await asked.get(COUNT_EVENTS, tenant, transactionId)
  const rows = await asked.all(COUNT_TASKS, tenant, transactionId)
  const counts = (local: number) => countsFrom(rows.filter((row) => row[1] === local).map(([state, , n]) => [state, n]))
  return { events: Number(events?.[0]), tasks: counts(0), local: counts(1) }
}

// -------------------------------------------------------------------------------------------- results, suspended events

const RESULTS_OF = statement(`SELECT ${RESULT.columns} FROM results WHERE tenant = ? AND sequence = ?
  ORDER BY position, processor, number`)

async function resultsOf(asked: Asked, tenant: string, sequence: number): Promise<readonly ResultRow[]> {
  return (await asked.all(RESULTS_OF, tenant, sequence)).map((row) => RESULT.read(row))
}

export function putResults(session: Session, results: readonly ResultRow[]): void {
  for (const mine of byProcessor(results)) session.replaceResults(mine)
}

const REFUSE = statement(
  `UPDATE events SET state = 'refused' WHERE tenant = ? AND sequence = ? AND state = 'suspended'`,
)

async function refuse(
  session: Session,
  tenant: string,
  sequence: number,
  results: readonly ResultRow[],
): Promise<boolean> {
  if ((await session.run(REFUSE, tenant, sequence)) === 0) return false
  session.forgetEvent(tenant, sequence)
  putResults(session, results)
  return true
}

export const DROP_EVENT = statement('DELETE FROM events WHERE tenant = ? AND sequence = ?')

/** The key, the sequence and the operation stay; all else is the event as it was suspended again. */
async function suspend(
  session: Session,
  tenant: string,
  sequence: number,
  event: NewEvent,
  results: readonly ResultRow[],
): Promise<boolean> {
  const row = await session.event(tenant, sequence)
  if (row?.state !== 'suspended') return false
  const { id, source, operation } = row
  await session.run(DROP_EVENT, tenant, sequence)
  session.addEvent({ ...event, tenant, id, source, state: 'suspended', sequence, operation })
  putResults(session, results)
  return true
}
