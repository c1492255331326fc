/**
 * How unfinished tasks stand to each other, read from their rows: in pages, as there may be a million of them.
 */
import type { TaskRow } from '../rows.js'
import type { SqlValue } from '../sql/row.js'
import { TASK } from '../sql/shapes.js'
import { isBehind, RANKS } from '../task-rules.js'
import { findTask } from './groups.js'
import type { Session } from './session.js'
import { type Group, Standing } from './standing.js'

interface Place {
  readonly index: string
  readonly where: string
  /** The columns of the index: numbers and texts, all of them present. */
  readonly key: readonly string[]
}

/** Heads first: who waits needs somebody to wait for. */
const PLACES: readonly Place[] = [
  { index: 'tasks_ready', where: "state = 'due'", key: ['tenant', 'subscription', 'rank', 'sequence'] },
  { index: 'tasks_leased', where: "state = 'leased'", key: ['leased_until', 'tenant', 'sequence', 'subscription'] },
  {
    index: 'tasks_blocked',
    where: 'blocked_by IS NOT NULL',
    key: ['tenant', 'blocked_by', 'rank', 'sequence', 'subscription'],
  },
  {
    index: 'tasks_asleep',
    where: "state = 'waiting' AND wake_at IS NOT NULL",
    key: ['wake_at', 'tenant', 'sequence', 'subscription'],
  },
  {
    index: 'tasks_behind',
    where: "state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL",
    key: ['tenant', 'sequence', 'subscription'],
  },
]

const NUMBERS: ReadonlySet<string> = new Set(['sequence', 'rank', 'leased_until', 'wake_at'])
const PAGE = 2_000

export function loadStanding(session: Session): Standing {
  const standing = new Standing()
  for (const place of PLACES) for (const task of tasksAt(session, place)) stand(session, standing, task)
  return standing
}

function stand(session: Session, standing: Standing, task: TaskRow): void {
  const leader = task.groupKey !== null && leads(task)
  const group = leader && standing.found(task) ? undefined : standing.group(task)
  if (leader && group !== undefined) group.run = Math.max(1, group.run) + 1
  standing.move(null, task)
  if (group === undefined || !isBehind(task)) return
  group.rank = Math.min(group.rank, RANKS[task.priority])
  if (group.run === 0 && wasGivenBack(task) && isLeased(session, task, group)) group.run = 1
}

/** Who joins a group has nothing to say yet; who is leased after that leads. So it was of a run that is not over. */
const wasGivenBack = ({ code }: TaskRow): boolean => code !== null

const isLeased = (session: Session, task: TaskRow, { head }: Group): boolean =>
  findTask(session, { ...task, sequence: head })?.state === 'leased'

/** A task whose date has not come is in no group; one that sleeps after an attempt leads its own. */
const leads = ({ state, blockedBy, wakeAt, attempts }: TaskRow): boolean =>
  state !== 'waiting' || blockedBy !== null || (wakeAt !== null && attempts > 0)

function* tasksAt(session: Session, { index, where, key }: Place): Generator<TaskRow> {
  const columns = key.join(', ')
  const sql = `SELECT ${TASK.columns}, ${columns} FROM tasks INDEXED BY ${index}
    WHERE ${where} AND (${columns}) > (${key.map(() => '?').join(', ')}) ORDER BY ${columns} LIMIT ${PAGE}`
  let after: readonly SqlValue[] = key.map((column) => (NUMBERS.has(column) ? -1 : ''))
  for (;;) {
    const rows = session.all(sql, ...after)
    for (const row of rows) yield TASK.read(row)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
    after = last.slice(TASK.width)
  }
}
