/**
 * Values as .NET serialisers write them.
 */
import { type Reader, wrong } from '../reader.js'
import { timestampOf, timestampOfMillis } from '../timestamp.js'

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const EMPTY_GUID = '00000000-0000-0000-0000-000000000000'
/** What the JSON serialisers of .NET 3.5 write. */
const DATE_CALL = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/
/** The end of 1 January 1: DateTime.MinValue, whatever the zone, lies before. */
const MIN_VALUE_ENDS = -62_135_510_400_000

/** A GUID in lower case; the empty GUID means none. */
export function optionalGuid(reader: Reader, name: string): string | undefined {
  const value = reader.optionalName(name)?.toLowerCase()
  if (value === undefined || value === EMPTY_GUID) return undefined
  if (GUID.test(value)) return value
  throw wrong(reader.at(name), `a GUID such as ${EMPTY_GUID.replaceAll('0', 'a')}`)
}

/** A DateTime in RFC 3339, UTC where no zone is written; 0001-01-01 (DateTime.MinValue) means not yet. */
export function optionalDotNetTime(reader: Reader, name: string): string | undefined {
  const value = reader.optionalName(name)
  if (value === undefined || value.startsWith('0001-01-01')) return undefined
  const millis = DATE_CALL.exec(value)?.[1]
  if (millis !== undefined && Number(millis) < MIN_VALUE_ENDS) return undefined
  const time = millis === undefined ? timestampOf(value) : timestampOfMillis(Number(millis))
  if (time !== undefined) return time
  throw wrong(reader.at(name), 'a time such as 2026-11-21T18:51:58Z or /Date(1795287118000)/')
}
