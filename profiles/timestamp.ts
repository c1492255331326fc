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
  return offset === undefined ? undefined : `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${offset}`
}

/** Milliseconds as RFC 3339, undefined beyond year 9999. */
export function timestampOfMillis(millis: number): string | undefined {
  const inRange = Number.isInteger(millis) && millis >= -62_135_596_800_000 && millis <= 253_402_300_799_999
  return inRange ? new Date(millis).toISOString() : undefined
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
