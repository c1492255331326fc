/**
 * A person's content is erased: events, attempts, results, properties. Ids, hashes and an audit row stay.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { AccessDenied, InvalidInput } from '../errors.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Erased } from '../store/erase-rules.js'
import type { Store } from '../store/port.js'

export interface EraseOptions {
  /** Only counts. */
  readonly dryRun?: boolean | undefined
  /**
   * Rewrites a SQLite file, so that not even its free pages hold what was erased; writing waits, and as much disk as the file
   * has is needed meanwhile. Default true; false: for all but the last of several.
   */
  readonly compact?: boolean | undefined
}

interface Dependencies {
  readonly store: Pick<Store, 'erase' | 'compact'>
  audit(entry: AuditEntry): Promise<void>
  now(): number
}

/** @throws AccessDenied, InvalidInput; Unavailable if the file could not be rewritten */
export const eraser =
  ({ store, audit, now }: Dependencies) =>
  async (
    caller: Principal,
    subject: string,
    { dryRun = false, compact = true }: EraseOptions = {},
  ): Promise<Erased & { readonly subject: string; readonly dryRun: boolean }> => {
    requireEraser(caller)
    if (subject === '' || subject.length > 2_048)
      throw new InvalidInput('invalid_request', 'This is no subject.', {
        field: 'subject',
        expected: '1 to 2,048 characters',
      })
    const { tenant, id: actor } = caller
    const erased = await store.erase(tenant, subject, now(), dryRun)
    if (!dryRun) {
      await audit({ tenant, at: now(), actor, action: 'subject.erase', object: subject, detail: { ...erased } })
      if (compact) await store.compact?.()
    }
    return { subject, dryRun, ...erased }
  }

/** What is erased may be anything of the tenant, also what a bound key cannot see. */
function requireEraser(caller: Principal): void {
  requireScope(caller, 'events:erase')
  if (caller.resource === null) return
  throw new AccessDenied('forbidden', 'A key that is bound to a resource erases nothing.', {
    expected: 'a key with the role admin that is bound to no resource',
  })
}
