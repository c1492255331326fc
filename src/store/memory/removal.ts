/**
 * Queue entries are deleted together with those of all their descendants.
 */
import type { TaskKey } from '../port.js'
import type { TaskRow } from '../rows.js'
import { resultKindOf } from '../task-rules.js'
import { findTask } from './groups.js'
import { removeTask } from './leaving.js'
import type { Tables, TenantTables } from './tables.js'
import { tenantOf } from './tables.js'

export function removeTasks(
  tables: Tables,
  keys: readonly TaskKey[],
): { removed: number; aborted: readonly TaskKey[] } {
  const gone = keys.flatMap((key) => removeFamily(tables, key))
  const leased = gone.filter(({ state }) => state === 'leased')
  return {
    removed: gone.length,
    aborted: leased.map(({ tenant, sequence, subscription }) => ({ tenant, sequence, subscription })),
  }
}

/** Those that came last go first, so that none is promoted only to go. */
function removeFamily(tables: Tables, key: TaskKey): readonly TaskRow[] {
  if (findTask(tables, key) === undefined) return []
  const tenant = tenantOf(tables, key.tenant)
  const sequences = [...familyOf(tenant, key.sequence)].sort((a, b) => b - a)
  return sequences.flatMap((sequence) => {
    const task = removeTask(tables, { ...key, sequence })
    if (task !== undefined) dropResults(tenant, task)
    return task ?? []
  })
}

function familyOf(tenant: TenantTables, sequence: number): ReadonlySet<number> {
  const family = new Set([sequence])
  for (const member of family) {
    const id = tenant.events.get(member)?.id
    for (const event of tenant.events.values())
      if (event.parentId !== null && event.parentId === id) family.add(event.sequence)
  }
  return family
}

/** What its processors answered; that of judges stays with the event. */
export function dropResults({ results }: TenantTables, { sequence, subscription }: TaskRow): void {
  const kind = resultKindOf(subscription)
  const rows = results.get(sequence)
  for (const [processor, [row]] of [...(rows ?? [])]) if (kind !== null && row?.kind === kind) rows?.delete(processor)
}
