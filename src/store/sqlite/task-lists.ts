/**
 * Tasks as people look for them: shown `held` while their subscription is, by filter, page by page, counted.
 */

import type { TaskCounts, TaskFilter, TaskKey } from '../port.js'
import type { TaskRow, TaskState } from '../rows.js'
import type { SqlRow, SqlValue } from '../sql/row.js'
import { TASK } from '../sql/shapes.js'
import { countsFrom, JOINED, LOCAL, SHOWN, SUBSCRIBED } from '../sql/shown.js'
import { asksFailed, isTallied } from '../sql/task-questions.js'
import { RANKS } from '../task-rules.js'
import { stretchesOf } from './log.js'
import type { Condition } from './query.js'
import { where } from './query.js'
import type { Session } from './session.js'

export function getTask(session: Session, { tenant, sequence, subscription }: TaskKey): TaskRow | null {
  const filter = { tenant, sequence, subscription }
  return listTasks(session, filter, { after: null, limit: 1 })[0] ?? null
}

interface TaskPage {
  readonly after: { readonly sequence: number; readonly subscription: string } | null
  readonly limit: number
  readonly order?: 'newest' | 'oldest'
}

export function listTasks(session: Session, filter: TaskFilter, page: TaskPage): readonly TaskRow[] {
  if (!isBySubject(filter)) return search(session, filter, page, null)
  const found: TaskRow[] = []
  const from = page.after === null ? null : page.after.sequence
  for (const stretch of stretchesOf(session, filter.tenant, { after: from, order: page.order ?? 'newest' })) {
    if (found.length >= page.limit) break
    found.push(...search(session, filter, { ...page, limit: page.limit - found.length }, stretch))
  }
  return found
}

function search(session: Session, filter: TaskFilter, page: TaskPage, stretch: number | null): readonly TaskRow[] {
  const upwards = page.order === 'oldest'
  const { after, limit } = page
  const compare = `(t.sequence, t.subscription) ${upwards ? '>' : '<'} (?, ?)`
  const condition = conditionOf(filter, stretch).and(after !== null, compare, after?.sequence, after?.subscription)
  const direction = upwards ? 'ASC' : 'DESC'
  const sql = `SELECT ${TASK.of('t')}, ${SHOWN} ${sourceOf(filter)} WHERE ${condition.sql}
    ORDER BY t.sequence ${direction}, t.subscription ${direction} LIMIT ?`
  return session.all(sql, ...condition.values, limit).map(shownTask)
}

const shownTask = (row: SqlRow): TaskRow => ({ ...TASK.read(row), state: row[TASK.width] as TaskState })

// -------------------------------------------------------------------------------------------- filters

/** The events of a transaction or a family are few: they are found first, and then their tasks. */
function sourceOf(filter: TaskFilter): string {
  const related = relatedBy(filter)
  if (related !== null) {
    return `FROM events AS e INDEXED BY ${related}
      CROSS JOIN tasks AS t ON t.tenant = e.tenant AND t.sequence = e.sequence ${JOINED}`
  }
  const index = indexFor(filter)
  const events = asksEvents(filter) ? 'JOIN events AS e ON e.tenant = t.tenant AND e.sequence = t.sequence' : ''
  return `FROM tasks AS t ${index === null ? 'NOT INDEXED' : `INDEXED BY ${index}`} ${events} ${JOINED}`
}

/** The events about a subject are found by an index that lies in stretches of the log. */
const isBySubject = (filter: TaskFilter): boolean => relatedBy(filter) === 'events_by_subject'

function relatedBy(filter: TaskFilter): string | null {
  if (filter.sequence !== undefined) return null
  if (filter.transactionId !== undefined) return 'events_by_transaction'
  if (filter.parentId !== undefined) return 'events_by_parent'
  if (filter.rootId !== undefined) return 'events_by_root'
  return filter.subject === undefined ? null : 'events_by_subject'
}

const asksEvents = ({ text, transactionId, parentId, rootId, partitionKey }: TaskFilter): boolean =>
  [text, transactionId, parentId, rootId, partitionKey].some((value) => value !== undefined)

/** Null: the table's own order. */
function indexFor(filter: TaskFilter): string | null {
  if (filter.sequence !== undefined) return null
  if (filter.superOwner !== undefined) return 'tasks_by_super_owner'
  if (asksFailed(filter)) return 'tasks_failed'
  return filter.subscription === undefined ? null : 'tasks_by_subscription'
}

function conditionOf(filter: TaskFilter, stretch: number | null): Condition {
  const related = relatedBy(filter) !== null
  return ofEvent(filter, where([`${related ? 'e' : 't'}.tenant = ?`, filter.tenant]))
    .and(stretch !== null, 'e.sequence >> 11 = ? AND e.subject = ?', stretch, filter.subject)
    .and(asksFailed(filter), "t.state IN ('refused', 'exhausted')")
    .and(filter.sequence !== undefined, 't.sequence = ?', filter.sequence)
    .and(filter.subscription !== undefined, 't.subscription = ?', filter.subscription)
    .andIn(SHOWN, filter.states)
    .andIn('t.type', filter.types)
    .andIn(
      't.priority',
      filter.priorities?.map((priority) => RANKS[priority]),
    )
    .andIn('t.code', filter.codes)
    .and(filter.subject !== undefined, 't.subject = ?', filter.subject)
    .and(filter.superOwner !== undefined, 't.super_owner = ?', filter.superOwner)
    .and(filter.createdFrom !== undefined, 't.created_at >= ?', filter.createdFrom)
    .and(filter.createdTill !== undefined, 't.created_at < ?', filter.createdTill)
    .and(filter.wakeFrom !== undefined, 't.wake_at >= ?', filter.wakeFrom)
    .and(filter.wakeTill !== undefined, 't.wake_at < ?', filter.wakeTill)
    .and(filter.local !== undefined, `${LOCAL} = ?`, Number(filter.local))
    .and(filter.subscribed !== undefined, SUBSCRIBED)
    .and(filter.subjectTypes !== undefined, ABOUT(filter.subjectTypes ?? []), ...(filter.subjectTypes ?? []))
}

const ABOUT = (types: readonly string[]): string => `EXISTS (SELECT 1 FROM resources AS r
  WHERE r.tenant = t.tenant AND r.id = t.subject AND r.type IN (${types.map(() => '?').join(', ')}))`

const TELLS = `(instr(lower(e.id), lower(?)) OR instr(lower(e.source), lower(?)) OR instr(lower(e.type), lower(?))
  OR instr(lower(coalesce(e.subject, '')), lower(?)))`

const ofEvent = (
  { transactionId, parentId, rootId, partitionKey, text }: TaskFilter,
  condition: Condition,
): Condition =>
  condition
    .and(transactionId !== undefined, 'e.transaction_id = ?', transactionId)
    .and(parentId !== undefined, 'e.parent_id = ?', parentId)
    .and(rootId !== undefined, 'e.root_id = ?', rootId)
    .and(partitionKey !== undefined, 'e.partition_key = ?', partitionKey)
    .and(text !== undefined, TELLS, text, text, text, text)

// -------------------------------------------------------------------------------------------- counts

export function countBy(session: Session, filter: TaskFilter): TaskCounts {
  if (isTallied(filter)) return tallies(session, filter)
  if (!isBySubject(filter)) return countsFrom(count(session, filter, null))
  const stretches = stretchesOf(session, filter.tenant, { after: null })
  const sums = new Map<SqlValue, number>()
  for (const [state = null, found] of stretches.flatMap((stretch) => count(session, filter, stretch))) {
    sums.set(state, (sums.get(state) ?? 0) + Number(found))
  }
  return countsFrom([...sums])
}

function count(session: Session, filter: TaskFilter, stretch: number | null): readonly SqlRow[] {
  const condition = conditionOf(filter, stretch)
  const sql = `SELECT ${SHOWN} AS shown, COUNT(*) ${sourceOf(filter)} WHERE ${condition.sql} GROUP BY shown`
  return session.all(sql, ...condition.values)
}

function tallies(session: Session, { tenant, subscription, states, local, subscribed }: TaskFilter): TaskCounts {
  session.writeTallies()
  const condition = where(['t.tenant = ?', tenant])
    .and(subscription !== undefined, 't.subscription = ?', subscription)
    .and(local !== undefined, `${LOCAL} = ?`, Number(local))
    .and(subscribed !== undefined, SUBSCRIBED)
    .andIn(SHOWN, states)
  const sql = `SELECT ${SHOWN} AS shown, SUM(t.count) FROM task_counts AS t ${JOINED}
    WHERE ${condition.sql} GROUP BY shown HAVING SUM(t.count) > 0`
  return countsFrom(session.all(sql, ...condition.values))
}

export function countTasks(session: Session, tenant: string | null, subscription: string | undefined): TaskCounts {
  session.writeTallies()
  const rows = session.all(
    `SELECT ${SHOWN} AS shown, SUM(t.count) FROM task_counts AS t ${JOINED}
     WHERE (?1 IS NULL OR t.tenant = ?1) AND (?2 IS NULL OR t.subscription = ?2) GROUP BY shown HAVING SUM(t.count) > 0`,
    tenant,
    subscription ?? null,
  )
  return countsFrom(rows)
}
