/**
 * Whether a receiver wants what will be sent to it, asked before a subscription is made or moved: so that nobody subscribes
 * somebody else's server.
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isEgressError } from '../access/egress/egress-error.js'
import type { EgressResponse } from '../access/egress/exchange.js'
import { InvalidInput } from '../errors.js'
import type { Sender } from './transport.js'

/** Milliseconds the receiver has. */
export const PROOF_TIME = 10_000

/**
 * The handshake of CloudEvents' HTTP 1.1 Web Hooks, section 4: the answer to OPTIONS allows our origin.
 * @param ask sends OPTIONS with these headers.
 * @throws InvalidInput `target_refused`
 */
export async function proveByOptions(
  ask: (headers: Readonly<Record<string, string>>) => Promise<EgressResponse>,
  origin = hostname().toLowerCase(),
): Promise<void> {
  const { status, headers } = await ask({ 'webhook-request-origin': origin }).catch((error: unknown) => {
    throw isEgressError(error) ? unproven(error.message) : error
  })
  const allowed = [headers['webhook-allowed-origin'] ?? []].flat().flatMap((each) => each.split(','))
  if (status >= 200 && status <= 299 && allowed.some((each) => ['*', origin].includes(each.trim().toLowerCase())))
    return
  throw unproven(`It answered ${status} and does not allow the origin ${origin}.`)
}

/**
 * A challenge, signed as events are and sent the same way: the answer says it back, alone or as `{"challenge": ...}`.
 * @throws InvalidInput `target_refused`
 */
export async function proveByChallenge(sender: Sender): Promise<void> {
  const challenge = randomBytes(24).toString('base64url')
  const type = 'tocsin.target.challenge'
  const message = {
    id: `challenge_${challenge}`,
    event: { id: challenge, source: '/tocsin', type },
    time: Date.now(),
    attempt: 1,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type, challenge }),
  }
  const signal = AbortSignal.timeout(PROOF_TIME)
  const outcome = await sender.send(message, signal).catch((error: unknown) => {
    throw signal.aborted ? unproven('It did not answer in time.') : error
  })
  if (outcome.outcome !== 'delivered') throw unproven(outcome.message)
  if (saidIn(outcome.response ?? '') !== challenge) throw unproven('Its answer does not repeat the challenge.')
}

function saidIn(text: string): unknown {
  try {
    const read: unknown = JSON.parse(text)
    return typeof read === 'object' && read !== null && 'challenge' in read ? read.challenge : read
  } catch {
    return text.trim()
  }
}

const unproven = (why: string): InvalidInput =>
  new InvalidInput('target_refused', `The receiver did not say that it wants events. ${why}`, {
    field: 'target.proof',
    expected: 'a receiver that answers the proof',
    data: { reason: 'unproven' },
  })
