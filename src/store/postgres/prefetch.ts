/**
 * What a batch is going to ask, asked for all its members at once: a statement a table, all sent together.
 */
import { childOf } from '../child-of.js'
import type { Admission, AdmittedEvent, Candidate, Settlement, TaskKey } from '../port.js'
import type { EventRow, TaskRow } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import { NORMAL_RANK } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { brief } from './brief.js'
import { keyOf, taskKey } from './changes.js'
import { isEventOf } from './event-of.js'
import { goneOf, isLong } from './gone.js'
import { IS_BEHIND_ANY } from './groups.js'
import { ARE_COMPARED, type Member, type Session } from './session.js'
import { statement } from './statement.js'

const unique = <Item>(items: readonly Item[], key: (item: Item) => string): readonly Item[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
]

// -------------------------------------------------------------------------------------------- admissions

export async function prefetchAdmissions(session: Session, admissions: readonly Admission[]): Promise<void> {
  const tenants = [...new Set(admissions.map(({ tenant }) => tenant))]
  await Promise.all([
    ...tenants.map((tenant) => session.head(tenant)),
    learnKeys(session, admissions),
    learnGroups(session, admissions.flatMap(membersOf)),
    learnLikes(session, admissions.flatMap(likenessesOf)),
    ...tenants.filter((tenant) => locksIn(admissions, tenant)).map((tenant) => session.locks(tenant)),
  ])
}

/** For who will tell them of an event that was admitted before. */
export async function prefetchTold(session: Session, event: EventRow, candidates: readonly Candidate[]): Promise<void> {
  const told = { tenant: event.tenant, events: [{ event, candidates }] }
  await Promise.all([learnGroups(session, membersOf(told)), learnLikes(session, likenessesOf(told))])
}

type Telling = Pick<Admission, 'tenant'> & { readonly events: readonly Pick<AdmittedEvent, 'event' | 'candidates'>[] }

const likenessesOf = ({ tenant, events }: Telling): readonly Likened[] =>
  events.flatMap(({ candidates }) =>
    candidates.flatMap(({ subscription, likeness }) => (likeness === null ? [] : [{ tenant, subscription, likeness }])),
  )

type Likened = Readonly<Record<'tenant' | 'subscription' | 'likeness', string>>

/** `OFFSET 0` keeps it a question for each likeness: joined freely, everything that may be compared would be walked through. */
const FIND_LIKES =
  statement(`SELECT ${TASK.of('t')} FROM ${rowsOf({ tenant: 'text', subscription: 'text', likeness: 'text' })}
  CROSS JOIN LATERAL (SELECT * FROM tasks AS t WHERE (t.tenant || '') = v.tenant AND (t.subscription || '') = v.subscription
    AND left(t.likeness, 200) = left(v.likeness, 200) AND t.likeness = v.likeness AND ${ARE_COMPARED} OFFSET 0) AS t`)

async function learnLikes(session: Session, likened: readonly Likened[]): Promise<void> {
  const nameOf = (of: Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>) =>
    keyOf(of.tenant, of.subscription, of.likeness)
  const asked = unique(likened, nameOf)
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, subscription, likeness }) => [tenant, subscription, likeness])
  const rows = await session.all(FIND_LIKES, ...arraysOf(['text', 'text', 'text'], keys))
  const found = new Map<string, TaskRow[]>()
  for (const row of rows) {
    const like = session.readTask(row)
    childOf(found, nameOf(like), () => []).push(like)
  }
  for (const each of asked) session.learnLikes(each, found.get(nameOf(each)) ?? [])
}

const locksIn = (admissions: readonly Admission[], tenant: string): boolean =>
  admissions.some(
    (admission) =>
      admission.tenant === tenant && admission.events.some(({ candidates }) => candidates.some(({ locks }) => locks)),
  )

function membersOf({ tenant, events }: Telling): readonly Member[] {
  return events.flatMap(({ event, candidates }) =>
    candidates
      .filter(({ order }) => order !== 'none')
      .map(({ subscription, priority }) => ({
        tenant,
        subscription,
        priority,
        sequence: 0,
        groupKey: event.partitionKey,
      })),
  )
}

const FIND_KEYS = statement(`SELECT v.tenant, v.id, v.source, k.sequence
  FROM ${rowsOf({ tenant: 'text', id: 'text', source: 'text' })}
  CROSS JOIN LATERAL (SELECT sequence FROM event_keys AS k
    WHERE k.tenant = v.tenant AND k.id = v.id AND k.source = v.source OFFSET 0) AS k`)

async function learnKeys(session: Session, admissions: readonly Admission[]): Promise<void> {
  const asked = admissions.flatMap(({ tenant, events }) =>
    events.map(({ event: { id, source } }) => [tenant, brief(id), brief(source)] as const),
  )
  const rows = await session.all(FIND_KEYS, ...arraysOf(['text', 'text', 'text'], asked))
  for (const [tenant, id, source] of asked) session.learnKey(tenant, id, source, null)
  for (const row of rows) session.learnKey(String(row[0]), String(row[1]), String(row[2]), Number(row[3]))
}

// -------------------------------------------------------------------------------------------- groups

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

async function learnGroups(session: Session, members: readonly Member[]): Promise<void> {
  const asked = unique(members, (member) => keyOf(...groupOf(member)))
  if (asked.length === 0) return
  const rows = await session.all(FIND_GROUPS, ...arraysOf(['text', 'text', 'text'], asked.map(groupOf)))
  const found = new Map(rows.map((row) => [keyOf(row[0] ?? '', row[1] ?? '', row[2] ?? ''), row]))
  for (const member of asked) {
    const row = found.get(keyOf(...groupOf(member)))
    session.learnGroup(
      member,
      row === undefined ? null : { head: Number(row[3]), rank: Number(row[4]), run: Number(row[5]) },
    )
  }
}

// -------------------------------------------------------------------------------------------- settlements

/** The tasks, their groups, and who comes next in each, with its event. What was leased here is known before it is read. */
export async function prefetchSettlements(session: Session, settlements: readonly Settlement[]): Promise<void> {
  const remembered = settlements.flatMap((settlement) => recall(session, settlement))
  const [tasks] = await Promise.all([learnTasks(session, settlements), learnAround(session, remembered)])
  const known = new Set(remembered.map(taskKey))
  await learnAround(
    session,
    tasks.filter((task) => !known.has(taskKey(task))),
  )
}

function recall({ memory: { leases } }: Session, key: TaskKey): readonly TaskRow[] {
  const task = leases.get(taskKey(key))
  leases.delete(taskKey(key))
  return task === undefined ? [] : [task]
}

async function learnAround(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  if (tasks.length === 0) return
  const ordered = tasks.filter(({ groupKey }) => groupKey !== null)
  const locking = new Set(tasks.filter(({ lockOwner }) => lockOwner !== null).map(({ tenant }) => tenant))
  await Promise.all([
    learnGroups(session, ordered),
    learnHeirs(session, ordered),
    learnAwaited(session, tasks),
    ...[...locking].map((tenant) => session.locks(tenant)),
  ])
}

const FIND_TASKS =
  statement(`SELECT ${TASK.of('t')} FROM ${rowsOf({ tenant: 'text', sequence: 'int8', subscription: 'text' })}
  JOIN tasks AS t ON t.tenant = v.tenant AND t.sequence = v.sequence AND t.subscription = v.subscription
    AND t.ended_at IS NULL`)

async function learnTasks(session: Session, keys: readonly TaskKey[]): Promise<readonly TaskRow[]> {
  const asked = unique(keys, ({ tenant, sequence, subscription }) => keyOf(tenant, sequence, subscription))
  const rows = asked.map(({ tenant, sequence, subscription }) => [tenant, sequence, subscription])
  const found = await session.all(FIND_TASKS, ...arraysOf(['text', 'int8', 'text'], rows))
  return found.map((row) => session.readTask(row))
}

const FIND_HEIRS = statement(`SELECT v.tenant, v.subscription, v.key,
    (SELECT t.priority FROM tasks AS t WHERE ${IS_BEHIND_ANY} AND t.priority < 2 ORDER BY t.priority LIMIT 1),
    ${TASK.of('n')}, ${EVENT.of('e')}, CASE WHEN left(v.subscription, 6) = 'local.' THEN ${goneOf('n')} END
  FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text' })}
  LEFT JOIN LATERAL (SELECT * FROM tasks AS t WHERE ${IS_BEHIND_ANY} ORDER BY t.sequence LIMIT 1) AS n ON true
  LEFT JOIN events AS e ON ${isEventOf('n')}`)
const HEIR = 4

async function learnHeirs(session: Session, members: readonly Member[]): Promise<void> {
  const asked = unique(members, ({ tenant, subscription, groupKey }) => keyOf(tenant, subscription, groupKey))
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, subscription, groupKey }) => [tenant, subscription, groupKey])
  for (const row of await session.all(FIND_HEIRS, ...arraysOf(['text', 'text', 'text'], keys))) {
    const next = row[HEIR] === null ? null : learnHeir(session, row)
    const member = { tenant: String(row[0]), subscription: String(row[1]), groupKey: String(row[2]) }
    session.learnBehind(member, { next, rank: row[3] === null ? NORMAL_RANK : Number(row[3]) })
  }
}

function learnHeir(session: Session, row: SqlRow): number {
  const task = session.readTask(row, HEIR)
  session.learnEvent(EVENT.read(row, HEIR + TASK.width))
  const gone = row[HEIR + TASK.width + EVENT.width]
  if (!isLong(task.subject)) session.learnRemoved(task, gone === 1)
  return task.sequence
}

// -------------------------------------------------------------------------------------------- locks

const FIND_AWAITED =
  statement(`SELECT v.tenant, v.resource, EXISTS (SELECT 1 FROM tasks AS t WHERE (t.tenant || '') = v.tenant
    AND left(t.blocked_by, 200) = left(v.resource, 200) AND t.blocked_by = v.resource AND t.blocked_by IS NOT NULL
    AND t.ended_at IS NULL)::int
  FROM ${rowsOf({ tenant: 'text', resource: 'text' })}`)

async function learnAwaited(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  const locked = tasks.flatMap((task) =>
    task.lockOwner === null
      ? []
      : [task.subject, task.superOwner].flatMap((resource) => (resource === null ? [] : [[task.tenant, resource]])),
  )
  const asked = unique(locked, (pair) => keyOf(...pair))
  if (asked.length === 0) return
  for (const row of await session.all(FIND_AWAITED, ...arraysOf(['text', 'text'], asked))) {
    session.learnAwaited(String(row[0]), String(row[1]), row[2] === 1)
  }
}
