/**
 * Where a subscription begins, as a place in the log.
 */

import { invalid } from '../event/schema-error.js'
import type { LogStore } from '../store/port.js'
import type { SubscriptionRow } from '../store/rows.js'
import type { SubscriptionSpec } from './subscription.js'

export type StartPosition = Pick<SubscriptionRow, 'state' | 'startSequence' | 'cursor'>

/** The store puts the present head in the place of -1, in the commit that creates the subscription. */
const FROM_NOW_ON: StartPosition = { state: 'active', startSequence: -1, cursor: null }

const after = (sequence: number): StartPosition => ({
  state: 'catching-up',
  startSequence: sequence,
  cursor: sequence,
})

/**
 * `earliest` is the first event there is; a time, the first event received at it or later; a sequence, the event
 * that has it.
 * @throws InvalidInput `invalid_request` for what is still to come
 */
export async function startPosition(
  log: Pick<LogStore, 'list' | 'head'>,
  tenant: string,
  start: SubscriptionSpec['start'],
  now: number,
  field = 'start',
): Promise<StartPosition> {
  if (start === 'now') return FROM_NOW_ON
  if (start === 'earliest') return after(0)
  if (typeof start === 'string' && Date.parse(start) > now)
    throw invalid(`The ${field} is still to come.`, field, 'a time in the past, or "now"')
  const head = await log.head(tenant)
  return typeof start === 'number' ? atSequence(start, head, field) : atTime(log, tenant, Date.parse(start), head)
}

function atSequence(sequence: number, head: number, field: string): StartPosition {
  if (sequence <= head) return after(Math.max(0, sequence - 1))
  throw invalid('There is no such sequence yet.', field, `a sequence up to ${head}, or "now"`)
}

/** If nothing came since, what comes while we look is heard too: the head was read before. */
async function atTime(log: Pick<LogStore, 'list'>, tenant: string, from: number, head: number): Promise<StartPosition> {
  const [first] = await log.list({ tenant, from }, { after: null, limit: 1, order: 'oldest' })
  return after(first ? first.sequence - 1 : head)
}
