/**
 * Which resources leased tasks hold. One process owns the store, so memory is enough: it is rebuilt from the leased tasks.
 */
import { childOf } from './child-of.js'
import type { TaskRow } from './rows.js'

/** What tells a task's locks. */
export type Locking = Pick<TaskRow, 'tenant' | 'sequence' | 'subscription' | 'subject' | 'superOwner' | 'lockOwner'>

/** The tasks that hold a resource, each with the name in which it does. They are one name's, or of one run. */
type Hold = Map<string, string | null>

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
      childOf(holds, resource, (): Hold => new Map()).set(keyOf(task), task.lockOwner)
    }
  }

  free(task: Locking): void {
    const holds = this.#tenants.get(task.tenant)
    for (const resource of locksOf(task)) {
      const hold = holds?.get(resource)
      hold?.delete(keyOf(task))
      if (hold?.size === 0) holds?.delete(resource)
    }
    if (holds?.size === 0) this.#tenants.delete(task.tenant)
  }

  isHeld(tenant: string, resource: string): boolean {
    return this.#tenants.get(tenant)?.has(resource) ?? false
  }

  /**
   * The first of its resources that is held in another name, or null: then it may be leased.
   * @param run those that it comes behind in a run: they end before it begins.
   */
  busy(task: Locking, run: readonly Locking[] = []): string | null {
    const holds = this.#tenants.get(task.tenant)
    if (task.lockOwner === null || holds === undefined) return null
    const isOwn = (owner: string | null) => owner === task.lockOwner || run.some((each) => each.lockOwner === owner)
    return locksOf(task).find((resource) => !every(holds.get(resource), isOwn)) ?? null
  }
}

function every(hold: Hold | undefined, isSo: (owner: string | null) => boolean): boolean {
  if (hold !== undefined) for (const owner of hold.values()) if (!isSo(owner)) return false
  return true
}
