/**
 * `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date in one of the three forms of section 5.6.7.
 */
import type { EgressResponse } from '../access/egress/exchange.js'

/** Shortest and longest wait we follow, milliseconds. Ours: 1 second, so that nobody makes us spin; a day, so that nobody parks us. */
export const SHORTEST_WAIT = 1_000
export const LONGEST_WAIT = 86_400_000

const SECONDS = /^-?\d+$/
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/

/**
 * Milliseconds to wait, between `SHORTEST_WAIT` and `LONGEST_WAIT`; undefined if the header is absent or unreadable.
 * A date is measured from the response's own `Date` where it has one, since the receiver's clock may be wrong; else from `now`.
 */
export function retryAfter(value: string | undefined, date: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? ''
  if (SECONDS.test(text)) return clamp(Number(text) * 1_000)
  const at = httpDate(text)
  return at === undefined ? undefined : clamp(at - (httpDate(date?.trim() ?? '') ?? now))
}

/** The same of an answer. */
export const retryAfterIn = (answer: Pick<EgressResponse, 'headers'>, now: number): number | undefined =>
  retryAfter(header(answer, 'retry-after'), header(answer, 'date'), now)

function header({ headers }: Pick<EgressResponse, 'headers'>, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value[0] : value
}

const clamp = (milliseconds: number): number => Math.min(Math.max(milliseconds, SHORTEST_WAIT), LONGEST_WAIT)

/** Milliseconds since 1970, or undefined. Only the forms HTTP has: `Date.parse` alone reads far more. */
function httpDate(text: string): number | undefined {
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) return numberOrNothing(Date.parse(text))
  if (ASCTIME.test(text)) return numberOrNothing(Date.parse(`${text} GMT`))
  return undefined
}

const numberOrNothing = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)
