/**
 * RFC 9457 problem details, made from TocsinError. What nobody raised on purpose becomes `internal`, without details.
 */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import {
  AccessDenied,
  ERROR_CODES,
  type ErrorCode,
  Fault,
  fieldOfPointer,
  hint,
  InvalidInput,
  isTocsinError,
  type TocsinError,
} from '../src/index.js'

export const PROBLEM_TYPE = 'application/problem+json'

/** Answers tell of people, some hold a secret: no browser and no proxy keeps them, or takes them for anything but what they say. */
export const KEEP_NOWHERE = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const

/** The body of every answer that is not a success. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'Where the code is explained, relative to this server.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What went wrong this time, in words.' }),
    code: Type.String({ description: 'Stable; programs decide by it.' }),
    field: Type.Optional(Type.String({ description: 'The field that is wrong, as a path.' })),
    expected: Type.Optional(Type.String({ description: 'What would be right.' })),
    data: Type.Optional(Type.Object({}, { additionalProperties: true })),
    retryAfter: Type.Optional(Type.Number({ description: 'Seconds after which trying again makes sense.' })),
    requestId: Type.String({ description: 'Finds this request in the log.' }),
  },
  { $id: 'Problem' },
)

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly field?: string
  readonly expected?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly retryAfter?: number
  readonly requestId: string
}

/** Their messages repeat what somebody's code threw, and stay in the log. */
const HIDDEN: ReadonlySet<ErrorCode> = new Set(['internal', 'processor_failed', 'seal_broken'])

/** The error as a problem. */
export function problemOf(error: TocsinError, requestId: string): Problem {
  const { status, title } = ERROR_CODES[error.code]
  return {
    type: `/problems/${error.code}`,
    title,
    status,
    detail: HIDDEN.has(error.code) ? 'The request id finds the reason in the log of the server.' : error.message,
    code: error.code,
    ...(error.field !== undefined && { field: error.field }),
    ...(error.expected !== undefined && { expected: error.expected }),
    ...(error.code !== 'internal' && Object.keys(error.data).length > 0 && { data: error.data }),
    ...(error.retryAfter !== undefined && { retryAfter: error.retryAfter }),
    requestId,
  }
}

/** Whatever was thrown, as one of ours. */
export function tocsinErrorOf(thrown: unknown): TocsinError {
  if (isTocsinError(thrown)) return thrown
  if (isFastifyError(thrown)) return fromFastify(thrown)
  return new Fault('internal', 'An error nobody raised on purpose.', { cause: thrown })
}

const isFastifyError = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error && ('validation' in thrown || ('code' in thrown && String(thrown.code).startsWith('FST_')))

function fromFastify(error: FastifyError): TocsinError {
  if (error.validation) return invalidRequest(error)
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new InvalidInput('too_large', 'The body is too large.', { expected: 'a smaller body; see server.bodyLimit' })
  }
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new InvalidInput('unsupported_media_type', 'This content type cannot be read here.', {
      field: 'content-type',
    })
  }
  if (error.code === 'FST_ERR_BAD_URL')
    return new InvalidInput('invalid_encoding', 'The path is not percent-encoded UTF-8.')
  if ((error.statusCode ?? 500) < 500) return new InvalidInput('invalid_request', error.message)
  return new Fault('internal', 'The web framework failed.', { cause: error })
}

/** The first thing the validator found; what may be chosen, or else a schema's description, says what would be right. */
function invalidRequest(error: FastifyError): TocsinError {
  const first = error.validation?.[0]
  const place = fieldOfPointer(first?.instancePath ?? '')
  const extra = first?.params.additionalProperty ?? first?.params.missingProperty
  const field = [place, extra].filter((part) => typeof part === 'string' && part !== '').join('.')
  const named = `${place === '' ? `The ${error.validationContext ?? 'request'}` : place} ${wordsOf(first)}.${hintOf(first)}`
  return new InvalidInput('invalid_request', named, {
    ...(field !== '' && { field }),
    ...(expectationOf(first) !== null && { expected: String(expectationOf(first)) }),
  })
}

/** The validator's own words without capitals; of an unknown field, which. */
function wordsOf(found: { readonly message?: string; readonly params: Record<string, unknown> } | undefined): string {
  const unknown = found?.params.additionalProperty
  if (typeof unknown === 'string') return `has no field ${JSON.stringify(unknown.slice(0, 100))}`
  return (found?.message ?? 'is wrong').replace('must NOT', 'must not')
}

/** Of an unknown field, the known one that was probably meant. */
function hintOf(
  found: { readonly params: Record<string, unknown>; readonly parentSchema?: unknown } | undefined,
): string {
  const unknown = found?.params.additionalProperty
  const properties = isRecord(found?.parentSchema) ? found.parentSchema.properties : null
  return typeof unknown === 'string' && isRecord(properties) ? hint(unknown, Object.keys(properties)) : ''
}

/** Their message says it already. */
const SAID: readonly unknown[] = [
  ...['additionalProperties', 'required', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'],
]

function expectationOf(found: unknown): string | null {
  if (!isRecord(found) || SAID.includes(found.keyword)) return null
  const { enum: choices, description } = isRecord(found.parentSchema) ? found.parentSchema : {}
  if (found.keyword === 'enum' && Array.isArray(choices)) return `one of ${choices.join(', ')}`
  return typeof description === 'string' ? description : null
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Answers with the problem and the headers that belong to it. */
export function sendProblem(request: FastifyRequest, reply: FastifyReply, error: TocsinError): FastifyReply {
  const problem = problemOf(error, request.id)
  if (problem.retryAfter !== undefined) reply.header('retry-after', Math.max(1, Math.ceil(problem.retryAfter)))
  if (error instanceof AccessDenied) reply.header('www-authenticate', challengeOf(error))
  return reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem))
}

/** RFC 6750, section 3. */
const challengeOf = (error: TocsinError): string =>
  error.code === 'forbidden' ? 'Bearer realm="tocsin", error="insufficient_scope"' : 'Bearer realm="tocsin"'
