/**
 * Reading CloudEvents 1.0.2 in JSON (formats/json-format.md): others' strictly, our own stored text quickly.
 */
import {
  checkBoolean,
  checkExtension,
  checkExtensionName,
  checkMediaType,
  checkTags,
  checkText,
  checkTimestamp,
  checkUri,
  checkUriReference,
  checkWord,
  invalid,
  isJson,
} from '../event/attribute-values.js'
import { type AnyEvent, ATTRIBUTES, type ExtensionValue } from '../event/envelope.js'
import { isObject, type JsonObject } from '../json-object.js'

type Draft = { -readonly [K in keyof AnyEvent]?: unknown }

/**
 * An event from its JSON object. An attribute that is null is absent; `data` may be null. Unknown attributes are kept as
 * extensions. `data_base64` becomes bytes.
 * @param at where the object stands in what was sent, such as `events[3]`.
 * @throws InvalidInput `invalid_event` with the field by its wire name.
 */
export function fromWire(value: unknown, at = ''): AnyEvent {
  const wire = objectOf(value, at)
  const path = at === '' ? '' : `${at}.`
  const draft: Draft = {}
  const extensions: Record<string, ExtensionValue> = {}
  checkVersion(wire.specversion, `${path}specversion`)
  for (const name of Object.keys(wire)) {
    if (wire[name] === null || NO_ATTRIBUTES.has(name)) continue
    const reader = READERS.get(name)
    if (reader) draft[reader.key] = reader.read(wire[name], path + name)
    else extensions[checkExtensionName(name, path + name)] = checkExtension(wire[name], path + name)
  }
  for (const name of REQUIRED) if (draft[name] === undefined) throw invalid(path + name, 'is missing', 'the attribute')
  if (Object.keys(extensions).length > 0) draft.extensions = extensions
  readData(wire, draft, path)
  return draft as AnyEvent
}

/** A batch: an array of events. @throws InvalidInput `invalid_event` with a field such as `events[3].source`. */
export function fromBatch(value: unknown): readonly AnyEvent[] {
  if (!Array.isArray(value)) throw invalid('events', 'is no array', 'an array of CloudEvents')
  return value.map((event: unknown, index) => fromWire(event, `events[${index}]`))
}

const REQUIRED = ['id', 'source', 'type'] as const
const NO_ATTRIBUTES: ReadonlySet<string> = new Set(['specversion', 'data', 'data_base64'])

function objectOf(value: unknown, at: string): JsonObject {
  if (isObject(value)) return value
  throw invalid(at === '' ? 'event' : at, 'is no object', 'a CloudEvent as a JSON object')
}

function checkVersion(value: unknown, field: string): void {
  if (value === undefined || value === null) throw invalid(field, 'is missing', '"1.0"')
  if (value !== '1.0') throw invalid(field, 'is not a version that is read here', '"1.0"')
}

function readData(wire: Readonly<Record<string, unknown>>, draft: Draft, path: string): void {
  const { data, data_base64 } = wire
  if (data_base64 !== undefined && data_base64 !== null) {
    if (data !== undefined) throw invalid(`${path}data_base64`, 'stands beside data', 'one of the two')
    draft.data = bytesOf(data_base64, `${path}data_base64`)
  } else if (data !== undefined) {
    const json = isJson(draft.dataContentType as string | undefined)
    if (!json && typeof data !== 'string') {
      throw invalid(
        `${path}data`,
        'is no string, though its content type is not JSON',
        'a string, or a content type of JSON',
      )
    }
    draft.data = data
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** RFC 4648 section 4, padded. */
function bytesOf(value: unknown, field: string): Uint8Array {
  if (typeof value === 'string' && value.length % 4 === 0 && BASE64.test(value)) return Buffer.from(value, 'base64')
  throw invalid(field, 'is no base64', 'RFC 4648 section 4, with padding')
}

type Check = (value: unknown, field: string) => unknown

const CHECK_OF_KIND: Readonly<Record<(typeof ATTRIBUTES)[number][2], Check>> = {
  string: checkText,
  timestamp: checkTimestamp,
  boolean: checkBoolean,
  uri: checkUri,
  'uri-reference': checkUriReference,
  list: (value, field) => checkTags(checkText(value, field).split(','), field),
}

/** Attributes of which more is known than their kind. */
const CHECK_OF_KEY: Readonly<Partial<Record<keyof AnyEvent, Check>>> = {
  dataContentType: checkMediaType,
  outcome: (value, field) => checkWord(['success', 'failure'], value, field),
  phase: (value, field) => checkWord(['pre', 'post'], value, field),
  priority: (value, field) => checkWord(['immediate', 'high', 'normal'], value, field),
}

const READERS: ReadonlyMap<string, { readonly key: keyof AnyEvent; readonly read: Check }> = new Map(
  ATTRIBUTES.map(([key, name, kind]) => [name, { key, read: CHECK_OF_KEY[key] ?? CHECK_OF_KIND[kind] }]),
)

/** Reads stored text (`toBody`, `withSequence`), which was checked when it came in. */
export function fromBody(body: string): AnyEvent {
  const wire: Readonly<Record<string, unknown>> = JSON.parse(body)
  const draft: Draft = {}
  const extensions: Record<string, unknown> = {}
  for (const name in wire) {
    const reader = READERS.get(name)
    if (reader) draft[reader.key] = reader.key === 'tags' ? String(wire[name]).split(',') : wire[name]
    else if (name === 'data') draft.data = wire.data
    else if (name === 'data_base64') draft.data = Buffer.from(String(wire[name]), 'base64')
    else if (name !== 'specversion') {
      extensions[name] = wire[name]
      draft.extensions = extensions
    }
  }
  return draft as AnyEvent
}
