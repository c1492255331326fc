/**
 * Query strings, strictly: unknown names, bad numbers and bad encoding are refused, nothing is coerced silently.
 */
import type { FastifyRequest } from 'fastify'
import { type Static, type TProperties, Type } from 'typebox'
import { InvalidInput, type PageRequest } from '../src/index.js'
import { withoutNul } from './nul.js'

export const Query = <P extends TProperties>(properties: P) => Type.Object(properties, { additionalProperties: false })

export const Text = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 2048, description }))

/** May be given several times. */
export const Texts = (description: string) =>
  Type.Optional(
    Type.Union(
      [Type.String({ minLength: 1, maxLength: 2048 }), Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 })],
      {
        description,
      },
    ),
  )

/** One or several of these words. */
export const Words = <const Name extends string>(words: readonly Name[]) => {
  const Word = Type.Enum([...words], { description: `one of ${words.join(', ')}` })
  const description = `one or more of ${words.join(', ')}`
  const Several = Type.Array(Word, { maxItems: words.length })
  return Type.Optional(Type.Unsafe<Name | Name[]>(Type.Union([Word, Several], { description })))
}

export const Flag = (description: string) =>
  Type.Optional(Type.Enum(['true', 'false'], { description: `${description} One of true, false.` }))

export const flagOf = (value: string | undefined): boolean | undefined =>
  value === undefined ? undefined : value === 'true'

export const Sequence = (description: string) => Type.Optional(Type.String({ pattern: '^[0-9]{1,20}$', description }))

export const PAGE = {
  cursor: Text('`next` of the page before.'),
  limit: Type.Optional(
    Type.String({ pattern: '^([1-9][0-9]{0,2}|1000)$', description: 'a number from 1 to 1000, default 100' }),
  ),
}

const PageQuery = Type.Object(PAGE)

export const pageOf = (query: Static<typeof PageQuery>): PageRequest => ({
  ...(query.cursor !== undefined && { cursor: query.cursor }),
  ...(query.limit !== undefined && { limit: Number(query.limit) }),
})

export const listOf = <Name extends string>(value: Name | readonly Name[] | undefined): readonly Name[] | undefined =>
  typeof value === 'string' ? [value] : value

/**
 * Types of a list, which are exact.
 * @throws InvalidInput for a pattern, which would find nothing.
 */
export function exactTypes(
  field: string,
  value: string | readonly string[] | undefined,
): readonly string[] | undefined {
  const pattern = listOf(value)?.find((type) => type.includes('*'))
  if (pattern === undefined) return listOf(value)
  throw new InvalidInput('invalid_request', `A list takes whole names, not the pattern ${JSON.stringify(pattern)}.`, {
    field,
    expected: 'the names of event types',
  })
}

/** @throws InvalidInput when a percent-encoding is not UTF-8, or stands for U+0000. */
export async function refuseBadEncoding(request: FastifyRequest): Promise<void> {
  const { url = '' } = request.raw
  if (url.includes('%00')) throw withoutNul('The address')
  const query = url.split('?', 2)[1]
  if (!query?.includes('%')) return
  try {
    decodeURIComponent(query)
  } catch {
    throw new InvalidInput('invalid_encoding', 'The query string is not percent-encoded UTF-8.')
  }
}

const RFC_3339 = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i

/**
 * Milliseconds since 1970.
 * @throws InvalidInput for what is not RFC 3339 (section 5.6), or no day at all, such as 30 February.
 */
export function timeOf(field: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const day = RFC_3339.exec(text)?.[1]
  const time = day !== undefined && isDay(day) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new InvalidInput('invalid_request', 'This is not a time.', {
    field,
    expected: 'RFC 3339, such as 2026-01-31T08:00:00Z',
  })
}

/** `Date.parse` takes the 30th of February for the 2nd of March. */
const isDay = (day: string): boolean => {
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}
