/**
 * What an LDAP target holds: the directory, who we are to it, and the mapping of an event to an entry.
 */
import { CA, CERT, checkTls, HOST, KEY, portOf, type TlsFields } from '../peer.js'
import { badTarget, type Target, targetReader } from '../target.js'
import type { TargetSchema } from '../transport.js'
import { isDn } from './names.js'

export const OPERATIONS = ['add', 'modify', 'put', 'delete', 'rename'] as const
export type Operation = (typeof OPERATIONS)[number]

/** CEL that yields a text, a number, a boolean, a list of them or null; a name built of the event; or octets. */
export type Mapped = string | { readonly dn: string } | { readonly base64: string }
export type Mapping = Readonly<Record<string, Mapped>>

export interface LdapTarget extends TlsFields {
  readonly host: string
  readonly port?: number
  /** Default `tls`. */
  readonly encryption?: 'tls' | 'starttls' | 'none'
  readonly bindDn?: string
  readonly password?: string
  readonly operation: Operation | { readonly cel: string }
  readonly dn: string
  readonly newDn?: string
  readonly attributes?: Mapping
  readonly addValues?: Mapping
  readonly removeValues?: Mapping
  readonly sequenceAttribute?: string
}

/** RFC 4512, section 2.5: a name or a numeric OID, with options. */
const ATTRIBUTE = '([A-Za-z][A-Za-z0-9-]{0,127}|[0-2](\\.[0-9]{1,20}){1,30})'
const DESCRIPTION = `^${ATTRIBUTE}(;[A-Za-z0-9-]{1,64}){0,8}$`
const EXPRESSION = { type: 'string', minLength: 1, maxLength: 4096 } as const
const member = (name: string) =>
  ({ type: 'object', additionalProperties: false, required: [name], properties: { [name]: EXPRESSION } }) as const

const mapping = (title: string, description: string) => ({
  type: 'object',
  maxProperties: 100,
  propertyNames: { pattern: DESCRIPTION },
  additionalProperties: { anyOf: [EXPRESSION, member('dn'), member('base64')] },
  title,
  description,
})

const name = (title: string, description: string) =>
  ({ type: 'string', minLength: 1, maxLength: 4096, title, description }) as const

export const LDAP_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'operation', 'dn'],
  properties: {
    host: HOST,
    port: portOf(636, 'Default: 636; 389 with starttls or none.'),
    encryption: {
      enum: ['tls', 'starttls', 'none'],
      default: 'tls',
      title: 'Encryption',
      description:
        'tls from the first byte (ldaps), starttls, or none (networks the operator opened only). Default: tls.',
    },
    ca: CA,
    cert: CERT,
    key: KEY,
    bindDn: name('Bind DN', 'Who logs in: cn=tocsin,dc=example,dc=org. Default: anonymous.'),
    password: {
      type: 'string',
      // RFC 4513, section 5.1.2: an empty one is no login at all.
      minLength: 1,
      maxLength: 1024,
      writeOnly: true,
      title: 'Password',
      description: 'Of that user. Never shown again.',
    },
    operation: {
      title: 'Operation',
      description:
        'add, modify, put (add, or modify if it is there), delete or rename; or { cel } that yields one of them, or none.',
      anyOf: [{ enum: OPERATIONS }, member('cel')],
    },
    dn: name('DN', 'Of the entry, with CEL in it: uid={{ data.userId }},ou=People,dc=example,dc=org.'),
    newDn: name('New DN', 'With rename: the name it gets, written the same way.'),
    attributes: mapping(
      'Attributes',
      'Each with a CEL expression whose value replaces what is there; a list is several values, null is none. { dn } writes a name, { base64 } octets.',
    ),
    addValues: mapping(
      'Values to add',
      'To what an attribute has: {"member": {"dn": "uid={{ data.userId }},ou=People,dc=example,dc=org"}}.',
    ),
    removeValues: mapping('Values to remove', 'From what an attribute has.'),
    sequenceAttribute: {
      type: 'string',
      pattern: `^${ATTRIBUTE}$`,
      title: 'Sequence attribute',
      description:
        'Keeps the sequence of the event last written (20 digits), so that a repeat or an older event changes nothing.',
    },
  },
}

const read = targetReader<LdapTarget>(LDAP_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readLdapTarget(given: Target): LdapTarget {
  const target = read(given)
  checkTls(target, target.encryption !== 'none', 'the encryption tls or starttls')
  if (target.bindDn !== undefined && target.password === undefined) throw missing('.password', 'the password of bindDn')
  if (target.password !== undefined && target.bindDn === undefined) throw missing('.bindDn', 'whose password it is')
  if (target.operation === 'rename' && target.newDn === undefined) throw missing('.newDn', 'the name it gets')
  refuseIdle(target)
  if (target.newDn !== undefined && typeof target.operation === 'string' && target.operation !== 'rename')
    throw badTarget('.newDn', 'Nothing is renamed.', 'no newDn, or the operation rename')
  for (const [field, text] of namesOf(target)) if (!isDn(text)) throw noName(field)
  checkAttributes(target)
  return target
}

const missing = (field: string, expected: string) => badTarget(field, 'A field of the target is missing.', expected)
const noName = (field: string) =>
  badTarget(field, 'It is no distinguished name.', 'uid={{ data.userId }},ou=People,dc=example,dc=org')

function namesOf(target: LdapTarget): readonly (readonly [string, string])[] {
  const { dn, newDn } = target
  const within = VALUES.flatMap((field) =>
    Object.entries(target[field] ?? {}).flatMap(([attribute, mapped]) =>
      typeof mapped === 'object' && 'dn' in mapped ? [[`.${field}.${attribute}`, mapped.dn] as const] : [],
    ),
  )
  return [['.dn', dn], ...(newDn === undefined ? [] : [['.newDn', newDn] as const]), ...within]
}

const VALUES = ['attributes', 'addValues', 'removeValues'] as const

/** What would be ignored, as nothing of it is ever written. */
function refuseIdle(target: LdapTarget): void {
  const { operation, attributes = {} } = target
  const idle = operation === 'delete' ? VALUES : operation === 'add' ? (['removeValues'] as const) : []
  const field = idle.find((each) => target[each] !== undefined)
  if (field !== undefined)
    throw badTarget(
      `.${field}`,
      `The operation ${operation} does nothing with it.`,
      `no ${field}, or another operation`,
    )
  const classes = Object.keys(attributes).find(isClasses)
  if (classes !== undefined && (operation === 'modify' || operation === 'rename'))
    throw badTarget(
      `.attributes.${classes}`,
      'The classes of an entry that is there are not replaced.',
      'addValues, or the operation put',
    )
}

/** RFC 4512, section 2.6.1: by its name, or its number. */
const isClasses = (attribute: string): boolean => ['objectclass', '2.5.4.0'].includes(attribute.toLowerCase())

/** RFC 4511, section 4.7: an entry is added with its classes. What CEL chooses is not known yet. @throws InvalidInput */
export function refuseClassless({ operation, attributes = {}, addValues = {} }: LdapTarget): void {
  if (operation !== 'add' && operation !== 'put') return
  if ([...Object.keys(attributes), ...Object.keys(addValues)].some(isClasses)) return
  throw badTarget(
    '.attributes',
    'No directory takes a new entry without objectClass.',
    operation === 'put' ? 'a mapping of objectClass, or the operation modify' : 'a mapping of objectClass',
  )
}

/** Names of attributes are the same in whatever case. */
function checkAttributes(target: LdapTarget): void {
  const seen = new Set([target.sequenceAttribute?.toLowerCase()])
  for (const field of VALUES) {
    for (const attribute of Object.keys(target[field] ?? {})) {
      const own = attribute.toLowerCase()
      // Some values of an attribute may come while others go.
      const key = field === 'removeValues' ? `-${own}` : own
      if (seen.has(key) || (field === 'removeValues' && own === target.sequenceAttribute?.toLowerCase()))
        throw badTarget(`.${field}.${attribute}`, 'The attribute is written already.', 'each attribute once')
      seen.add(key)
    }
  }
}
