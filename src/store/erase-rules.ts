/**
 * Erasing what is told of a person: contents go, ids and hashes stay.
 */

/** How many rows hold, or held, something of the subject. */
export interface Erased {
  /** Blanked: they are about it, or it is their super owner, or they are ours and tell how one of these was received. */
  readonly events: number
  /** Deliveries that were not finished, and end `not-executed`, or were not begun, and never are. */
  readonly tasks: number
  readonly attempts: number
  readonly results: number
  /** Removed from the inbox. */
  readonly inbox: number
  /** 1: its resource has no properties any more. */
  readonly resources: number
}

/** How a task ends whose event has no content any more. */
export const ERASED = { state: 'not-executed', code: 'erased', message: 'Its content was erased.' } as const

/** Attributes that name, order and date an event; all others, extensions and data go. */
const KEPT: ReadonlySet<string> = new Set([
  ...['specversion', 'id', 'source', 'type', 'subject', 'time', 'tenant', 'partitionkey', 'superowner', 'priority'],
  ...['transactionid', 'parentid', 'rootid', 'parenttype', 'phase', 'outcome', 'executeat', 'expirytime'],
])

/** @param body CloudEvents JSON; it is marked `erased`. */
export function blanked(body: string): string {
  const wire = JSON.parse(body) as Readonly<Record<string, unknown>>
  const kept = Object.entries(wire).filter(([name]) => KEPT.has(name))
  return JSON.stringify({ ...Object.fromEntries(kept), erased: true })
}
