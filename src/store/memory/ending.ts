import {
  auditOfKey,
  auditOfSubscription,
  type Ended,
  type Ending,
  endedSubscription,
  endsWith,
  looksFrom,
} from '../ending-rules.js'
import { append } from './audit.js'
import { put } from './subscriptions.js'
import type { Tables } from './tables.js'
import { tenantOf } from './tables.js'

/** The resource was removed: nobody speaks for it any more. */
export function endKeys(tables: Tables, ending: Ending): Ended {
  const rows = [...tables.keys.values()].filter((row) => endsWith(row, ending))
  for (const row of rows) {
    tables.keys.set(row.id, { ...row, revokedAt: ending.at })
    append(tables, auditOfKey(row.id, ending))
  }
  return { keys: rows.map(({ id }) => id), subscriptions: [] }
}

/** The id is used again: nobody looks from the place of what had it before. */
export function endSubscriptions(tables: Tables, ending: Ending): Ended {
  const { subscriptions } = tenantOf(tables, ending.tenant)
  const rows = [...subscriptions.values()].filter((row) => looksFrom(row, ending.resource))
  for (const row of rows) {
    put(tables, endedSubscription(row, ending))
    append(tables, auditOfSubscription(row, ending))
  }
  return { keys: [], subscriptions: rows.map(({ id }) => id) }
}
