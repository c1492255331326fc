import { expectedBy, isAsExpected } from '../configure-rules.js'
import type { Configuration, ConfigureResult } from '../port.js'
import { createSubscription, removeSubscription, updateSubscription } from './subscriptions.js'
import { type Tables, tenantOf } from './tables.js'

export function configure(tables: Tables, changes: Configuration): ConfigureResult {
  for (const { tenant, id, revision } of expectedBy(changes))
    if (!isAsExpected(tenantOf(tables, tenant).subscriptions.get(id), revision))
      return { status: 'conflict', subscription: id }
  for (const { name, value } of changes.settings) tables.switches.set(name, value)
  for (const row of changes.processors) tables.settings.set(row.name, { ...row })
  for (const row of changes.subscriptions.create) createSubscription(tables, row)
  for (const row of changes.subscriptions.update) updateSubscription(tables, row)
  for (const { tenant, id, now } of changes.subscriptions.remove) removeSubscription(tables, tenant, id, now)
  return { status: 'done' }
}
