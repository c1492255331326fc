/**
 * A cursor keeps nothing from being forgotten: one that is overtaken by retention goes on with what is left.
 */
import type { Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import type { Subscription } from '../subscriptions/subscription.js'

export interface Gap {
  /** The last that was read ... */
  readonly after: number
  /** ... and the oldest that is still there. */
  readonly oldest: number
}

/** What was forgotten before this subscription could read it; null if nothing was. */
export async function gapBefore(
  next: EventRow | undefined,
  { tenant, cursor, startSequence }: Subscription,
  { log }: Pick<Store, 'log'>,
): Promise<Gap | null> {
  const after = cursor ?? startSequence
  // Who begins with the earliest begins with whatever that is.
  if (next === undefined || after === 0 || next.sequence <= after + 1) return null
  const [first] = await log.list({ tenant }, { after: null, limit: 1, order: 'oldest' })
  return first !== undefined && first.sequence > after + 1 ? { after, oldest: first.sequence } : null
}
