/**
 * The state that is shown of a task `t`, with its subscription `s` beside it.
 */
import type { TaskCounts } from '../port.js'
import type { SqlValue } from './row.js'

/** `held` is never stored: it follows from the subscription. */
export const SHOWN = `CASE WHEN t.state IN ('due', 'waiting') AND s.state IN ('paused', 'disabled') THEN 'held' ELSE t.state END`
export const JOINED = 'LEFT JOIN subscriptions AS s ON s.tenant = t.tenant AND s.id = t.subscription'
/** All that begins with `local.`: a slash follows a full stop. */
export const LOCAL = "(t.subscription >= 'local.' AND t.subscription < 'local/')"
/** Not of a subscription that was removed. */
export const SUBSCRIBED = `(s.id IS NOT NULL OR ${LOCAL})`

export const countsFrom = (rows: readonly (readonly (SqlValue | undefined)[])[]): TaskCounts =>
  Object.fromEntries(rows.map(([state, count]) => [String(state), Number(count)]))
