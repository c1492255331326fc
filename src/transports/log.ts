/**
 * Events in the instance's own log.
 */
import { printable } from './printable.js'
import { targetReader } from './target.js'
import type { OutgoingMessage, Sender, TargetSchema, Transport } from './transport.js'

const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]

/** What is used of the logger (pino has it). */
export type LogSink = { readonly [L in Level]: (fields: Readonly<Record<string, unknown>>, text: string) => void }

const LOG_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    level: { enum: LEVELS, default: 'info', title: 'Level', description: 'How important the line is. Default: info.' },
  },
}

const read = targetReader<{ readonly level?: Level }>(LOG_TARGET)

export function logTransport({ logger }: { readonly logger: LogSink }): Transport {
  return {
    name: 'log',
    title: 'Log',
    promise: 'best effort; a log acknowledges nothing',
    target: LOG_TARGET,
    defaultFormat: 'cloudevents',
    async check(target) {
      read(target)
    },
    open: (target) => logSender(logger, read(target).level ?? 'info'),
  }
}

const logSender = (logger: LogSink, level: Level): Sender => ({
  async send(message, signal) {
    signal.throwIfAborted()
    logger[level](fieldsOf(message), printable(`event ${message.event.type}`))
    return { outcome: 'delivered' }
  },
})

const fieldsOf = ({ id, event, attempt, body }: OutgoingMessage): Readonly<Record<string, unknown>> => ({
  messageId: printable(id),
  eventId: printable(event.id),
  type: printable(event.type),
  ...(event.subject !== undefined && { subject: printable(event.subject) }),
  attempt,
  body: printable(body),
})
