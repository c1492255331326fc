/**
 * Queue entries are deleted together with those of all their descendants.
 */
import { childOf } from '../child-of.js'
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TASK } from '../sql/shapes.js'
import { resultKindOf } from '../task-rules.js'
import { arraysOf, rowsOf } from './arrays.js'
import { removeTask } from './leaving.js'
import type { Steps } from './line.js'
import { prefetchLeaving } from './prefetch.js'
import { isChildOf, type Session } from './session.js'
import { statement } from './statement.js'

interface Removed {
  readonly removed: number
  readonly aborted: readonly TaskKey[]
}

export const removalSteps = (keys: readonly TaskKey[]): Steps<Removed> => {
  let families: readonly (readonly TaskKey[])[] = []
  return {
    prepare: async (session) => {
      families = await familiesOf(session, keys)
    },
    perform: (session) => removeFamilies(session, families),
    size: keys.length,
  }
}

const KEYS = { place: 'int8', tenant: 'text', sequence: 'int8', subscription: 'text' } as const
/** `OFFSET 0` keeps it a question for each parent. */
const FAMILIES = statement(`WITH RECURSIVE family (place, tenant, subscription, sequence, id) AS (
    SELECT v.place, v.tenant, v.subscription, e.sequence, e.id FROM ${rowsOf(KEYS)}
      JOIN events AS e ON e.tenant = v.tenant AND e.sequence = v.sequence
    UNION
    SELECT f.place, f.tenant, f.subscription, c.sequence, c.id FROM family AS f
      CROSS JOIN LATERAL (SELECT sequence, id FROM events AS c WHERE ${isChildOf('f.tenant', 'f.id')} OFFSET 0) AS c)
  SELECT f.place, ${TASK.of('t')} FROM family AS f
    JOIN tasks AS t ON t.tenant = f.tenant AND t.sequence = f.sequence AND t.subscription = f.subscription
  ORDER BY f.place, t.sequence DESC`)
const MEMBER = 1

/** The tasks of each, its own among them; those that came last go first, so that none is promoted only to go. */
async function familiesOf(session: Session, keys: readonly TaskKey[]): Promise<readonly (readonly TaskKey[])[]> {
  const asked = keys.map(({ tenant, sequence, subscription }, place) => [place, tenant, sequence, subscription])
  const rows = await session.all(FAMILIES, ...arraysOf(Object.values(KEYS), asked))
  const families = new Map<number, TaskRow[]>()
  for (const row of rows) childOf(families, Number(row[0]), () => []).push(session.readTask(row, MEMBER))
  await prefetchLeaving(session, [...families.values()].flat())
  return keys.map((key, place) => {
    const family = families.get(place) ?? []
    return family.some(({ sequence }) => sequence === key.sequence) ? family : []
  })
}

async function removeFamilies(session: Session, families: readonly (readonly TaskKey[])[]): Promise<Removed> {
  const gone: TaskRow[] = []
  for (const key of families.flat()) gone.push(...[(await removeTask(session, key)) ?? []].flat())
  await dropResults(session, gone)
  const leased = gone.filter(({ state }) => state === 'leased')
  return {
    removed: gone.length,
    aborted: leased.map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription })),
  }
}

const DROP_RESULTS =
  statement(`DELETE FROM results AS t USING ${rowsOf({ tenant: 'text', sequence: 'int8', kind: 'text' })}
  WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.kind = v.kind`)

/** What their processors answered; that of judges stays with the event. */
async function dropResults(session: Session, gone: readonly TaskRow[]): Promise<void> {
  const kinds = gone.map(({ tenant, sequence, subscription }) => [tenant, sequence, resultKindOf(subscription)])
  const ours = kinds.filter(([, , kind]) => kind !== null)
  if (ours.length > 0) await session.run(DROP_RESULTS, ...arraysOf(['text', 'int8', 'text'], ours))
}
