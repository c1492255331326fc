/**
 * One delivery: the event as this subscription wants it, by the sender of its transport.
 */
import { withReplay } from '../formats/cloudevents.js'
import type { Format } from '../formats/format.js'
import { type StopSignal, toAbortSignal } from '../pipeline/stop.js'
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
import type { OutgoingMessage, Sender, SendOutcome, Transport } from './transport.js'
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
  deliver(leased: LeasedTask, subscription: Subscription, signal: StopSignal): Promise<Delivered>
  /** The same for several in one message: an answer for each, in their order. */
  deliverTogether(
    leased: readonly LeasedTask[],
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<readonly Delivered[]>
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

  async function deliver(leased: LeasedTask, subscription: Subscription, signal: StopSignal): Promise<Delivered> {
    const { spec } = subscription
    const composed = write(told(leased), spec)
    if ('outcome' in composed) return composed
    const transport = transports.get(spec.transport)
    if (transport === undefined) return missing('transport', spec.transport)
    const notes = new AttemptNotes()
    const message = messageFrom(leased, composed, now(), notes)
    signal.throwIfAborted()
    try {
      const outcome = await untilAborted(signal, () =>
        using(
          subscription,
          transport,
          (sender) => sender.sendUntil?.(message, signal) ?? sender.send(message, toAbortSignal(signal)),
        ),
      )
      return isRecorded(outcome, spec) ? { ...outcome, ...notes.read(spec, composed) } : outcome
    } catch (error) {
      if (!signal.aborted) throw error
      return { ...STOPPED, ...notes.read(spec, composed) }
    }
  }

  /** One that is alone goes as it would without the others. What cannot be written is answered for itself. */
  async function deliverTogether(
    leased: readonly LeasedTask[],
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<readonly Delivered[]> {
    const { spec } = subscription
    const written = leased.map((each) => ({ each, composed: write(told(each), spec) }))
    const tellable = written.flatMap(({ each, composed }) => ('outcome' in composed ? [] : [{ each, composed }]))
    const answers = await tellAll(tellable, subscription, signal)
    return written.map(({ each, composed }) => {
      const answer = answers[tellable.findIndex((one) => one.each === each)]
      return 'outcome' in composed ? composed : (answer ?? NO_ANSWER)
    })
  }

  async function tellAll(
    tellable: readonly { readonly each: LeasedTask; readonly composed: Composed }[],
    subscription: Subscription,
    signal: AbortSignal,
  ): Promise<readonly Delivered[]> {
    const { spec } = subscription
    const [first] = tellable
    if (first === undefined) return []
    if (tellable.length === 1) return [await deliver(first.each, subscription, signal)]
    const transport = transports.get(spec.transport)
    if (transport === undefined) return tellable.map(() => missing('transport', spec.transport))
    const notes = new AttemptNotes()
    const time = now()
    const messages = tellable.map(({ each, composed }) => messageFrom(each, composed, time, notes))
    const sent = { headers: first.composed.headers, body: messages.map(({ body }) => body).join('\n') }
    signal.throwIfAborted()
    try {
      const outcomes = await untilAborted(signal, () =>
        using(subscription, transport, (sender) => together(sender, messages, signal)),
      )
      const answers = 'outcome' in outcomes ? messages.map(() => outcomes) : outcomes
      const noted = answers.some((answer) => isRecorded(answer, spec)) ? notes.read(spec, sent) : {}
      return answers.map((answer) => (isRecorded(answer, spec) ? { ...answer, ...noted } : answer))
    } catch (error) {
      if (!signal.aborted) throw error
      const stopped = { ...STOPPED, ...notes.read(spec, sent) }
      return messages.map(() => stopped)
    }
  }

  /** The outcome of the opening if it cannot be opened. */
  async function using<Result>(
    subscription: Subscription,
    transport: Transport,
    send: (sender: Sender) => Promise<Result>,
  ): Promise<Result | SendOutcome> {
    const held = await senders.acquire(subscription, transport).catch(outcomeOfOpening)
    if ('outcome' in held) return held
    try {
      return await send(held.sender)
    } finally {
      held.release()
    }
  }

  return { deliver, deliverTogether, write, forget: senders.forget, close: senders.close }
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

const isRecorded = ({ outcome }: SendOutcome, { record }: SubscriptionSpec): boolean =>
  outcome !== 'delivered' || record === 'all'

async function together(
  sender: Sender,
  messages: readonly OutgoingMessage[],
  signal: AbortSignal,
): Promise<readonly SendOutcome[]> {
  if (sender.sendTogether === undefined) throw new TypeError('The transport sends one event at a time.')
  return await sender.sendTogether(messages, signal)
}

const NO_ANSWER = { outcome: 'retry', code: 'fault', message: 'The transport gave no answer for this event.' } as const

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
