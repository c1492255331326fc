import type { SubscriptionStore } from '../port.js'
import type { SubscriptionRow, SubscriptionState } from '../rows.js'
import { endedTask, isFinished, UNSUBSCRIBED } from '../task-rules.js'
import { saveTask } from './groups.js'
import type { Tables } from './tables.js'
import { joinKey, pageById, tenantOf } from './tables.js'

export const memorySubscriptions = (tables: Tables): SubscriptionStore => ({
  load: async (tenant) => {
    const { version, subscriptions } = tenantOf(tables, tenant)
    return { version, rows: pageById(subscriptions.values(), (row) => row.id, { after: null, limit: Infinity }) }
  },
  get: async (tenant, id) => tenantOf(tables, tenant).subscriptions.get(id) ?? null,
  list: async (tenant, page) =>
    pageById(
      tenantOf(tables, tenant).subscriptions.values(),
      (row) => row.id,
      page,
      (row) => page.owner === undefined || row.owner === page.owner,
    ),
  create: async (row) => createSubscription(tables, row),
  update: async (row) => updateSubscription(tables, row),
  setState: async (tenant, id, state, reason, now) => setState(tables, tenant, id, { state, reason, now }),
  remove: async (tenant, id, now) => removeSubscription(tables, tenant, id, now),
})

export function put(tables: Tables, row: SubscriptionRow): boolean {
  const tenant = tenantOf(tables, row.tenant)
  tenant.subscriptions.set(row.id, row)
  tenant.version += 1
  return true
}

export function createSubscription(tables: Tables, row: SubscriptionRow): boolean {
  const tenant = tenantOf(tables, row.tenant)
  if (tenant.subscriptions.has(row.id)) return false
  return put(tables, { ...row, startSequence: row.startSequence === -1 ? tenant.head : row.startSequence })
}

export function updateSubscription(tables: Tables, row: SubscriptionRow): boolean {
  const before = tenantOf(tables, row.tenant).subscriptions.get(row.id)
  return before?.revision === row.revision - 1 && put(tables, { ...row })
}

function setState(
  tables: Tables,
  tenant: string,
  id: string,
  { state, reason, now }: { state: SubscriptionState; reason: string | null; now: number },
): boolean {
  const before = tenantOf(tables, tenant).subscriptions.get(id)
  if (before === undefined) return false
  return put(tables, { ...before, state, reason, revision: before.revision + 1, updatedAt: now })
}

export function removeSubscription(tables: Tables, name: string, id: string, now: number): boolean {
  const tenant = tenantOf(tables, name)
  if (!tenant.subscriptions.delete(id)) return false
  tenant.version += 1
  tables.credits.delete(joinKey(name, id))
  tenant.groups.delete(id)
  for (const bySubscription of tenant.tasks.values()) {
    const task = bySubscription.get(id)?.task
    if (task !== undefined && !isFinished(task.state)) saveTask(tables, endedTask(task, UNSUBSCRIBED, now))
  }
  return true
}
