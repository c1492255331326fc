/**
 * The CloudEvents HTTP protocol binding (1.0.2, section 3): which mode a request speaks, and its events.
 */
import type { FastifyRequest } from 'fastify'
import {
  type EventInput,
  fromBinary,
  fromWire,
  InvalidInput,
  isObject,
  isTocsinError,
  type TocsinError,
} from '../src/index.js'
import { type Parse, parseLines } from './parsers.js'

export type Published =
  | { readonly batch: false; readonly input: EventInput }
  | { readonly batch: true; readonly inputs: readonly (EventInput | TocsinError)[] }

/** Reads one event; `at` says where it stood. */
type Read = (value: unknown, at?: string) => EventInput

/** Events one batch may hold; the body's size bounds it too. */
const MOST_EVENTS = 1000

const NOTHING = Buffer.alloc(0)

/**
 * What was published. In a batch, an event that cannot be read becomes the error it is answered with.
 * @throws InvalidInput when a single event, or the batch as such, cannot be read.
 */
export function readEvents(request: FastifyRequest, parse: Parse): Published {
  const { headers } = request
  const body = Buffer.isBuffer(request.body) ? request.body : NOTHING
  if (headers['ce-specversion'] !== undefined) return { batch: false, input: fromBinary(headers, body, parse) }
  switch (mediaTypeOf(headers['content-type'])) {
    case 'application/cloudevents+json':
      return { batch: false, input: fromWire(parse(body)) }
    case 'application/cloudevents-batch+json':
      return readBatch(parse(body), fromWire)
    case 'application/x-ndjson':
      return readBatch(parseLines(body, parse), readPlain)
    case 'application/json':
      return readAny(parse(body))
    default:
      throw new InvalidInput('unsupported_media_type', 'This content type does not carry events.', {
        field: 'content-type',
        expected:
          'application/cloudevents+json, application/cloudevents-batch+json, application/json or application/x-ndjson',
      })
  }
}

const mediaTypeOf = (header = ''): string => header.split(';', 1)[0]?.trim().toLowerCase() ?? ''

const readAny = (value: unknown): Published =>
  Array.isArray(value) ? readBatch(value, readPlain) : { batch: false, input: readPlain(value) }

function readBatch(body: unknown, read: Read): Published {
  if (!Array.isArray(body)) {
    throw new InvalidInput('invalid_event', 'A batch is an array.', {
      field: 'events',
      expected: 'an array of CloudEvents',
    })
  }
  if (body.length > MOST_EVENTS) {
    throw new InvalidInput('too_large', 'There are too many events.', { expected: `at most ${MOST_EVENTS} in a batch` })
  }
  return { batch: true, inputs: body.map((value: unknown, index) => attempt(read, value, `events[${index}]`)) }
}

function attempt(read: Read, value: unknown, at: string): EventInput | TocsinError {
  try {
    return read(value, at)
  } catch (error) {
    if (isTocsinError(error)) return error
    throw error
  }
}

/** Plain JSON may leave out what the intake fills in. */
function readPlain(value: unknown, at?: string): EventInput {
  if (!isObject(value) || isComplete(value)) return fromWire(value, at)
  const { id, source, ...event } = fromWire({ ...STAND_INS, ...value }, at)
  return { ...event, ...(value.id !== undefined && { id }), ...(value.source !== undefined && { source }) }
}

/** They let the reader pass, and are taken out again. */
const STAND_INS = { specversion: '1.0', id: '-', source: '/' }

const isComplete = ({ specversion, id, source }: Readonly<Record<string, unknown>>): boolean =>
  specversion !== undefined && id !== undefined && source !== undefined
