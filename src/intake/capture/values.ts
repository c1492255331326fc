/**
 * Values of PostgreSQL as JSON, the same whichever way they came: as its texts (logical decoding) or as members of
 * `row_to_json` (triggers). What a double would not keep (`numeric`, integers beyond 2^53) stays a text; times are RFC 3339.
 */
import { exactJson } from './json-text.js'

/** By which settings PostgreSQL writes what is read here, in sessions of ours and in triggers that run in those of others. */
export const WRITTEN_BY: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO',
  IntervalStyle: 'postgres',
  bytea_output: 'hex',
  extra_float_digits: '1',
}

/** Names of `pg_type`; a domain is its base type. */
export interface ColumnType {
  readonly type: string
  /** Of an array. */
  readonly element: string | null
}

/** `json`: a text is written `"a"` and not `a`, an array `[1,2]` and not `{1,2}`. */
export type Writing = 'text' | 'json'

type Read = (text: string) => unknown

/** Reads texts of one column into JSON. @param arrayOf reads `{1,2}` into texts. */
export function reading(column: ColumnType, writing: Writing, arrayOf: (text: string) => unknown): Read {
  return writing === 'text' ? readingText(column, arrayOf) : readingJson(column)
}

function readingText({ type, element }: ColumnType, arrayOf: (text: string) => unknown): Read {
  if (element === null) return READERS[type] ?? asText
  const one = READERS[element] ?? asText
  return (text) => each(arrayOf(text), one)
}

function readingJson({ type, element }: ColumnType): Read {
  if (JSON_TYPES.has(element ?? type)) return exactJson
  const one = READERS[element ?? type] ?? asText
  if (element === null) return (text) => one(text.startsWith('"') ? JSON.parse(text) : text)
  const items = NUMERIC.has(element) ? digitsFromJson : exactJson
  return (text) => each(items(text), one)
}

const asText: Read = (text) => text

const JSON_TYPES: ReadonlySet<string> = new Set(['json', 'jsonb'])

const NUMERIC: ReadonlySet<string> = new Set(['numeric', 'int8'])

/** A list of numbers as texts, with every digit. */
const digitsFromJson: Read = (text) => JSON.parse(text.replace(/-?\d[^\],\s]*/g, '"$&"'))

/** Arrays may hold arrays, and nulls. Members of JSON arrays may be values already. */
const each = (value: unknown, one: Read): unknown => {
  if (Array.isArray(value)) return value.map((item) => each(item, one))
  if (value === null) return null
  return one(typeof value === 'string' ? value : JSON.stringify(value))
}

/** A number that a double writes back as it was read; else the text. */
const asNumber: Read = (text) => {
  const number = Number(text)
  return Number.isFinite(number) && text.trim() !== '' ? number : text
}

const asInteger: Read = (text) => {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : text
}

const asBoolean: Read = (text) => text === 't' || text === 'true'

const MOMENT = /^(\d{4,}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d+)?([+-]\d\d(?::?\d\d)?(?::\d\d)?|Z)?$/

const WRITTEN_IN_JSON = /^(\S+-\d\d)T(\d)/

/** With its own zone it becomes UTC; without one it stays without. `infinity`, years BC and beyond 9999 stay as in texts. */
const asMoment: Read = (text) => {
  const [, day, time, fraction = '', zone] = MOMENT.exec(text) ?? []
  if (day === undefined || day.length > 10) return text.replace(WRITTEN_IN_JSON, '$1 $2').replace('+00:00', '+00')
  if (zone === undefined) return `${day}T${time}${fraction}`
  const utc = new Date(`${day}T${time}${offsetOf(zone)}`)
  return Number.isNaN(utc.getTime()) ? text : `${utc.toISOString().slice(0, 19)}${fraction}Z`
}

const offsetOf = (zone: string): string => (/^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone)

const READERS: Readonly<Record<string, Read>> = {
  bool: asBoolean,
  int2: asInteger,
  int4: asInteger,
  int8: asInteger,
  oid: asInteger,
  float4: asNumber,
  float8: asNumber,
  json: exactJson,
  jsonb: exactJson,
  timestamp: asMoment,
  timestamptz: asMoment,
}
