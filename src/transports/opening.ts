/**
 * From a subscription to an open sender: its secrets are opened, its target put together and checked again.
 */
import { isTocsinError, type TocsinError } from '../errors.js'
import type { Subscription } from '../subscriptions/subscription.js'
import { openTarget, type Sealer } from '../subscriptions/subscription-secrets.js'
import type { Sender, SendOutcome, Transport } from './transport.js'

/** What was right when it was saved may not be any more: policies, networks and installed handlers change. */
export async function openSender(
  subscription: Subscription,
  transport: Transport,
  sealer: Sealer,
  now: number,
): Promise<Sender> {
  const { target, signing } = openTarget(subscription, sealer, now)
  await transport.check(target)
  return transport.open(target, signing)
}

/** How long a task waits for an operator to repair what is ours to repair, milliseconds. */
export const REPAIR = 30_000

/**
 * What a failed opening means: forbidden is for good; a broken seal is our fault and not held against the receiver;
 * the rest (a name without address, a handler that is gone) may heal.
 * @throws the error itself if it is a fault of the program.
 */
export function outcomeOfOpening(error: unknown): SendOutcome {
  if (!isTocsinError(error)) throw error
  const { code, message } = error
  if (code === 'seal_broken') return { outcome: 'release', code, message, after: REPAIR }
  if (code === 'target_refused' && !isUnresolved(error)) return { outcome: 'refused', code, message }
  return { outcome: 'retry', code, message, ...(error.retryAfter !== undefined && { after: error.retryAfter * 1_000 }) }
}

/** The guarded client could not look the name up: an outage rather than a decision. */
const isUnresolved = (error: TocsinError): boolean => error.data.reason === 'unresolved'
