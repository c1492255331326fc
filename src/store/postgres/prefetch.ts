/**
 * What a batch is going to ask, asked for all its members at once: a statement a table, all sent together.
 */
import { childOf } from '../child-of.js'
import type { Admission, Candidate, Settlement, TaskKey } from '../port.js'
import type { EventRow, TaskRow } from '../rows.js'
import { isFinished } from '../task-rules.js'
import { keyOf, taskKey } from './changes.js'
import { learnEvents, learnKeys } from './learn-events.js'
import { learnGroups, learnLatest } from './learn-groups.js'
import { learnAllTasks, learnAround, learnLikes, learnLocks, learnParents, learnTasks } from './learn-tasks.js'
import type { Session } from './session.js'
import type { Member } from './standing.js'
import { learnSight } from './visibility.js'

// -------------------------------------------------------------------------------------------- admissions

export async function prefetchAdmissions(session: Session, admissions: readonly Admission[]): Promise<void> {
  const tenants = [...new Set(admissions.map(({ tenant }) => tenant))]
  await Promise.all([
    ...tenants.map((tenant) => session.head(tenant)),
    learnKeys(session, admissions),
    learnGroups(session, admissions.flatMap(membersOf)),
    learnLikes(session, admissions.flatMap(likenessesOf)),
    learnTwins(session, admissions),
    learnLatest(session, admissions.flatMap(latestOf)),
    learnSight(session, admissions),
    ...tenants.filter((tenant) => locksIn(admissions, tenant)).map((tenant) => session.locks(tenant)),
  ])
}

/** For who will tell them of events that were admitted before. */
export async function prefetchTold(session: Session, told: Telling): Promise<void> {
  await Promise.all([
    learnGroups(session, membersOf(told)),
    learnLikes(session, likenessesOf(told)),
    learnLatest(session, latestOf(told)),
  ])
}

/** What they were told of already is among it. */
export async function prefetchTurn(
  session: Session,
  tenant: string,
  entries: readonly { event: EventRow; candidate: Candidate }[],
): Promise<void> {
  const keys = entries.map(({ event: { sequence }, candidate: { subscription } }) => ({
    tenant,
    sequence,
    subscription,
  }))
  const events = entries.map(({ event, candidate }) => ({ event, candidates: [candidate] }))
  await Promise.all([
    learnEvents(session, keys),
    learnAllTasks(session, keys),
    prefetchTold(session, { tenant, events }),
  ])
}

interface Telling {
  readonly tenant: string
  readonly events: readonly {
    readonly event: Pick<EventRow, 'partitionKey'>
    readonly candidates: readonly Candidate[]
  }[]
}

const likenessesOf = ({ tenant, events }: Telling): readonly Pick<TaskRow, 'tenant' | 'subscription' | 'likeness'>[] =>
  events.flatMap(({ candidates }) =>
    candidates.map(({ subscription, likeness }) => ({ tenant, subscription, likeness })),
  )

const locksIn = (admissions: readonly Admission[], tenant: string): boolean =>
  admissions.some(
    (admission) =>
      admission.tenant === tenant && admission.events.some(({ candidates }) => candidates.some(({ locks }) => locks)),
  )

const membersOf = (telling: Telling): readonly Member[] => membersAs(telling, (order) => order !== 'none')
const latestOf = (telling: Telling): readonly Member[] => membersAs(telling, (order) => order === 'latest')

function membersAs({ tenant, events }: Telling, isOf: (order: Candidate['order']) => boolean): readonly Member[] {
  return events.flatMap(({ event, candidates }) =>
    candidates
      .filter(({ order }) => isOf(order))
      .map(({ subscription, priority }) => ({
        tenant,
        subscription,
        priority,
        sequence: 0,
        groupKey: event.partitionKey,
      })),
  )
}

/** Of several new ones that say the same all but the last may end, so it is asked whether they have child events already. */
async function learnTwins(session: Session, admissions: readonly Admission[]): Promise<void> {
  const events = new Map<string, (readonly [tenant: string, id: string])[]>()
  for (const { tenant, events: added } of admissions)
    for (const { event, candidates } of added)
      for (const { subscription, likeness } of candidates)
        if (likeness !== null) childOf(events, keyOf(tenant, subscription, likeness), () => []).push([tenant, event.id])
  await learnParents(session, [...events.values()].filter(({ length }) => length > 1).flat())
}

// -------------------------------------------------------------------------------------------- settlements

/** What was leased here is known before it is read. Who goes on may find its likes. */
export async function prefetchSettlements(session: Session, settlements: readonly Settlement[]): Promise<void> {
  const goingOn = new Set(settlements.filter(({ next }) => !isFinished(next.state)).map(taskKey))
  const around = (tasks: readonly TaskRow[]) =>
    Promise.all([
      learnAround(session, tasks),
      learnLikes(
        session,
        tasks.filter((task) => goingOn.has(taskKey(task))),
      ),
    ])
  const remembered = settlements.flatMap((settlement) => recall(session, settlement))
  const [tasks] = await Promise.all([learnTasks(session, settlements), around(remembered)])
  const known = new Set(remembered.map(taskKey))
  await around(tasks.filter((task) => !known.has(taskKey(task))))
}

function recall({ memory: { leases } }: Session, key: TaskKey): readonly TaskRow[] {
  const task = leases.get(taskKey(key))
  leases.delete(taskKey(key))
  return task === undefined ? [] : [task]
}

// -------------------------------------------------------------------------------------------- others

/** For who ends them or lets them go on, wherever they stand. */
export async function prefetchTasks(session: Session, keys: readonly TaskKey[]): Promise<void> {
  await prefetchLeaving(session, await learnAllTasks(session, keys))
}

/** Whether its event and its subscription are there. */
export async function prefetchRetry(session: Session, { tenant, sequence, subscription }: TaskKey): Promise<void> {
  await Promise.all([session.event(tenant, sequence), session.lane(tenant, subscription)])
}

export async function prefetchLeaving(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  await Promise.all([learnAround(session, tasks), learnLikes(session, tasks)])
}

/** For who lets them find their places again. */
export async function prefetchPlaces(session: Session, tasks: readonly TaskRow[]): Promise<void> {
  await Promise.all([learnGroups(session, tasks), learnLikes(session, tasks), learnLocks(session, tasks)])
}
