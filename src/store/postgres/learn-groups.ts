/**
 * What a transaction is going to ask about groups, asked for many at once.
 */
import { childOf } from '../child-of.js'
import type { TaskRow } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import { isBehind, NORMAL_RANK } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { brief } from './brief.js'
import { keyOf } from './changes.js'
import { isEventOf } from './event-of.js'
import { goneOf, isLong } from './gone.js'
import { IS_BEHIND_ANY } from './is-behind.js'
import type { Session } from './session.js'
import type { Member } from './standing.js'
import { statement } from './statement.js'
import { unique } from './unique.js'

/** `OFFSET 0` keeps it a question for each group: joined freely, all would be walked through where few were counted. */
const FIND_GROUPS = statement(`SELECT v.tenant, v.subscription, v.key, g.head, g.rank, g.run
  FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text' })}
  CROSS JOIN LATERAL (SELECT head, rank, run FROM groups AS g
    WHERE g.tenant = v.tenant AND g.subscription = v.subscription AND g.key = v.key OFFSET 0) AS g`)

const groupOf = ({ tenant, subscription, groupKey }: Member): readonly string[] => [
  tenant,
  subscription,
  brief(groupKey ?? ''),
]

export async function learnGroups(session: Session, members: readonly Member[]): Promise<void> {
  const unknown = members.filter((member) => member.groupKey !== null && session.standing.group(member) === undefined)
  const asked = unique(unknown, (member) => keyOf(...groupOf(member)))
  if (asked.length === 0) return
  const rows = await session.all(FIND_GROUPS, ...arraysOf(['text', 'text', 'text'], asked.map(groupOf)))
  const found = new Map(rows.map((row) => [keyOf(row[0] ?? '', row[1] ?? '', row[2] ?? ''), row]))
  for (const member of asked) {
    const row = found.get(keyOf(...groupOf(member)))
    session.standing.learnGroup(
      member,
      row === undefined ? null : { head: Number(row[3]), rank: Number(row[4]), run: Number(row[5]) },
    )
  }
}

const FIND_LATEST = statement(`SELECT ${TASK.of('t')}
  FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text', brief: 'text' })}
  CROSS JOIN LATERAL (SELECT t.* FROM tasks AS t WHERE ${IS_BEHIND_ANY}
    UNION ALL SELECT t.* FROM groups AS g
    JOIN tasks AS t ON t.tenant = g.tenant AND t.sequence = g.head AND t.subscription = g.subscription AND t.ended_at IS NULL
    WHERE g.tenant = v.tenant AND g.subscription = v.subscription AND g.key = v.brief) AS t`)

/** All of their groups: what is older may end. */
export async function learnLatest(session: Session, members: readonly Member[]): Promise<void> {
  const asked = unique(members, (member) => keyOf(...groupOf(member)))
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, subscription, groupKey }) => [
    tenant,
    subscription,
    groupKey,
    brief(groupKey ?? ''),
  ])
  const rows = await session.all(FIND_LATEST, ...arraysOf(['text', 'text', 'text', 'text'], keys))
  const found = new Map<string, TaskRow[]>()
  for (const task of rows.map((row) => session.readTask(row)))
    if (isBehind(task)) childOf(found, keyOf(task.tenant, task.subscription, task.groupKey), () => []).push(task)
  for (const member of asked)
    session.standing.learnMembers(member, found.get(keyOf(member.tenant, member.subscription, member.groupKey)) ?? [])
}

const FIND_HEIRS = statement(`SELECT v.tenant, v.subscription, v.key,
    (SELECT t.priority FROM tasks AS t WHERE ${IS_BEHIND_ANY} AND t.priority < 2 ORDER BY t.priority LIMIT 1),
    ${TASK.of('n')}, ${EVENT.of('e')}, CASE WHEN left(v.subscription, 6) = 'local.' THEN ${goneOf('n')} END
  FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text' })}
  LEFT JOIN LATERAL (SELECT * FROM tasks AS t WHERE ${IS_BEHIND_ANY} ORDER BY t.sequence LIMIT 1) AS n ON true
  LEFT JOIN events AS e ON ${isEventOf('n')}`)
const HEIR = 4

/** Who comes next in each group, with its event. */
export async function learnHeirs(session: Session, members: readonly Member[]): Promise<void> {
  const asked = unique(members, ({ tenant, subscription, groupKey }) => keyOf(tenant, subscription, groupKey))
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, subscription, groupKey }) => [tenant, subscription, groupKey])
  for (const row of await session.all(FIND_HEIRS, ...arraysOf(['text', 'text', 'text'], keys))) {
    const next = row[HEIR] === null ? null : learnHeir(session, row)
    const member = { tenant: String(row[0]), subscription: String(row[1]), groupKey: String(row[2]) }
    session.standing.learnBehind(member, { next, rank: row[3] === null ? NORMAL_RANK : Number(row[3]) })
  }
}

function learnHeir(session: Session, row: SqlRow): number {
  const task = session.readTask(row, HEIR)
  session.learnEvent(EVENT.read(row, HEIR + TASK.width))
  const gone = row[HEIR + TASK.width + EVENT.width]
  if (!isLong(task.subject)) session.learnRemoved(task, gone === 1)
  return task.sequence
}
