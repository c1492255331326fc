/**
 * The rank of a group is the best of its head and of all that wait behind it. Whoever takes a good rank away only says so
 * (`rankLater`): what it is now is asked for all such groups at once.
 */
import { NORMAL_RANK, RANKS } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { type Group, keyOf } from './changes.js'
import { rankAs } from './groups.js'
import { IS_BEHIND_ANY } from './is-behind.js'
import { learnGroups } from './learn-groups.js'
import { learnTasks } from './learn-tasks.js'
import type { Session } from './session.js'
import type { Member } from './standing.js'
import { statement } from './statement.js'

export async function rankGroups(session: Session): Promise<void> {
  const members = session.standing.takeToRank()
  if (members.length === 0) return
  await learnGroups(session, members)
  const led = await ledOf(session, members)
  const [behind] = await Promise.all([bestBehind(session, led), learnTasks(session, led.map(headOf))])
  for (const { member, group } of led) {
    const head = await session.task(headOf({ member, group }))
    if (head === undefined) continue
    const rank = Math.min(RANKS[head.priority], behind.get(nameOf(member)) ?? NORMAL_RANK)
    if (rank !== group.rank) rankAs(session, member, group, rank)
  }
}

interface Led {
  readonly member: Member
  readonly group: Group
}

const headOf = ({ member: { tenant, subscription }, group: { head } }: Led) => ({
  tenant,
  sequence: head,
  subscription,
})

const nameOf = ({ tenant, subscription, groupKey }: Member): string => keyOf(tenant, subscription, groupKey)

async function ledOf(session: Session, members: readonly Member[]): Promise<readonly Led[]> {
  const led: Led[] = []
  for (const member of members) {
    const group = await session.group(member)
    if (group?.run === 0) led.push({ member, group })
  }
  return led
}

const FIND_BEST = statement(`SELECT v.tenant, v.subscription, v.key,
    (SELECT t.priority FROM tasks AS t WHERE ${IS_BEHIND_ANY} AND t.priority < 2 ORDER BY t.priority LIMIT 1)
  FROM ${rowsOf({ tenant: 'text', subscription: 'text', key: 'text' })}`)

/** The best rank above NORMAL of all that wait behind the head, by group. */
async function bestBehind(session: Session, led: readonly Led[]): Promise<ReadonlyMap<string, number>> {
  if (led.length === 0) return new Map()
  const keys = led.map(({ member: { tenant, subscription, groupKey } }) => [tenant, subscription, groupKey])
  const rows = await session.all(FIND_BEST, ...arraysOf(['text', 'text', 'text'], keys))
  return new Map(
    rows.flatMap(([tenant, subscription, key, best]) =>
      best === null ? [] : [[keyOf(String(tenant), String(subscription), String(key)), Number(best)]],
    ),
  )
}
