/**
 * Whether what a publisher hands in has the shape of an event: known attributes, each of its kind.
 */
import {
  checkBoolean,
  checkExtension,
  checkExtensionName,
  checkMediaType,
  checkName,
  checkTags,
  checkText,
  checkTimestamp,
  checkUri,
  checkUriReference,
  checkWord,
  invalid,
} from '../event/attribute-values.js'
import { ATTRIBUTES, type EventInput } from '../event/envelope.js'

type Check = (value: unknown, field: string) => unknown

const CHECKS: Readonly<Record<string, Check>> = {
  id: checkName,
  source: (value, field) => checkUriReference(checkName(value, field), field),
  subject: checkName,
  superOwner: checkName,
  transactionId: checkName,
  time: checkTimestamp,
  executeAt: checkTimestamp,
  expiryTime: checkTimestamp,
  dataContentType: checkMediaType,
  dataSchema: checkUri,
  tags: checkTags,
  skipNotify: checkBoolean,
  skipNotification: checkBoolean,
  outcome: (value, field) => checkWord(['success', 'failure'], value, field),
  phase: (value, field) => checkWord(['pre', 'post'], value, field),
  priority: (value, field) => checkWord(['immediate', 'high', 'normal'], value, field),
}

const RESERVED: ReadonlySet<string> = new Set([
  'specversion',
  'data',
  'data_base64',
  'datacontenttype',
  ...ATTRIBUTES.map(([, wire]) => wire),
])

/** Every attribute of the library's form, with its check. */
const KNOWN: ReadonlyMap<string, Check> = new Map([
  ...ATTRIBUTES.map(([name]): [string, Check] => [name, CHECKS[name] ?? checkText]),
  ['extensions', checkExtensions],
  ['data', () => undefined],
])

/** @throws InvalidInput `invalid_event` with the attribute's name in the library's form */
export function checkAttributes(input: EventInput): void {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalid('event', 'is no object', 'an event')
  if (input.type === undefined) throw invalid('type', 'is missing', 'the name of an event type')
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue
    const check = KNOWN.get(name)
    if (!check) throw invalid(name, 'is no attribute of an event', 'further attributes in `extensions`')
    check(value, name)
  }
}

function checkExtensions(value: unknown, field: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(field, 'is no object', 'attributes by name')
  for (const [name, member] of Object.entries(value)) {
    checkExtensionName(name, `${field}.${name}`)
    if (RESERVED.has(name)) throw invalid(`${field}.${name}`, 'is a known attribute', 'it outside of `extensions`')
    checkExtension(member, `${field}.${name}`)
  }
}
