/**
 * Answers of the query protocol: XML, with the lists and maps that each service has.
 */
import type { Json } from './parameters.js'

const NAMESPACES = {
  sqs: 'http://queue.amazonaws.com/doc/2012-11-05/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
} as const

type Service = keyof typeof NAMESPACES

/** What cannot be in XML at all is not in a message. Quotes too: a client of UW knows no other entity. */
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character)

const element = (name: string, content: string): string => `<${name}>${content}</${name}>`

export function answerXml(service: Service, action: string, result: Json, id: string): string {
  const body = service === 'sqs' ? flatMembers(result, action) : members(result)
  const inner = element(`${action}Result`, body) + element('ResponseMetadata', element('RequestId', escaped(id)))
  return `<?xml version="1.0"?><${action}Response xmlns="${NAMESPACES[service]}">${inner}</${action}Response>`
}

export function errorXml(
  service: Service,
  error: { readonly fault: string; readonly code: string; readonly message: string },
  id: string,
): string {
  const { fault, code, message } = error
  const told = `${element('Type', fault)}${element('Code', code)}${element('Message', escaped(message))}<Detail/>`
  return `<?xml version="1.0"?><ErrorResponse xmlns="${NAMESPACES[service]}">${element('Error', told)}${element('RequestId', escaped(id))}</ErrorResponse>`
}

// -------------------------------------------------------------------------------------------- SNS

const members = (object: Json): string =>
  Object.entries(object)
    .map(([name, value]) => element(name, name === 'Attributes' ? entries(value as Json) : contentOf(value)))
    .join('')

const entries = (map: Json): string =>
  Object.entries(map)
    .map(([key, value]) => element('entry', element('key', escaped(key)) + element('value', escaped(String(value)))))
    .join('')

function contentOf(value: unknown): string {
  if (Array.isArray(value)) return value.map((each) => element('member', contentOf(each))).join('')
  if (typeof value === 'object' && value !== null) return members({ ...value })
  return escaped(String(value))
}

// -------------------------------------------------------------------------------------------- SQS

/** Lists are not wrapped: each of their elements has this name. */
const FLAT: Readonly<Record<string, string>> = {
  QueueUrls: 'QueueUrl',
  queueUrls: 'QueueUrl',
  Messages: 'Message',
  Failed: 'BatchResultErrorEntry',
}

const FLAT_MAPS: Readonly<Record<string, readonly [string, string, string]>> = {
  Attributes: ['Attribute', 'Name', 'Value'],
  MessageAttributes: ['MessageAttribute', 'Name', 'Value'],
  Tags: ['Tag', 'Key', 'Value'],
}

const flatMembers = (object: Json, action: string): string =>
  Object.entries(object)
    .map(([name, value]) => flat(name, value, action))
    .join('')

function flat(name: string, value: unknown, action: string): string {
  const map = FLAT_MAPS[name]
  if (map) return flatMap(map, value as Json, action)
  const each = name === 'Successful' || name === 'Results' ? `${action}ResultEntry` : (FLAT[name] ?? name)
  const values: readonly unknown[] = [value].flat()
  return values.map((one) => element(each, flatValue(one, action))).join('')
}

const flatMap = ([each, key, value]: readonly [string, string, string], map: Json, action: string): string =>
  Object.entries(map)
    .map(([name, content]) => element(each, element(key, escaped(name)) + element(value, flatValue(content, action))))
    .join('')

const flatValue = (value: unknown, action: string): string =>
  typeof value === 'object' && value !== null ? flatMembers({ ...value }, action) : escaped(String(value))
