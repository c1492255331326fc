import { expectedBy, isAsExpected } from '../configure-rules.js'
import type { Configuration, ConfigureResult } from '../port.js'
import { sqliteProcessors } from './processors.js'
import type { Session } from './session.js'
import { sqliteSettings } from './settings.js'
import { findSubscription, sqliteSubscriptions } from './subscriptions.js'

export function configure(session: Session, changes: Configuration): ConfigureResult {
  for (const { tenant, id, revision } of expectedBy(changes))
    if (!isAsExpected(findSubscription(session, tenant, id), revision)) return { status: 'conflict', subscription: id }
  const settings = sqliteSettings(session)
  const processors = sqliteProcessors(session)
  const subscriptions = sqliteSubscriptions(session)
  for (const { name, value, at, by } of changes.settings) settings.put(name, value, at, by)
  for (const row of changes.processors) processors.put(row)
  for (const row of changes.subscriptions.create) subscriptions.create(row)
  for (const row of changes.subscriptions.update) subscriptions.update(row)
  for (const { tenant, id, now } of changes.subscriptions.remove) subscriptions.remove(tenant, id, now)
  return { status: 'done' }
}
