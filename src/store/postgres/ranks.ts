/**
 * The rank of a group is the best of its head and of all that wait behind it. Whoever takes a good rank away only says so
 * (`rankLater`): what it is now is asked for all such groups at once.
 */

import { NORMAL_RANK } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { keyOf } from './changes.js'
import { rankAs } from './groups.js'
import { IS_BEHIND_ANY } from './is-behind.js'
import { learnGroups } from './learn-groups.js'
import type { Session } from './session.js'
import type { Member } from './standing.js'
import { statement } from './statement.js'

const RANKED = { tenant: 'text', subscription: 'text', key: 'text', head: 'int8' } as const
const FIND_RANKS = statement(`SELECT v.tenant, v.subscription, v.key,
    (SELECT t.priority FROM tasks AS t WHERE t.tenant = v.tenant AND t.sequence = v.head
      AND t.subscription = v.subscription AND t.ended_at IS NULL),
    (SELECT t.priority FROM tasks AS t WHERE ${IS_BEHIND_ANY} AND t.priority < 2 ORDER BY t.priority LIMIT 1)
  FROM ${rowsOf(RANKED)}`)

export async function rankGroups(session: Session): Promise<void> {
  const members = session.standing.takeToRank()
  if (members.length === 0) return
  await learnGroups(session, members)
  const ranks = await ranksOf(session, members)
  for (const member of members) {
    const group = await session.group(member)
    const rank = ranks.get(nameOf(member))
    if (group !== undefined && rank !== undefined && rank !== group.rank) rankAs(session, member, group, rank)
  }
}

const nameOf = ({ tenant, subscription, groupKey }: Member): string => keyOf(tenant, subscription, groupKey)

/** Of groups that somebody leads. */
async function ranksOf(session: Session, members: readonly Member[]): Promise<ReadonlyMap<string, number>> {
  const led: (readonly (string | number)[])[] = []
  for (const member of members) {
    const group = await session.group(member)
    if (group?.run === 0) led.push([member.tenant, member.subscription, member.groupKey ?? '', group.head])
  }
  if (led.length === 0) return new Map()
  const rows = await session.all(FIND_RANKS, ...arraysOf(Object.values(RANKED), led))
  return new Map(
    rows.flatMap(([tenant, subscription, key, head, behind]) =>
      head === null
        ? []
        : [
            [
              keyOf(String(tenant), String(subscription), String(key)),
              Math.min(Number(head), Number(behind ?? NORMAL_RANK)),
            ],
          ],
    ),
  )
}
