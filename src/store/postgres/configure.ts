import { expectedBy, isAsExpected } from '../configure-rules.js'
import type { Configuration, ConfigureResult } from '../port.js'
import { SETTING } from '../sql/shapes.js'
import type { Session } from './session.js'
import { putSetting } from './settings.js'
import { create, findSubscription, remove, update } from './subscriptions.js'
import { SETTINGS_OF_PROCESSORS } from './tables.js'

export async function configure(session: Session, changes: Configuration): Promise<ConfigureResult> {
  for (const { tenant, id, revision } of expectedBy(changes))
    if (!isAsExpected(await findSubscription(session, tenant, id), revision))
      return { status: 'conflict', subscription: id }
  for (const { name, value, at, by } of changes.settings) await putSetting(session, name, value, at, by)
  const rows = changes.processors.map((row) => SETTING.pack(row))
  if (rows.length > 0) await session.write(SETTINGS_OF_PROCESSORS, rows)
  for (const row of changes.subscriptions.create) await create(session, row)
  for (const row of changes.subscriptions.update) await update(session, row)
  for (const { tenant, id, now } of changes.subscriptions.remove) await remove(session, tenant, id, now)
  return { status: 'done' }
}
