/**
 * The client's ledger against the receiver's: what was promised, and what came.
 */
import type { Received } from './receiver.js'

export interface Verdict {
  /** Promised and never delivered to this path (P1 to P4). */
  readonly lost: readonly string[]
  /** Events that came under two webhook ids, or webhook ids that came with two events. */
  readonly renamed: readonly string[]
  /** Delivered again although the same life had the receiver's 2xx (P5). */
  readonly needless: readonly string[]
  /** Deliveries beyond the first that a 2xx was given to: allowed only across lives. */
  readonly duplicates: number
  /** Events whose first delivery came after that of a later one of their subject (P6). */
  readonly disorder: readonly string[]
}

/** @param received of one path, in order of arrival */
export function compare(promised: readonly string[], received: readonly Received[]): Verdict {
  const accepted = received.filter(({ status }) => status < 300)
  const delivered = new Set(accepted.map(({ event }) => event))
  return {
    lost: promised.filter((id) => !delivered.has(id)),
    renamed: [
      ...ambiguous(
        received,
        (one) => one.event,
        (one) => one.webhookId,
      ),
      ...ambiguous(
        received,
        (one) => one.webhookId,
        (one) => one.event,
      ),
    ],
    needless: repeated(accepted.map(({ event, life }) => `${event} in life ${life}`)),
    duplicates: accepted.length - delivered.size,
    disorder: disorderOf(received),
  }
}

function ambiguous(
  received: readonly Received[],
  key: (one: Received) => string,
  value: (one: Received) => string,
): readonly string[] {
  const known = new Map<string, string>()
  return received.flatMap((one) => {
    const before = known.get(key(one)) ?? value(one)
    known.set(key(one), before)
    return before === value(one) ? [] : [`${key(one)}: ${before}, ${value(one)}`]
  })
}

function repeated(keys: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return keys.filter((key) => seen.size === seen.add(key).size)
}

/** By the log's sequence and by the client's own count (`s3.17`), which must agree. */
function disorderOf(received: readonly Received[]): readonly string[] {
  const last = new Map<string, { sequence: string; count: number }>()
  const seen = new Set<string>()
  return received.flatMap(({ event, subject, sequence }) => {
    if (seen.size === seen.add(event).size) return []
    const before = last.get(subject)
    const count = Number(event.split('.')[1] ?? 0)
    last.set(subject, { sequence, count })
    if (before === undefined || (sequence > before.sequence && count > before.count)) return []
    return [`${event} (${sequence}) after ${before.count} (${before.sequence})`]
  })
}
