/**
 * What another process may answer when it runs as a processor: JSON with a closed vocabulary. What is not understood is
 * an error, so that a misspelt verdict never passes for `continue`.
 */
import { InvalidInput } from '../errors.js'
import type { AnyEvent } from '../event/envelope.js'
import { hint } from '../event/nearest.js'
import { fromWire } from '../formats/read-cloudevents.js'
import { parseJson } from '../intake/json.js'
import { isObject } from '../json-object.js'
import type { OperationResult } from './operation-result.js'
import { OPERATION_STATES } from './operation-result.js'
import type { Verdict } from './verdict.js'

/** Bytes of an answer that are read. */
export const MOST_BYTES = 1_048_576

export type HttpAnswer = Verdict & { readonly results?: readonly OperationResult[] }

const MEMBERS = ['verdict', 'event', 'code', 'message', 'texts', 'until', 'results']

/**
 * @param text empty: `continue`.
 * @throws InvalidInput with the member that is not understood; what the text says is not repeated.
 */
export function readHttpAnswer(text: string, processor: string): HttpAnswer {
  if (text.trim() === '') return { verdict: 'continue' }
  const answer = parseJson(Buffer.from(text), { maxBytes: MOST_BYTES })
  if (!isObject(answer)) throw wrong('answer', 'is no object', 'a JSON object, or nothing')
  const unknown = Object.keys(answer).find((name) => !MEMBERS.includes(name))
  if (unknown !== undefined)
    throw wrong(unknown.slice(0, 100), `is not known.${hint(unknown, MEMBERS)}`, MEMBERS.join(', '))
  const results = answer.results === undefined ? undefined : readResults(answer.results)
  return { ...verdictOf(answer, processor), ...(results && { results }) }
}

function verdictOf(answer: Readonly<Record<string, unknown>>, processor: string): Verdict {
  const { verdict = 'continue' } = answer
  const event = answer.event === undefined ? undefined : readEvent(answer.event)
  switch (verdict) {
    case 'continue':
    case 'close':
      return { verdict, ...(event && { event }) }
    case 'suspend': {
      const until = answer.until === undefined ? undefined : readTime(answer.until)
      return { verdict, ...(event && { event }), ...(until !== undefined && { until }) }
    }
    case 'reject':
      return rejection(answer, processor)
    default:
      throw wrong('verdict', 'is none', 'continue, close, suspend or reject')
  }
}

/** A no stays a no, however it is worded: under `onError: continue` an error would let the event pass. */
function rejection({ code, message, texts }: Readonly<Record<string, unknown>>, processor: string): Verdict {
  const said = isObject(texts) && Object.values(texts).every((text) => typeof text === 'string')
  return {
    verdict: 'reject',
    code: isText(code) ? code : 'rejected',
    message: isText(message) ? message : `The processor ${processor} rejected the event.`,
    ...(said && { texts: texts as Readonly<Record<string, string>> }),
  }
}

/** The sequence is given at admission, whatever comes back. */
function readEvent(value: unknown): AnyEvent {
  const { sequence: _, ...event }: AnyEvent = fromWire(value, 'event')
  return event
}

/** The longest that a date of JavaScript can tell. */
const LAST = 8.64e15

function readTime(value: unknown): number {
  const time = typeof value === 'string' ? Date.parse(value) : value
  if (typeof time === 'number' && time >= 0 && time <= LAST) return time
  throw wrong('until', 'is no time', 'RFC 3339, or milliseconds since 1970')
}

function readResults(value: unknown): readonly OperationResult[] {
  if (!Array.isArray(value)) throw wrong('results', 'is no list', 'a list of results')
  return value.map((result: unknown, index) => readResult(result, `results[${index}]`))
}

const TEXTS = ['code', 'message', 'cause'] as const

function readResult(value: unknown, field: string): OperationResult {
  if (!isObject(value)) throw wrong(field, 'is no object', 'a result with a state')
  const state = OPERATION_STATES.find((each) => each === value.state)
  if (state === undefined) throw wrong(`${field}.state`, 'is none', OPERATION_STATES.join(', '))
  const bad = TEXTS.find((name) => value[name] !== undefined && typeof value[name] !== 'string')
  if (bad !== undefined) throw wrong(`${field}.${bad}`, 'is no text', 'a string')
  const texts = TEXTS.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]]))
  return { state, ...Object.fromEntries(texts) }
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 4_096

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `${field} ${message}${/[.?]$/.test(message) ? '' : '.'}`, { field, expected })
