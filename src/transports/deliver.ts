/**
 * One delivery: the event as this subscription wants it, by the sender of its transport.
 */
import { withReplay } from '../formats/cloudevents.js'
import type { Format } from '../formats/format.js'
import type { LeasedTask } from '../store/port.js'
import type { EventRow, Phases, SentRequest } from '../store/rows.js'
import type { TypeLookup } from '../subscriptions/redact.js'
import type { Subscription, SubscriptionSpec } from '../subscriptions/subscription.js'
import type { Sealer } from '../subscriptions/subscription-secrets.js'
import { untilAborted } from './abort.js'
import { AttemptNotes } from './attempt-notes.js'
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

/** With what the attempt log keeps, unless it succeeded and its subscription records only failures. */
export type Delivered = SendOutcome & {
  readonly request?: SentRequest
  readonly timing?: Phases
  /** The signal ended it: whoever aborted knows what that means. */
  readonly stopped?: boolean
}

export interface Deliver {
  /**
   * Answers what became of it, also when it is aborted and the transport does not listen. Rejects with a fault of ours, and
   * with the signal's reason if that was aborted before anything was sent.
   */
  deliver(leased: LeasedTask, subscription: Subscription, signal: AbortSignal): Promise<Delivered>
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

  async function deliver(leased: LeasedTask, subscription: Subscription, signal: AbortSignal): Promise<Delivered> {
    const { spec } = subscription
    const composed = write(told(leased), spec)
    if ('outcome' in composed) return composed
    const transport = transports.get(spec.transport)
    if (transport === undefined) return missing('transport', spec.transport)
    const notes = new AttemptNotes()
    const message = messageFrom(leased, composed, now(), notes)
    signal.throwIfAborted()
    try {
      const outcome = await untilAborted(signal, () => send(message, subscription, transport, signal))
      const isRecorded = outcome.outcome !== 'delivered' || spec.record === 'all'
      return isRecorded ? { ...outcome, ...notes.read(spec, composed) } : outcome
    } catch (error) {
      if (!signal.aborted) throw error
      return { ...STOPPED, ...notes.read(spec, composed) }
    }
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

const STOPPED = {
  outcome: 'release',
  code: 'aborted',
  message: 'The attempt was stopped.',
  after: 0,
  stopped: true,
} as const

/** A plug-in this process lacks: not the receiver's fault, and perhaps another node has it. */
const missing = (what: 'transport' | 'format', name: string): Unwritten => ({
  outcome: 'release',
  code: `${what}_missing`,
  message: `This process has no ${what} named ${JSON.stringify(name)}.`,
  after: REPAIR,
})

/** What a replay tells again says so in whatever format it goes out. */
const told = ({ event, task }: LeasedTask): EventRow =>
  task.replayedAt === null ? event : { ...event, body: withReplay(event.body) }

/** The event is only read from its stored text if the transport looks at it. */
const messageFrom = (
  { event, task }: LeasedTask,
  composed: Composed,
  time: number,
  notes: AttemptNotes,
): OutgoingMessage => ({
  id: messageIdOf(event, task.subscription),
  headers: composed.headers,
  body: composed.body,
  time,
  attempt: task.attempts,
  ...(task.replayedAt !== null && { replayedAt: task.replayedAt }),
  notes,
  get event() {
    return composed.event
  },
})
