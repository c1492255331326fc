/**
 * Times as the source systems write them, made RFC 3339 without losing digits.
 */

const RFC_3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?([Zz]|[+-]\d{2}:?\d{2})?$/

/** The time in RFC 3339; one without a zone is taken as UTC. Undefined when it is no time. */
export function timestampOf(text: string): string | undefined {
  const parts = RFC_3339.exec(text)
  if (!parts) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = parts
  if (
    !isDate(Number(year), Number(month), Number(day)) ||
    Number(hour) > 23 ||
    Number(minute) > 59 ||
    Number(second) > 59
  )
    return undefined
  const offset = offsetOf(zone)
  return offset === undefined
    ? undefined
    : withinYears(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`)
}

/** Milliseconds as RFC 3339, undefined outside the years 1 to 9999. */
export const timestampOfMillis = (millis: number): string | undefined =>
  Number.isInteger(millis) && millis >= YEAR_1 && millis < YEAR_10000 ? new Date(millis).toISOString() : undefined

const YEAR_1 = -62_135_596_800_000
const YEAR_10000 = 253_402_300_800_000

/** An offset may carry a time over the edge. */
function withinYears(timestamp: string): string | undefined {
  const millis = Date.parse(timestamp)
  return millis >= YEAR_1 && millis < YEAR_10000 ? timestamp : undefined
}

function isDate(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

function offsetOf(zone: string): string | undefined {
  if (zone.toUpperCase() === 'Z') return 'Z'
  const digits = zone.replace(':', '')
  const inRange = Number(digits.slice(1, 3)) <= 23 && Number(digits.slice(3)) <= 59
  return inRange ? `${digits.slice(0, 3)}:${digits.slice(3)}` : undefined
}
