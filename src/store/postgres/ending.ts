import {
  auditOfKey,
  auditOfSubscription,
  type Ended,
  type Ending,
  endedSubscription,
  looksFrom,
  placeInSpec,
} from '../ending-rules.js'
import { SUBSCRIPTION } from '../sql/shapes.js'
import { append } from './audit.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { put } from './subscriptions.js'

/** Spelled like the index it is meant for (`migrations/017-bound-keys.ts`). */
const KEYS = statement(`SELECT id FROM keys WHERE tenant = ?1 AND left(resource, 200) = left(?2, 200) AND resource = ?2
  AND resource IS NOT NULL AND revoked_at IS NULL ORDER BY id`)
const REVOKE = statement('UPDATE keys SET revoked_at = ? WHERE id = ?')

/** The resource was removed: nobody speaks for it any more. */
export async function endKeys(session: Session, ending: Ending): Promise<Ended> {
  const keys = (await session.all(KEYS, ending.tenant, ending.resource)).map(([id]) => String(id))
  for (const id of keys) {
    await session.run(REVOKE, ending.at, id)
    await append(session, auditOfKey(id, ending))
  }
  return { keys, subscriptions: [] }
}

const LOOKING = statement(`SELECT ${SUBSCRIPTION.columns} FROM subscriptions
  WHERE tenant = ? AND strpos(spec, ?) > 0 ORDER BY id`)

/** The id is used again: nobody looks from the place of what had it before. */
export async function endSubscriptions(session: Session, ending: Ending): Promise<Ended> {
  const found = await session.all(LOOKING, ending.tenant, placeInSpec(ending.resource))
  const rows = found.map((row) => SUBSCRIPTION.read(row)).filter((row) => looksFrom(row, ending.resource))
  for (const row of rows) {
    await put(session, endedSubscription(row, ending))
    await append(session, auditOfSubscription(row, ending))
  }
  return { keys: [], subscriptions: rows.map(({ id }) => id) }
}
