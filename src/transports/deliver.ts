/**
 * One delivery: the event as this subscription wants it, by the sender of its transport.
 */
import type { Format } from '../formats/format.js'
import type { LeasedTask } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import type { TypeLookup } from '../subscriptions/redact.js'
import type { Subscription, SubscriptionSpec } from '../subscriptions/subscription.js'
import type { Sealer } from '../subscriptions/subscription-secrets.js'
import { untilAborted } from './abort.js'
import { type Composed, compose } from './compose.js'
import { messageIdOf } from './message-id.js'
import { openSender, outcomeOfOpening, REPAIR } from './opening.js'
import { createSenderCache } from './sender-cache.js'
import type { OutgoingMessage, SendOutcome, Transport } from './transport.js'
import type { Transports } from './transports.js'

export interface DeliverOptions {
  readonly transports: Transports
  /** By name. */
  readonly formats: ReadonlyMap<string, Format>
  readonly types: TypeLookup
  readonly sealer: Sealer
  readonly now: () => number
  /** Told when a sender fails to close. */
  readonly onCloseError: (error: unknown) => void
  /** Senders kept open. Default 10,000. */
  readonly mostSenders?: number
}

export interface Deliver {
  /**
   * Answers what became of it. Rejects with the signal's reason when aborted, even if the transport does not listen,
   * and with a fault of ours.
   */
  deliver(leased: LeasedTask, subscription: Subscription, signal: AbortSignal): Promise<SendOutcome>
  /** The message that a subscription is sent of an event, or why there is none. */
  write(event: EventRow, spec: SubscriptionSpec): Composed | Unwritten
  /** The subscription was removed or paused: its sender is closed when it is idle. */
  forget(tenant: string, subscription: string): void
  /** Closes all senders; what is being sent ends first. */
  close(): Promise<void>
}

export function createDeliver(options: DeliverOptions): Deliver {
  const { transports, formats, types, sealer, now, onCloseError, mostSenders = 10_000 } = options
  const senders = createSenderCache<Transport>({
    open: (subscription, transport) => openSender(subscription, transport, sealer, now()),
    onCloseError,
    most: mostSenders,
  })

  function write(event: EventRow, spec: SubscriptionSpec): Composed | Unwritten {
    const transport = transports.get(spec.transport)
    if (transport === undefined) return missing('transport', spec.transport)
    const wanted = spec.format ?? transport.defaultFormat
    const format = formats.get(wanted)
    return format === undefined ? missing('format', wanted) : compose(event, spec, format, types)
  }

  async function deliver(leased: LeasedTask, subscription: Subscription, signal: AbortSignal): Promise<SendOutcome> {
    const { spec } = subscription
    const composed = write(leased.event, spec)
    if ('outcome' in composed) return composed
    const transport = transports.get(spec.transport)
    if (transport === undefined) return missing('transport', spec.transport)
    const message = messageFrom(leased, composed, now())
    return untilAborted(signal, () => send(message, subscription, transport, signal))
  }

  async function send(
    message: OutgoingMessage,
    subscription: Subscription,
    transport: Transport,
    signal: AbortSignal,
  ): Promise<SendOutcome> {
    const held = await senders.acquire(subscription, transport).catch(outcomeOfOpening)
    if ('outcome' in held) return held
    try {
      return await held.sender.send(message, signal)
    } finally {
      held.release()
    }
  }

  return { deliver, write, forget: senders.forget, close: senders.close }
}

/** It never can be written, or not here and now. */
export type Unwritten = Extract<SendOutcome, { outcome: 'refused' | 'release' }>

/** A plug-in this process lacks: not the receiver's fault, and perhaps another node has it. */
const missing = (what: 'transport' | 'format', name: string): Unwritten => ({
  outcome: 'release',
  code: `${what}_missing`,
  message: `This process has no ${what} named ${JSON.stringify(name)}.`,
  after: REPAIR,
})

/** The event is only read from its stored text if the transport looks at it. */
const messageFrom = ({ event, task }: LeasedTask, composed: Composed, time: number): OutgoingMessage => ({
  id: messageIdOf(event, task.subscription),
  headers: composed.headers,
  body: composed.body,
  time,
  attempt: task.attempts,
  get event() {
    return composed.event
  },
})
