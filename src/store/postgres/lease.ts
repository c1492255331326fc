/**
 * Handing out what is due: wake, rescue, then lanes in turn, heads of groups only. Each lane is found by one seek.
 */
import { childOf } from '../child-of.js'
import type { Lane, LeaseAnswer, LeasedTask, LeaseGrant, LeaseRequest } from '../port.js'
import type { EventRow, TaskRow } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import {
  foremost,
  isLocalLane,
  leasedTask,
  NORMAL_RANK,
  PROBE_WINDOW,
  rescuedTask,
  runBehind,
  runBehindEach,
  SIFT_LIMIT,
  shareRoom,
  WAKE_LIMIT,
} from '../task-rules.js'
import { shareOf, TENANTS_AT_ONCE, type Turn, together, type WaitingTenant } from '../turn-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { isEventOf } from './event-of.js'
import { goneOf, isGone, isGoneAs } from './gone.js'
import { type Heir, promote } from './groups.js'
import { IS_BEHIND_ANY } from './is-behind.js'
import { expectTurn, lanesOf, tenantsInTurn } from './lanes.js'
import { yieldLocks } from './leaving.js'
import { goOn, placeAgain } from './likes.js'
import type { Steps } from './line.js'
import { remember } from './memory.js'
import { prefetchLeaving, prefetchPlaces } from './prefetch.js'
import { rankGroups } from './ranks.js'
import type { Session } from './session.js'
import { type Statement, statement } from './statement.js'
import { unheard } from './unheard.js'

/** What is asked when all is written is answered with the commit. */
type Turned = Omit<LeaseAnswer, 'nextWakeAt'> & { readonly alarm: () => Promise<number | null> }

/** First of all who write together, so that lanes and tasks are as it found them. */
export const leaseSteps = (request: LeaseRequest): Steps<Turned> => ({
  prepare: (session) => expectLeases(session, request),
  perform: (session) => leaseTasks(session, request),
  first: true,
})

/** Nearly always nobody is to be woken or rescued, and the lane that gave tasks last gives the next. */
async function expectLeases(session: Session, request: LeaseRequest): Promise<void> {
  const { now, only } = request
  const lane = only ?? session.memory.lane
  await Promise.all([
    session.expect(ASLEEP, now),
    session.expect(EXPIRED, now),
    ...(only === null ? [expectTurn(session)] : []),
    ...(lane === null ? [] : expectLane(session, lane, Math.min(request.limit, freeIn(lane, request)))),
  ])
}

function expectLane(session: Session, lane: Lane, room: number): readonly Promise<unknown>[] {
  const { tenant, subscription } = lane
  const { high, normal } = choosing(lane, room)
  const isLocal = isLocalLane(subscription)
  return [
    isLocal ? session.locks(tenant) : session.lane(tenant, subscription),
    session.expect(high, tenant, subscription),
    session.expect(normal, tenant, subscription),
  ]
}

async function leaseTasks(session: Session, request: LeaseRequest): Promise<Turned> {
  await wake(session, request.now)
  await rescue(session, request.now)
  await rankGroups(session)
  const { leased, more } =
    request.only === null ? await leaseInTurn(session, request) : await leaseOnly(session, request, request.only)
  if (request.only === null) session.memory.lane = leased.at(-1)?.task ?? null
  const alarm = more ? request.now : unheard(session.atEnd(NEXT_ALARM).then(timeIn))
  return { leased, alarm: async () => alarm }
}

const ASLEEP = statement(`SELECT ${TASK.columns} FROM tasks
  WHERE state = 'waiting' AND wake_at IS NOT NULL AND wake_at <= ?
  ORDER BY wake_at, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`)

async function wake(session: Session, now: number): Promise<void> {
  const asleep = (await session.all(ASLEEP, now)).map((row) => session.readTask(row))
  await prefetchPlaces(session, asleep)
  for (const key of asleep) {
    // One that woke before it may have ended it.
    const task = await session.task(key)
    if (task?.state === 'waiting') await placeAgain(session, task, { ...task, wakeAt: null }, now)
  }
}

const EXPIRED = statement(`SELECT ${TASK.columns} FROM tasks WHERE state = 'leased' AND leased_until <= ?
  ORDER BY leased_until, tenant, sequence, subscription LIMIT ${WAKE_LIMIT}`)

async function rescue(session: Session, now: number): Promise<void> {
  const expired = (await session.all(EXPIRED, now)).map((row) => session.readTask(row))
  await prefetchLeaving(session, expired)
  for (const task of expired) {
    await goOn(session, task, rescuedTask(task), now)
  }
}

const NEXT_ALARM = statement(`SELECT least(
  (SELECT wake_at FROM tasks WHERE state = 'waiting' AND wake_at IS NOT NULL ORDER BY wake_at LIMIT 1),
  (SELECT leased_until FROM tasks WHERE state = 'leased' ORDER BY leased_until LIMIT 1))`)

const timeIn = (row: SqlRow | undefined): number | null =>
  row === undefined || row[0] === null ? null : Number(row[0])

// -------------------------------------------------------------------------------------------- lanes

async function leaseOnly(session: Session, request: LeaseRequest, only: Lane): Promise<Turn> {
  const { active } = await session.lane(only.tenant, only.subscription)
  const isOpen = active && !request.closed.includes(only.subscription)
  return isOpen ? leaseLane(session, only, request, request.limit) : { leased: [], more: false }
}

async function leaseInTurn(session: Session, request: LeaseRequest): Promise<Turn> {
  const turns: Turn[] = []
  let room = request.limit
  for await (const waiting of inBatches(tenantsInTurn(session), Math.min(TENANTS_AT_ONCE, request.limit))) {
    for (const [nth, tenant] of waiting.entries()) {
      if (room === 0) break
      const turn = await leaseTenant(session, tenant, request, shareOf(waiting.slice(nth), room))
      turns.push(turn)
      room -= turn.leased.length
      session.memory.turns.gave(tenant, turn.leased.length)
    }
    if (room === 0) break
  }
  return together(turns)
}

async function leaseTenant(
  session: Session,
  { tenant }: WaitingTenant,
  request: LeaseRequest,
  share: number,
): Promise<Turn> {
  const turns: Turn[] = []
  let room = share
  const walk = { isStale: false }
  for await (const subscription of lanesOf(session, tenant, walk)) {
    if (room === 0) break
    if (request.closed.includes(subscription)) continue
    const { active, pulled } = await session.lane(tenant, subscription)
    if (!active || pulled) continue
    const turn = await leaseLane(session, { tenant, subscription }, request, room)
    turns.push(turn)
    room -= turn.leased.length
    walk.isStale ||= turn.more
    if (turn.leased.length > 0) session.memory.turns.gaveFrom(tenant, subscription)
  }
  return together(turns)
}

// -------------------------------------------------------------------------------------------- one lane

/**
 * The limit is written out: as a parameter it may be anything to the planner, and then a deep queue is sorted (126 times
 * slower at a million). It is the next of a few, so that few statements are prepared; who takes less leaves the rest.
 */
const LIMITS: readonly number[] = [1, 4, 16, 64, 256, 1_024]

const READY = (rank: string, gone: string, limit: number): Statement =>
  statement(`SELECT ${TASK.of('t')}, ${EVENT.of('e')}, ${gone}, t.rank
   FROM (SELECT * FROM tasks WHERE state = 'due' AND (tenant || '') = ?1 AND (subscription || '') = ?2 AND rank ${rank}
     ORDER BY rank, sequence LIMIT ${limit}) AS t
   JOIN events AS e ON ${isEventOf('t')}
   ORDER BY t.rank, t.sequence`)

interface Chosen {
  readonly limit: number
  readonly high: Statement
  readonly normal: Statement
}

const statementsFor = (gone: string): readonly Chosen[] =>
  LIMITS.map((limit) => ({
    limit,
    high: READY(`< ${NORMAL_RANK}`, gone, limit),
    normal: READY(`= ${NORMAL_RANK}`, gone, limit),
  }))

const REMOTE = statementsFor('0')
const LOCAL = statementsFor(goneOf('t'))

function choosing({ subscription }: Lane, room: number): Chosen {
  const statements = isLocalLane(subscription) ? LOCAL : REMOTE
  const found = statements.find(({ limit }) => limit >= room) ?? statements.at(-1)
  if (found === undefined) throw new TypeError('There are no statements.')
  return found
}

const listedOf = (lane: Lane, { lanes }: LeaseRequest) =>
  lanes.find(({ tenant, subscription }) => tenant === lane.tenant && subscription === lane.subscription)

/** How many more the lane may have. */
const freeIn = (lane: Lane, request: LeaseRequest): number => listedOf(lane, request)?.free ?? request.perLane

/** Those that cannot have their locks step aside, and others are looked at in their place. */
async function leaseLane(session: Session, lane: Lane, request: LeaseRequest, atMost: number): Promise<Turn> {
  const most = Math.min(atMost, freeIn(lane, request))
  if (listedOf(lane, request)?.probe && most > 0) return leaseProbe(session, lane, request)
  const leased: LeasedTask[] = []
  let sifted = 0
  let woken = false
  while (leased.length < most && sifted < SIFT_LIMIT) {
    const blocked: TaskRow[] = []
    for (const ready of await choose(session, lane, most - leased.length)) {
      leased.push(...(await leaseFirst(session, ready, request, blocked, most - leased.length)))
    }
    // In a lane that was passed by already, perhaps: it must not wait for the next alarm.
    for (const task of blocked) woken = (await yieldLocks(session, task)) || woken
    if (blocked.length === 0) break
    sifted += blocked.length
  }
  const perGroup = listedOf(lane, request)?.perGroup ?? 1
  if (perGroup > 1) leased.push(...(await leaseBehindEach(session, leased, { ...request, perGroup }, most)))
  return { leased, more: woken || sifted >= SIFT_LIMIT }
}

const PROBE = statement(`SELECT ${TASK.of('t')}, ${EVENT.of('e')}, 0, t.rank
   FROM (SELECT * FROM (SELECT * FROM tasks WHERE state = 'due' AND (tenant || '') = ?1 AND (subscription || '') = ?2
       ORDER BY rank, sequence LIMIT ${PROBE_WINDOW}) AS first
     ORDER BY failures, rank, sequence LIMIT 1) AS t
   JOIN events AS e ON ${isEventOf('t')}`)

/** That which has failed least. Subscribers' lanes alone have breakers, and their tasks lock nothing. */
async function leaseProbe(session: Session, lane: Lane, request: LeaseRequest): Promise<Turn> {
  const rows = await session.all(PROBE, lane.tenant, lane.subscription)
  const ready = rows.map((row) => readReady(session, row))
  return { leased: await leaseFirst(session, ready, request, [], 1), more: false }
}

interface Ready {
  readonly task: TaskRow
  readonly event: EventRow
  readonly gone: boolean
  readonly rank: number
}

/** The first above NORMAL, and the first of the rest. */
async function choose(session: Session, lane: Lane, room: number): Promise<readonly (readonly Ready[])[]> {
  const chosen = choosing(lane, room)
  const [high, normal] = await Promise.all(
    [chosen.high, chosen.normal].map((each) => session.all(each, lane.tenant, lane.subscription)),
  )
  const { credits } = session.memory
  const key = JSON.stringify([lane.tenant, lane.subscription])
  const waiting = { high: Math.min(room, high?.length ?? 0), normal: Math.min(room, normal?.length ?? 0) }
  const share = shareRoom(room, waiting, credits.get(key) ?? 0)
  if (share.credit === 0) credits.delete(key)
  else credits.set(key, share.credit)
  const read = (row: SqlRow) => readReady(session, row)
  return [(high ?? []).slice(0, share.high).map(read), (normal ?? []).slice(0, share.normal).map(read)]
}

/** `rank` is that of the row where it was asked for. */
function readReady(session: Session, row: SqlRow): Ready {
  const after = TASK.width + EVENT.width
  const event = EVENT.read(row, TASK.width)
  session.learnEvent(event)
  return { task: session.readTask(row), event, gone: row[after] === 1, rank: Number(row[after + 1]) }
}

async function leaseFirst(
  session: Session,
  ready: readonly Ready[],
  request: LeaseRequest,
  blocked: TaskRow[],
  room: number,
): Promise<readonly LeasedTask[]> {
  const leased: LeasedTask[] = []
  for (const { task, event, gone, rank } of ready) {
    if (leased.length >= room) break
    const busy = await session.busy(task)
    if (busy === null) {
      const isRemoved = await isGoneAs(session, task, gone)
      const head = await leaseOf(session, task, rank, request)
      leased.push({ task: head, event, gone: isRemoved })
      for (const run of await findBehind(session, [head], runBehind(head, request, room - leased.length)))
        leased.push(...(await leaseRun(session, head, run.behind, request)))
    } else {
      session.changeTask(task, foremost(task, busy), rank)
      blocked.push(task)
    }
  }
  return leased
}

async function leaseOf(session: Session, due: TaskRow, rank: number, grant: LeaseGrant): Promise<TaskRow> {
  const task = leasedTask(due, grant)
  await session.takeLocks(task)
  session.changeTask(due, task, rank)
  remember(session.memory, task)
  return task
}

const BEHIND = LIMITS.map((limit) => ({
  limit,
  asked: statement(`SELECT ${TASK.of('t')}, ${EVENT.of('e')},
      CASE WHEN left(v.subscription, 6) = 'local.' THEN ${goneOf('t')} ELSE 0 END, t.rank
    FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text' })}
    CROSS JOIN LATERAL (SELECT * FROM tasks AS t WHERE ${IS_BEHIND_ANY} ORDER BY t.sequence LIMIT ${limit}) AS t
    JOIN events AS e ON ${isEventOf('t')}
    ORDER BY t.sequence`),
}))

/** Those that come behind heads that are leased, once there is no other head for their room. */
async function leaseBehindEach(
  session: Session,
  leased: readonly LeasedTask[],
  request: LeaseGrant & { readonly perGroup: number },
  room: number,
): Promise<readonly LeasedTask[]> {
  const left = room - leased.length
  const heads = leased.map(({ task }) => task).filter(({ groupKey }) => groupKey !== null)
  const runs = await findBehind(session, heads, Math.min(request.perGroup - 1, left))
  const most = runBehindEach(runs.length, request.perGroup, left)
  const more: LeasedTask[] = []
  for (const { head, behind } of runs) more.push(...(await leaseRun(session, head, behind.slice(0, most), request)))
  return more
}

/** So many of those that come behind each of the heads, which are of one lane; of those heads that have any. */
async function findBehind(
  session: Session,
  heads: readonly TaskRow[],
  most: number,
): Promise<readonly { readonly head: TaskRow; readonly behind: readonly Ready[] }[]> {
  const { asked } = BEHIND.find(({ limit }) => limit >= most) ?? BEHIND.at(-1) ?? {}
  if (most <= 0 || heads.length === 0 || asked === undefined) return []
  const keys = heads.map(({ tenant, subscription, groupKey }) => [tenant, subscription, groupKey])
  const found = new Map<string | null, Ready[]>()
  for (const row of await session.all(asked, ...arraysOf(['text', 'text', 'text'], keys))) {
    const ready = readReady(session, row)
    childOf(found, ready.task.groupKey, () => []).push(ready)
  }
  return heads.flatMap((head) => {
    const behind = found.get(head.groupKey)
    return behind === undefined ? [] : [{ head, behind: behind.slice(0, most) }]
  })
}

/** Up to one whose locks somebody else holds. */
async function leaseRun(
  session: Session,
  head: TaskRow,
  behind: readonly Ready[],
  grant: LeaseGrant,
): Promise<readonly LeasedTask[]> {
  const group = await session.group(head)
  const leased: LeasedTask[] = []
  const run = [head]
  for (const { task, event, gone } of behind) {
    if ((await session.busy(task, run)) !== null) break
    const isRemoved = await isGoneAs(session, task, gone)
    const next = await leaseOf(session, task, NORMAL_RANK, grant)
    leased.push({ task: next, event, gone: isRemoved })
    run.push(next)
  }
  if (group !== undefined && leased.length > 0) session.putGroup(head, { ...group, run: run.length })
  return leased
}

/** The next head of a group comes forward and is leased in one step, unless one of its locks is busy. */
export async function leaseHeir(
  session: Session,
  lane: Lane,
  heir: Heir,
  grant: LeaseGrant,
): Promise<readonly LeasedTask[]> {
  const task = await session.task({ ...lane, sequence: heir.sequence })
  const event = await session.event(lane.tenant, heir.sequence)
  if (task === undefined || event === undefined || (await session.busy(task)) !== null) {
    await promote(session, lane, heir)
    return []
  }
  const leased = await leaseOf(session, task, heir.rank, grant)
  return [{ task: leased, event, gone: await isGone(session, leased) }]
}

async function* inBatches<Item>(items: AsyncIterable<Item>, size: number): AsyncGenerator<readonly Item[]> {
  let batch: Item[] = []
  for await (const item of items) {
    batch.push(item)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
