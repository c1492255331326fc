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
import { put } from './subscriptions.js'

const KEYS = 'SELECT id FROM keys WHERE tenant = ? AND resource = ? AND resource IS NOT NULL AND revoked_at IS NULL'
const REVOKE = 'UPDATE keys SET revoked_at = ? WHERE id = ?'

/** The resource was removed: nobody speaks for it any more. */
export function endKeys(session: Session, ending: Ending): Ended {
  const keys = session.all(KEYS, ending.tenant, ending.resource).map(([id]) => String(id))
  for (const id of keys) {
    session.run(REVOKE, ending.at, id)
    append(session, auditOfKey(id, ending))
  }
  return { keys, subscriptions: [] }
}

const LOOKING = `SELECT ${SUBSCRIPTION.columns} FROM subscriptions WHERE tenant = ? AND instr(spec, ?) > 0 ORDER BY id`

/** The id is used again: nobody looks from the place of what had it before. */
export function endSubscriptions(session: Session, ending: Ending): Ended {
  const rows = session
    .all(LOOKING, ending.tenant, placeInSpec(ending.resource))
    .map((row) => SUBSCRIPTION.read(row))
    .filter((row) => looksFrom(row, ending.resource))
  for (const row of rows) {
    put(session, endedSubscription(row, ending))
    append(session, auditOfSubscription(row, ending))
  }
  return { keys: [], subscriptions: rows.map(({ id }) => id) }
}
