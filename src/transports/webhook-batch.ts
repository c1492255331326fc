/**
 * Several events in one request, for receivers that want batches (CloudEvents, bindings/http-protocol-binding.md, section 3.3). What is
 * sent within a few milliseconds goes together. Tasks of one partition key are never under way at once, so no order is at stake. What
 * fails, fails for all, and each is tried again alone: an event that the receiver cannot bear then holds up itself.
 */
import { createHash } from 'node:crypto'
import { BATCH } from '../formats/cloudevents.js'
import { untilAborted } from './abort.js'
import type { OutgoingMessage, SendOutcome } from './transport.js'

export type SendMessage = (message: OutgoingMessage, signal: AbortSignal) => Promise<SendOutcome>

/** Milliseconds the first waits for others. */
const LINGER = 10
/** Characters of one request; a longer event goes alone. */
const LONGEST = 1024 * 1024

export function inBatches(most: number, send: SendMessage): SendMessage {
  let open: Gathering | undefined

  function join(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    if (open === undefined || !open.hasRoomFor(message)) open = new Gathering(most, send)
    return open.add(message, signal)
  }

  return async (message, signal) => {
    if (message.headers['content-type'] !== BATCH) return NO_BATCH
    if (message.attempt > 1 || message.replayedAt !== undefined) return await send(message, signal)
    return await untilAborted(signal, () => join(message, signal))
  }
}

const NO_BATCH: SendOutcome = {
  outcome: 'refused',
  code: 'not_a_batch',
  message: 'The target wants batches, and the format writes none. Choose format cloudevents-batch, or no maxBatch.',
}

class Gathering {
  readonly #most: number
  readonly #members: { readonly message: OutgoingMessage; readonly signal: AbortSignal }[] = []
  readonly #sent: Promise<SendOutcome>
  #length = 0
  #isOver = false
  #begin = () => {}

  constructor(most: number, send: SendMessage) {
    this.#most = most
    const begun = new Promise<void>((resolve) => {
      this.#begin = resolve
    })
    const timer = setTimeout(this.#begin, LINGER)
    this.#sent = begun.then(() => {
      clearTimeout(timer)
      this.#isOver = true
      return this.#send(send)
    })
  }

  hasRoomFor({ body }: OutgoingMessage): boolean {
    if (this.#isOver || this.#members.length >= this.#most) return false
    return this.#members.length === 0 || this.#length + body.length <= LONGEST
  }

  add(message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
    this.#members.push({ message, signal })
    this.#length += message.body.length
    if (this.#members.length === this.#most) this.#begin()
    return this.#sent
  }

  /** Who was called off meanwhile is not told. */
  async #send(send: SendMessage): Promise<SendOutcome> {
    const members = this.#members.filter(({ signal }) => !signal.aborted)
    const [first] = members
    if (first === undefined) return CALLED_OFF
    if (members.length === 1) return await send(first.message, first.signal)
    const messages = members.map(({ message }) => message)
    return await send(together(messages), whenAll(members.map(({ signal }) => signal)))
  }
}

/** Nobody waits for it. */
const CALLED_OFF: SendOutcome = { outcome: 'release', code: 'aborted', message: 'The attempt was stopped.', after: 0 }

/** A digest: what becomes of the request becomes of each. */
export async function sendBatch(
  messages: readonly OutgoingMessage[],
  send: SendMessage,
  signal: AbortSignal,
): Promise<readonly SendOutcome[]> {
  const isBatch = messages.every(({ headers }) => headers['content-type'] === BATCH)
  const outcome = isBatch ? await send(together(messages), signal) : NO_BATCH
  return messages.map(() => outcome)
}

/** Its id is made of theirs: one that goes again in another batch comes under another id, so receivers know it by the event's. */
function together(messages: readonly OutgoingMessage[]): OutgoingMessage {
  const [first] = messages
  if (first === undefined) throw new TypeError('A batch has messages.')
  const digest = createHash('sha256').update(messages.map(({ id }) => id).join('\n'))
  // Beside events that are new its own attribute tells a replayed one.
  const replayed = messages.every(({ replayedAt }) => replayedAt !== undefined)
  return {
    id: `batch_${digest.digest('base64url').slice(0, 32)}`,
    event: first.event,
    time: Math.max(...messages.map(({ time }) => time)),
    attempt: 1,
    ...(replayed && first.replayedAt !== undefined && { replayedAt: first.replayedAt }),
    headers: first.headers,
    body: `[${messages.map(({ body }) => body.slice(1, -1)).join(',')}]`,
    notes: {
      take(tell) {
        for (const { notes } of messages) notes?.take(tell)
      },
    },
  }
}

/** Aborted when all are, for the reason of the last. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController()
  let left = signals.length
  for (const signal of signals) {
    const onAbort = () => {
      left -= 1
      if (left === 0) all.abort(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  }
  return all.signal
}
