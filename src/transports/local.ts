/**
 * Handlers in the host's own process.
 */

import { messageOf } from '../errors.js'
import type { AnyEvent } from '../event/envelope.js'
import { untilAborted } from './abort.js'
import { badTarget, type Target, targetReader } from './target.js'
import type { OutgoingMessage, Sender, SendOutcome, TargetSchema, Transport } from './transport.js'

export interface LocalContext {
  /** Stable over attempts and replays. */
  readonly id: string
  readonly attempt: number
  /** The event as the subscription's format writes it. */
  readonly body: string
  /** Aborts at the deadline of the attempt or when the task is cancelled. */
  readonly signal: AbortSignal
}

// biome-ignore lint/suspicious/noConfusingVoidType: a handler that returns nothing is the usual one.
type Answer = SendOutcome | void

/** Returning is the acknowledgement; a throw is tried again; a `SendOutcome` says it exactly. */
export type LocalHandler = (event: AnyEvent, context: LocalContext) => Answer | Promise<Answer>

export interface LocalTransport extends Transport {
  /**
   * Answers a function that takes the handler away again.
   * @throws TypeError if the name is taken.
   */
  register(name: string, handler: LocalHandler): () => void
}

const LOCAL_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['handler'],
  properties: {
    handler: {
      type: 'string',
      minLength: 1,
      maxLength: 200,
      title: 'Handler',
      description: 'The name under which the host registered a function.',
    },
  },
}

const read = targetReader<{ readonly handler: string }>(LOCAL_TARGET)

export function localTransport(): LocalTransport {
  const handlers = new Map<string, LocalHandler>()
  const nameIn = (target: Target): string => {
    const { handler } = read(target)
    if (handlers.has(handler)) return handler
    throw badTarget('.handler', 'No such handler is registered in this process.', 'the name of a registered handler')
  }
  return {
    name: 'local',
    title: 'Handler in this process',
    promise: 'at least once; acknowledged when the handler returns',
    target: LOCAL_TARGET,
    defaultFormat: 'cloudevents',
    async check(target) {
      nameIn(target)
    },
    open: (target) => localSender(handlers, nameIn(target)),
    register(name, handler) {
      if (handlers.has(name)) throw new TypeError(`A handler named ${JSON.stringify(name)} is registered already.`)
      handlers.set(name, handler)
      return () => {
        if (handlers.get(name) === handler) handlers.delete(name)
      }
    },
  }
}

/** The handler is looked up each time: it may be taken away, and come back, while the sender is open. */
const localSender = (handlers: ReadonlyMap<string, LocalHandler>, name: string): Sender => ({
  async send(message, signal) {
    const handler = handlers.get(name)
    if (handler === undefined)
      return { outcome: 'retry', code: 'handler_missing', message: 'The handler is not registered.' }
    return untilAborted(signal, () => call(handler, message, signal))
  },
})

async function call(handler: LocalHandler, message: OutgoingMessage, signal: AbortSignal): Promise<SendOutcome> {
  const { id, attempt, body, event } = message
  try {
    return (await handler(event, { id, attempt, body, signal })) ?? { outcome: 'delivered' }
  } catch (error) {
    return { outcome: 'retry', code: 'handler_failed', message: messageOf(error) }
  }
}
