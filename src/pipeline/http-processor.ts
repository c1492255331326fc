/**
 * A processor that runs in another process: the event is posted to it as structured CloudEvents JSON, signed as Standard
 * Webhooks, through the guarded client; what it answers is read by `http-answer.ts`.
 */
import type { EgressClient } from '../access/egress/client.js'
import { isEgressError } from '../access/egress/egress-error.js'
import type { EgressResponse } from '../access/egress/exchange.js'
import { type ErrorCode, isTocsinError, ProcessorFailed } from '../errors.js'
import type { JsonSchema } from '../event/catalogue.js'
import type { AnyEvent } from '../event/envelope.js'
import { STRUCTURED, toJson } from '../formats/cloudevents.js'
import { sign, webhookIdOf } from '../formats/standard-webhooks.js'
import { MOST_BYTES, readHttpAnswer } from './http-answer.js'
import { checkOptions } from './options.js'
import type { Answer, Processor, ProcessorContext } from './processor.js'

/** As a configuration file or a plug-in declares one. */
export interface HttpProcessorInput {
  readonly name: string
  readonly kind: Processor['kind']
  /** Where it listens: https, or http where the instance allows it. */
  readonly url: string
  /** `whsec_` or `whsk_`: signs what is sent. */
  readonly secret: string
  readonly description?: string | undefined
  /** Event type patterns; none = all. */
  readonly types?: readonly string[] | undefined
  /** Resource types; none = all. */
  readonly resourceTypes?: readonly string[] | undefined
  readonly order?: number | undefined
  /** Milliseconds; default 5,000, asynchronous ones 30,000. */
  readonly deadline?: number | undefined
  /** Without an understandable answer in time: `reject` (the default) fails closed, `continue` fails open. */
  readonly onError?: 'reject' | 'continue' | undefined
}

export interface HttpProcessorDependencies {
  readonly egress: Pick<EgressClient, 'check' | 'send'>
  /** The `user-agent`. */
  readonly agent: string
  now(): number
}

/** Both may be set at run time. */
const OPTIONS: JsonSchema = {
  type: 'object',
  properties: {
    url: { type: 'string', pattern: '^https?://', maxLength: 2_048, description: 'Where it listens.' },
    secret: {
      type: 'string',
      pattern: '^whs(ec|k)_[A-Za-z0-9+/]{32,}={0,2}$',
      writeOnly: true,
      description: 'Signs what is sent (Standard Webhooks).',
    },
  },
  required: ['url', 'secret'],
  additionalProperties: false,
}

/** @throws InvalidInput `invalid_request` for a url or secret that is none */
export function httpProcessor(input: HttpProcessorInput, dependencies: HttpProcessorDependencies): Processor {
  const { name, kind, url, secret, ...rest } = input
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  const processor: Processor = {
    ...given,
    name,
    kind,
    options: { url, secret },
    optionsSchema: OPTIONS,
    check: (options, at) => dependencies.egress.check(String(options.url), `${at}.url`),
    run: (event, context) => ask(input, event, context, dependencies),
  }
  checkOptions(processor, { url, secret }, name)
  return processor
}

async function ask(
  { name, kind, deadline }: HttpProcessorInput,
  event: AnyEvent,
  { options, signal }: ProcessorContext,
  { egress, agent, now }: HttpProcessorDependencies,
): Promise<Answer> {
  const body = toJson(event)
  const signed = { id: webhookIdOf(event), timestampSeconds: Math.floor(now() / 1_000), body }
  const headers = {
    'content-type': STRUCTURED,
    accept: 'application/json',
    'user-agent': agent,
    ...sign({ ...signed, secrets: [String(options.secret)] }),
  }
  const request = { method: 'POST', url: String(options.url), headers, body, signal, maxResponse: MOST_BYTES } as const
  // The call's own deadline aborts first; this one only makes sure that nothing waits for ever.
  const timeout = (deadline ?? LONGEST) + 1_000
  const answer = await egress.send({ ...request, timeout }).catch((error: unknown) => {
    throw unreachable(name, error)
  })
  return understood(name, kind, answer)
}

const LONGEST = 30_000

function understood(name: string, kind: Processor['kind'], { status, body, truncated }: EgressResponse): Answer {
  if (status >= 300 && status < 400)
    throw failed(name, 'processor_answer', `answered ${status}; redirects are not followed`, { status })
  if (status < 200 || status > 299) throw failed(name, 'processor_answer', `answered ${status}`, { status })
  if (truncated) throw failed(name, 'processor_answer', `answered more than ${MOST_BYTES} bytes`, { status })
  try {
    const { results, ...verdict } = readHttpAnswer(body, name)
    if (kind !== 'judge') return { results: results ?? [] }
    return { ...verdict, ...(results && { results }) }
  } catch (error) {
    if (!isTocsinError(error)) throw error
    const { field = 'answer', expected, message } = error
    throw failed(name, 'processor_answer', `answered what is not understood: ${message}`, { status, field, expected })
  }
}

function unreachable(name: string, error: unknown): Error {
  if (isEgressError(error)) {
    const reason = error.code
    return failed(name, 'processor_unreachable', `could not be reached: ${error.message}`, { reason })
  }
  if (!isTocsinError(error)) return error instanceof Error ? error : new TypeError(String(error))
  return failed(name, 'processor_unreachable', 'may not be reached: its address is refused', { reason: 'refused' })
}

/** Without a cause: that of a connection tells addresses. */
const failed = (
  name: string,
  code: ErrorCode,
  what: string,
  data: Readonly<Record<string, unknown>>,
): ProcessorFailed =>
  new ProcessorFailed(code, `The processor ${name} ${what}${what.endsWith('.') ? '' : '.'}`, {
    data: { processor: name, ...data },
  })
