/**
 * Bodies are read by the intake's own strict parser from the raw bytes, never by the framework's.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Config, InvalidInput, messageOf, parseJson, TocsinError } from '../src/index.js'
import { refuseNul } from './nul.js'

export type Parse = (bytes: Uint8Array) => unknown

/** Levels around an event: a batch is an array, and the limit counts from the event. */
const AROUND = 2

/** Members of all objects of a body together. */
const MOST_KEYS = 100_000

/** The strict parser with the limits of this instance. */
export function parserFor({ limits }: Config, bodyLimit: number): Parse {
  const whole = { maxBytes: bodyLimit, maxDepth: limits.depth + AROUND, maxKeys: MOST_KEYS }
  return (bytes) => parseJson(bytes, whole)
}

/** JSON, and merge patches, which are JSON. An empty body counts as none. */
export function readJsonWith(app: FastifyInstance, parse: Parse): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>(
    ['application/json', 'application/merge-patch+json'],
    { parseAs: 'buffer' },
    (_request, body, done) => {
      try {
        if (body.length === 0) return done(null, undefined)
        const value = parse(body)
        refuseNul(body, value)
        done(null, value)
      } catch (error) {
        done(error instanceof Error ? error : new Error(messageOf(error)))
      }
    },
  )
}

/** Nothing is unpacked: of a small body that unpacks to a large one nobody knows the size before. */
export async function refuseCompressed({ headers }: FastifyRequest): Promise<void> {
  const coding = headers['content-encoding']
  if (coding === undefined || coding === '' || coding === 'identity') return
  throw new InvalidInput('unsupported_media_type', 'A compressed body cannot be read here.', {
    field: 'content-encoding',
    expected: 'the body as it is, without a content coding',
  })
}

/** Whatever it is, as bytes: the route looks at the headers first. */
export function keepBytes(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
}

const NEW_LINE = 0x0a

/**
 * One JSON value a line; empty lines are skipped. One bad line refuses the whole body.
 * @throws InvalidInput with the field `lines[n]`, counted from 1 as editors do.
 */
export function parseLines(bytes: Uint8Array, parse: Parse): readonly unknown[] {
  const values: unknown[] = []
  for (let start = 0, line = 1; start < bytes.length; line += 1) {
    const found = bytes.indexOf(NEW_LINE, start)
    const end = found === -1 ? bytes.length : found
    const text = bytes.subarray(start, end)
    if (!isBlank(text)) values.push(parseLine(text, line, parse))
    start = end + 1
  }
  return values
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)

function parseLine(bytes: Uint8Array, line: number, parse: Parse): unknown {
  try {
    return parse(bytes)
  } catch (error) {
    if (!(error instanceof TocsinError)) throw error
    const field = error.field ? `lines[${line}].${error.field}` : `lines[${line}]`
    throw new InvalidInput(error.code, error.message, { field, ...(error.expected && { expected: error.expected }) })
  }
}
