/**
 * CloudEvents over HTTP in binary mode (bindings/http-protocol-binding.md section 3.1): attributes in `ce-` headers, the
 * data as the body. Also the way in for all three modes, told apart by the content type.
 */

import { InvalidInput } from '../errors.js'
import { checkExtensionName, checkMediaType, invalid, isJson } from '../event/attribute-values.js'
import { type AnyEvent, ATTRIBUTES } from '../event/envelope.js'
import { BATCH, cloudeventsFormat, STRUCTURED, toWire } from './cloudevents.js'
import type { Format, WireMessage } from './format.js'
import { decodeHeader, encodeHeader } from './header-text.js'
import { fromBatch, fromWire } from './read-cloudevents.js'

export const cloudeventsBinaryFormat: Format = {
  name: 'cloudevents-binary',
  title: 'CloudEvents, attributes in headers',
  encode: toBinary,
}

/** Bytes go out structured, as a message's body is text here; a receiver tells the modes apart by the content type. */
function toBinary(event: AnyEvent): WireMessage {
  if (event.data instanceof Uint8Array) return cloudeventsFormat.encode(event)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(toWire(event))) {
    if (name !== 'data' && name !== 'datacontenttype') headers[`ce-${name}`] = encodeHeader(String(value), name)
  }
  const { data, dataContentType } = event
  // Nothing is sent with a content type only if the event names one: an empty body is no JSON.
  if (data === undefined)
    return { headers: { ...headers, ...(dataContentType && { 'content-type': dataContentType }) }, body: '' }
  const body = isJson(dataContentType) ? JSON.stringify(data) : String(data)
  return { headers: { ...headers, 'content-type': dataContentType ?? 'application/json' }, body }
}

export type IncomingHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The events of an HTTP message in any mode.
 * @param headers as `node:http` gives them, in lower case.
 * @param parse reads JSON from outside (`parseJson`).
 * @throws InvalidInput `unsupported_media_type`, `invalid_event`, and what `parse` throws.
 */
export function fromMessage(
  headers: IncomingHeaders,
  body: Uint8Array,
  parse: (bytes: Uint8Array) => unknown,
): readonly AnyEvent[] {
  const contentType = one(headers, 'content-type')
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!mediaType.startsWith('application/cloudevents')) return [fromBinary(headers, body, parse)]
  checkCharset(contentType ?? '')
  if (mediaType === STRUCTURED) return [fromWire(parse(body))]
  if (mediaType === BATCH) return fromBatch(parse(body))
  throw unsupported(`The event format ${mediaType} is not supported.`, `${STRUCTURED} or ${BATCH}`)
}

/** An event in binary mode. JSON becomes a value, `text/` a string, all else bytes; an empty body is no data. */
export function fromBinary(
  headers: IncomingHeaders,
  body: Uint8Array,
  parse: (bytes: Uint8Array) => unknown,
): AnyEvent {
  const wire: Record<string, unknown> = {}
  for (const header of Object.keys(headers)) {
    if (!header.startsWith('ce-')) continue
    const name = header.slice(3)
    if (name === 'datacontenttype' || name.startsWith('data_') || name === 'data') {
      throw invalid(header, 'is no header of binary mode', 'the content type in content-type, the data in the body')
    }
    wire[checkExtensionName(name, header)] = attributeOf(name, decodeHeader(one(headers, header) ?? '', header))
  }
  const event = fromWire(wire)
  const contentType = one(headers, 'content-type')
  if (contentType === undefined) return body.length === 0 ? event : { ...event, data: Buffer.from(body) }
  const dataContentType = checkMediaType(contentType, 'content-type')
  if (body.length === 0) return { ...event, dataContentType }
  return { ...event, dataContentType, data: dataOf(body, dataContentType, parse) }
}

const BOOLEANS: ReadonlySet<string> = new Set(
  ATTRIBUTES.flatMap(([, name, kind]) => (kind === 'boolean' ? [name] : [])),
)

/** A header has only text; the specification's text of a Boolean is `true` or `false` (spec.md section 3.1). */
const attributeOf = (name: string, text: string): unknown =>
  BOOLEANS.has(name) && (text === 'true' || text === 'false') ? text === 'true' : text

function dataOf(body: Uint8Array, contentType: string, parse: (bytes: Uint8Array) => unknown): unknown {
  if (isJson(contentType)) {
    checkCharset(contentType)
    return parse(body)
  }
  return /^text\//i.test(contentType) && isUtf8Named(contentType) ? textOf(body) : Buffer.from(body)
}

function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  } catch {
    throw new InvalidInput('invalid_encoding', 'The body is not valid UTF-8.', { field: 'data', expected: 'UTF-8' })
  }
}

const CHARSET = /;[ \t]*charset="?([^";]*)"?/i

const isUtf8Named = (contentType: string): boolean =>
  /^(utf-?8|us-ascii)$/i.test(CHARSET.exec(contentType)?.[1]?.trim() ?? 'utf-8')

function checkCharset(contentType: string): void {
  if (!isUtf8Named(contentType)) throw unsupported('JSON is read in UTF-8 only.', 'charset=utf-8')
}

const unsupported = (message: string, expected: string): InvalidInput =>
  new InvalidInput('unsupported_media_type', message, { field: 'content-type', expected })

function one(headers: IncomingHeaders, name: string): string | undefined {
  const value = headers[name]
  if (value === undefined || typeof value === 'string') return value
  throw invalid(name, 'is there more than once', 'the header once')
}
