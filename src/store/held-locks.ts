/**
 * Which resources leased tasks hold. One process owns the store, so memory is enough: it is rebuilt from the leased tasks.
 */
import { childOf } from './child-of.js'
import type { TaskRow } from './rows.js'

/** What tells a task's locks. */
export type Locking = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'subject' | 'superOwner' | 'lockOwner'>

interface Hold {
  readonly owner: string
  /** The tasks by which that owner holds it. */
  readonly tasks: Set<string>
}

/** The resources that a task locks while it is leased, in the order in which they are asked for. */
export function locksOf({ subject, superOwner, lockOwner }: Locking): readonly string[] {
  if (lockOwner === null) return []
  const resources = [subject, superOwner === subject ? null : superOwner]
  return resources.filter((resource) => resource !== null).sort()
}

const keyOf = ({ sequence, subscription }: Locking): string => `${sequence}.${subscription}`

export class HeldLocks {
  readonly #tenants = new Map<string, Map<string, Hold>>()

  /** Once it is known that nobody else holds them. */
  take(task: Locking): void {
    for (const resource of locksOf(task)) {
      const holds = childOf(this.#tenants, task.tenant, () => new Map<string, Hold>())
      childOf(holds, resource, () => ({ owner: task.lockOwner ?? '', tasks: new Set<string>() })).tasks.add(keyOf(task))
    }
  }

  free(task: Locking): void {
    const holds = this.#tenants.get(task.tenant)
    for (const resource of locksOf(task)) {
      const hold = holds?.get(resource)
      hold?.tasks.delete(keyOf(task))
      if (hold?.tasks.size === 0) holds?.delete(resource)
    }
    if (holds?.size === 0) this.#tenants.delete(task.tenant)
  }

  isHeld(tenant: string, resource: string): boolean {
    return this.#tenants.get(tenant)?.has(resource) ?? false
  }

  /** The first of its resources that is held in another name, or null: then it may be leased. */
  busy(task: Locking): string | null {
    const holds = this.#tenants.get(task.tenant)
    if (task.lockOwner === null || holds === undefined) return null
    const isOthers = (resource: string) => (holds.get(resource)?.owner ?? task.lockOwner) !== task.lockOwner
    return locksOf(task).find(isOthers) ?? null
  }
}
