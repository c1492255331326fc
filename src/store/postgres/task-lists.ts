/**
 * Tasks as people look for them: shown `held` while their subscription is, by filter, page by page, counted.
 */

import type { TaskCounts, TaskFilter, TaskKey } from '../port.js'
import type { TaskRow, TaskState } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { TASK } from '../sql/shapes.js'
import { countsFrom, JOINED, LOCAL, SHOWN, SUBSCRIBED } from '../sql/shown.js'
import { asksFailed, isTallied } from '../sql/task-questions.js'
import { RANKS } from '../task-rules.js'
import type { Asked } from './conversation.js'
import type { Condition } from './query.js'
import { where } from './query.js'

export async function getTask(asked: Asked, { tenant, sequence, subscription }: TaskKey): Promise<TaskRow | null> {
  const filter = { tenant, sequence, subscription }
  return (await listTasks(asked, filter, { after: null, limit: 1 }))[0] ?? null
}

interface TaskPage {
  readonly after: { readonly sequence: number; readonly subscription: string } | null
  readonly limit: number
  readonly order?: 'newest' | 'oldest'
}

export async function listTasks(
  asked: Asked,
  filter: TaskFilter,
  { after, limit, order }: TaskPage,
): Promise<readonly TaskRow[]> {
  const upwards = order === 'oldest'
  const compare = `(t.sequence, t.subscription) ${upwards ? '>' : '<'} (?, ?)`
  const condition = conditionOf(filter).and(after !== null, compare, after?.sequence, after?.subscription)
  const direction = upwards ? 'ASC' : 'DESC'
  const sql = `SELECT ${TASK.of('t')}, ${SHOWN} ${sourceOf(filter)} WHERE ${condition.sql}
    ORDER BY t.sequence ${direction}, t.subscription ${direction} LIMIT ${Number(limit)}`
  return (await asked.all(sql, ...condition.values)).map(shownTask)
}

const shownTask = (row: SqlRow): TaskRow => ({ ...TASK.read(row), state: row[TASK.width] as TaskState })

// -------------------------------------------------------------------------------------------- filters

function sourceOf(filter: TaskFilter): string {
  const events = asksEvents(filter) ? 'JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence' : ''
  return `FROM tasks AS t ${events} ${JOINED}`
}

const asksEvents = ({ text, transactionId, parentId, rootId, subject, partitionKey }: TaskFilter): boolean =>
  [text, transactionId, parentId, rootId, subject, partitionKey].some((value) => value !== undefined)

/**
 * The tenant, written as the index that is meant has it. The events of a transaction or a family, or about a subject, are
 * found first, and then their tasks by key.
 */
function tenantOf(filter: TaskFilter): string {
  const { sequence, transactionId, parentId, rootId, subject, superOwner, subscription } = filter
  if (sequence !== undefined) return 't.tenant'
  if (parentId !== undefined) return "(e.tenant || '')"
  if ([transactionId, rootId, subject].some((value) => value !== undefined)) return 'left(e.tenant, 200)'
  return superOwner !== undefined || subscription !== undefined || asksFailed(filter)
    ? 'left(t.tenant, 200)'
    : 't.tenant'
}

function conditionOf(filter: TaskFilter): Condition {
  return ofEvent(filter, where([`${tenantOf(filter)} = ?`, filter.tenant]))
    .and(asksFailed(filter), "t.state IN ('refused', 'exhausted')")
    .and(filter.sequence !== undefined, 't.sequence = ?', filter.sequence)
    .andName('t.subscription', filter.subscription)
    .andIn(SHOWN, filter.states)
    .andIn('t.type', filter.types)
    .andIn(
      't.priority',
      filter.priorities?.map((priority) => RANKS[priority]),
    )
    .andIn('t.code', filter.codes)
    .andName('t.super_owner', filter.superOwner)
    .and(filter.createdFrom !== undefined, 't.created_at >= ?', filter.createdFrom)
    .and(filter.createdTill !== undefined, 't.created_at < ?', filter.createdTill)
    .and(filter.wakeFrom !== undefined, 't.wake_at >= ?', filter.wakeFrom)
    .and(filter.wakeTill !== undefined, 't.wake_at < ?', filter.wakeTill)
    .and(filter.local !== undefined, filter.local === true ? LOCAL : `NOT ${LOCAL}`)
    .and(filter.subscribed !== undefined, SUBSCRIBED)
    .and(filter.subjectTypes !== undefined, ABOUT(filter.subjectTypes ?? []), ...(filter.subjectTypes ?? []))
}

const ABOUT = (types: readonly string[]): string => `EXISTS (SELECT 1 FROM resources AS r
  WHERE r.tenant = t.tenant AND r.id = t.subject AND r.type IN (${types.map(() => '?').join(', ') || 'NULL'}))`

/** The letters from A to Z alone, whatever the database's language. */
const lower = (text: string): string => `translate(${text}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')`
const contains = (column: string): string => `strpos(${lower(column)}, ${lower('?::text')}) > 0`
const TELLS = `(${['e.id', 'e.source', 'e.type', "coalesce(e.subject, '')"].map(contains).join(' OR ')})`

const ofEvent = (
  { transactionId, parentId, rootId, subject, partitionKey, text }: TaskFilter,
  condition: Condition,
): Condition =>
  condition
    .andName('e.transaction_id', transactionId)
    .andName('e.parent_id', parentId)
    .andName('e.root_id', rootId)
    .andName('e.subject', subject)
    .and(partitionKey !== undefined, 'e.partition_key = ?', partitionKey)
    .and(text !== undefined, TELLS, text, text, text, text)

// -------------------------------------------------------------------------------------------- counts

export async function countBy(asked: Asked, filter: TaskFilter): Promise<TaskCounts> {
  if (isTallied(filter)) return tallies(asked, filter)
  const condition = conditionOf(filter)
  const sql = `SELECT ${SHOWN} AS shown, count(*) ${sourceOf(filter)} WHERE ${condition.sql} GROUP BY shown`
  return countsFrom(await asked.all(sql, ...condition.values))
}

async function tallies(
  asked: Asked,
  { tenant, subscription, states, local, subscribed }: TaskFilter,
): Promise<TaskCounts> {
  const condition = where(['t.tenant = ?', tenant])
    .and(subscription !== undefined, 't.subscription = ?', subscription)
    .and(local !== undefined, local === true ? LOCAL : `NOT ${LOCAL}`)
    .and(subscribed !== undefined, SUBSCRIBED)
    .andIn(SHOWN, states)
  return countsFrom(await asked.all(sumOf(condition), ...condition.values))
}

const sumOf = ({ sql }: Condition): string => `SELECT ${SHOWN} AS shown, sum(t.count) FROM task_counts AS t ${JOINED}
  WHERE ${sql} GROUP BY shown HAVING sum(t.count) > 0`

export async function countTasks(
  asked: Asked,
  tenant: string | null,
  subscription: string | undefined,
): Promise<TaskCounts> {
  const condition = where(['true'])
    .and(tenant !== null, 't.tenant = ?', tenant)
    .and(subscription !== undefined, 't.subscription = ?', subscription)
  return countsFrom(await asked.all(sumOf(condition), ...condition.values))
}
