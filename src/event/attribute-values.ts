/**
 * What the value of an attribute must look like: the type system of CloudEvents 1.0.2 (spec.md section 3.1), decided
 * where it leaves room. Each check throws InvalidInput `invalid_event` with the field given.
 */
import { InvalidInput } from '../errors.js'
import type { ExtensionValue } from './envelope.js'

const ASCII = /^[ -~]*$/
const FORBIDDEN_IN_TEXT = /[\p{Cc}\p{Surrogate}\p{Noncharacter_Code_Point}]/u

/** A string that is not empty and has no control character, lone surrogate or noncharacter. */
export function checkText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw invalid(field, 'is no string', 'a string')
  if (value === '') throw invalid(field, 'is empty', 'a string that is not empty, or nothing')
  return checkCharacters(value, field)
}

/** Bytes in UTF-8: percent-encoded in a URL it is three times as long, and the head of a request holds 16 KiB. */
const LONGEST_NAME = 2048

/** A text by which events are asked for, in a URL too. */
export function checkName(value: unknown, field: string): string {
  const text = checkText(value, field)
  if (text.length * 3 <= LONGEST_NAME || Buffer.byteLength(text) <= LONGEST_NAME) return text
  throw invalid(field, 'is too long', `at most ${LONGEST_NAME} bytes in UTF-8`)
}

function checkCharacters(value: string, field: string): string {
  if (ASCII.test(value) || !FORBIDDEN_IN_TEXT.test(value)) return value
  throw invalid(
    field,
    'has a character that attributes may not have',
    'no control characters, lone surrogates or noncharacters',
  )
}

const TIMESTAMP =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/
const YEAR_0 = Date.UTC(-1, 12, 1)
const YEAR_10000 = Date.UTC(10_000, 0, 1)

/**
 * RFC 3339, years 0000 to 9999 in UTC too. A leap second is refused: no clock of ours can hold it, and moving it would
 * change what was said.
 */
export function checkTimestamp(value: unknown, field: string): string {
  const text = checkText(value, field)
  const match = TIMESTAMP.exec(text)
  if (!match) throw invalid(field, 'is no timestamp', 'RFC 3339, such as 2026-11-21T21:00:00Z')
  if (match[5] === '60') throw invalid(field, 'is a leap second', 'seconds from 00 to 59')
  if (Number(match[3]) > daysIn(Number(match[1]), Number(match[2])))
    throw invalid(field, 'is no date', 'a day that its month has')
  const time = Date.parse(text)
  if (time >= YEAR_0 && time < YEAR_10000) return text
  throw invalid(field, 'is out of range', 'a time from year 0000 to 9999 in UTC')
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

// RFC 3986, appendix A.
const ENCODED = '%[0-9A-Fa-f]{2}'
const PCHAR = `(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|${ENCODED})`
const SCHEME = '[A-Za-z][A-Za-z0-9+.-]*:'
const HOST = `(?:\\[(?:[0-9A-Fa-f:.]+|[vV][0-9A-Fa-f]+\\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|${ENCODED})*)`
const AUTHORITY = `//(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|${ENCODED})*@)?${HOST}(?::[0-9]*)?(?=[/?#]|$)`
const REST = `(?:${AUTHORITY}|(?!//))(?:${PCHAR}|/)*(?:\\?(?:${PCHAR}|[/?])*)?(?:#(?:${PCHAR}|[/?])*)?`
const URI = new RegExp(`^${SCHEME}${REST}$`)
const URI_REFERENCE = new RegExp(`^(?:${SCHEME}|(?![^/?#]*:))${REST}$`)

/** RFC 3986: `/cms/1`, `https://cms.example/`, `urn:uuid:...`; other characters are percent-encoded. */
export function checkUriReference(value: unknown, field: string): string {
  const text = checkText(value, field)
  if (URI_REFERENCE.test(text)) return text
  throw invalid(field, 'is no URI reference', 'RFC 3986, other characters percent-encoded')
}

/** RFC 3986 with a scheme. */
export function checkUri(value: unknown, field: string): string {
  const text = checkText(value, field)
  if (URI.test(text)) return text
  throw invalid(field, 'is no absolute URI', 'RFC 3986 with a scheme')
}

const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+"
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))*$`)

/** RFC 2045 section 5.1: `application/json; charset=utf-8`. */
export function checkMediaType(value: unknown, field: string): string {
  const text = checkText(value, field)
  if (MEDIA_TYPE.test(text)) return text
  throw invalid(field, 'is no media type', 'a media type such as application/json')
}

/** Whether a media type says JSON (JSON event format, section 3.1.1); no media type says it too. */
export function isJson(mediaType: string | undefined): boolean {
  if (mediaType === undefined || mediaType === 'application/json') return true
  return /^[^/;]+\/(?:[^;]+\+)?json[ \t]*(?:;|$)/i.test(mediaType)
}

/** As CloudEvents names attributes (CloudEvents 1.0.2, "Naming Conventions"). */
export const isExtensionName = (name: string): boolean => /^[a-z0-9]+$/.test(name)

export function checkExtensionName(name: string, field: string): string {
  if (isExtensionName(name)) return name
  throw invalid(field, 'is no attribute name', 'lower-case letters and digits')
}

/** A string (perhaps empty), a boolean or a 32-bit integer. */
export function checkExtension(value: unknown, field: string): ExtensionValue {
  if (typeof value === 'string') return checkCharacters(value, field)
  if (typeof value === 'boolean' || (typeof value === 'number' && (value | 0) === value)) return value
  throw invalid(field, 'is no extension value', 'a string, a boolean or a 32-bit integer')
}

/** True or false. */
export function checkBoolean(value: unknown, field: string): boolean {
  if (typeof value === 'boolean') return value
  throw invalid(field, 'is no boolean', 'true or false')
}

/** One of a few words. */
export function checkWord<T extends string>(words: readonly T[], value: unknown, field: string): T {
  const word = words.find((each) => each === value)
  if (word !== undefined) return word
  throw invalid(field, 'has another value than it may have', `one of ${words.join(', ')}`)
}

/** Tags: strings that are not empty and have no comma, which separates them on a wire. */
export function checkTags(value: unknown, field: string): readonly string[] {
  if (!Array.isArray(value)) throw invalid(field, 'is no list', 'a list of strings')
  return value.map((tag: unknown, index) => {
    const text = checkText(tag, `${field}[${index}]`)
    if (text.includes(',') || text !== text.trim())
      throw invalid(`${field}[${index}]`, 'is no tag', 'no comma, no space around it')
    return text
  })
}

export const invalid = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_event', `${field} ${message}.`, { field, expected })
