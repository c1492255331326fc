/**
 * What an SNMP target holds: the manager, the kind of notification, and who we are to it.
 */
import { HOST, portOf } from '../peer.js'
import { badTarget, type Target, targetReader } from '../target.js'
import type { TargetSchema } from '../transport.js'

/** As net-snmp names them. SHA-1 and DES are left out; RFC 7860 and RFC 3826 have better. */
const AUTH_PROTOCOLS = ['sha224', 'sha256', 'sha384', 'sha512'] as const
const PRIV_PROTOCOLS = ['aes', 'aes256b', 'aes256r'] as const

export interface SnmpTarget {
  readonly host: string
  readonly port?: number
  /** Default `inform`. */
  readonly kind?: 'inform' | 'trap'
  readonly version: '2c' | '3'
  readonly community?: string
  readonly user?: string
  readonly authProtocol?: (typeof AUTH_PROTOCOLS)[number]
  readonly authPassword?: string
  readonly privProtocol?: (typeof PRIV_PROTOCOLS)[number]
  readonly privPassword?: string
  readonly engineId?: string
}

/** RFC 3414, section 11.2: eight characters at least. */
const password = (title: string, description: string) =>
  ({ type: 'string', minLength: 8, maxLength: 256, writeOnly: true, title, description }) as const

export const SNMP_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host', 'version'],
  properties: {
    host: HOST,
    port: portOf(162),
    kind: {
      enum: ['inform', 'trap'],
      default: 'inform',
      title: 'Kind',
      description: 'inform, which the manager acknowledges, or trap, which nobody does. Default: inform.',
    },
    version: { enum: ['2c', '3'], title: 'Version', description: '3; or 2c, to networks the operator opened only.' },
    community: {
      type: 'string',
      minLength: 1,
      maxLength: 256,
      writeOnly: true,
      title: 'Community',
      description: 'Of version 2c. Never shown again.',
    },
    user: { type: 'string', minLength: 1, maxLength: 32, title: 'User', description: 'Of version 3.' },
    authProtocol: { enum: AUTH_PROTOCOLS, default: 'sha256', title: 'Authentication', description: 'Default: sha256.' },
    authPassword: password('Authentication password', 'Of version 3. Never shown again.'),
    privProtocol: {
      enum: PRIV_PROTOCOLS,
      default: 'aes',
      title: 'Privacy',
      description: 'aes (128 bit), aes256b (Blumenthal) or aes256r (Reeder). Default: aes.',
    },
    privPassword: password('Privacy password', 'Of version 3; without it nothing is encrypted. Never shown again.'),
    engineId: {
      type: 'string',
      // RFC 3411, SnmpEngineID: 5 to 32 octets.
      pattern: '^([0-9a-fA-F]{2}){5,32}$',
      title: 'Engine id',
      description: 'Of a trap of version 3, in hexadecimal, as the manager knows us. Default: 80001f8804746f6373696e.',
    },
  },
}

const read = targetReader<SnmpTarget>(SNMP_TARGET)

const OF_VERSION_3 = ['user', 'authProtocol', 'authPassword', 'privProtocol', 'privPassword', 'engineId'] as const

/** @throws InvalidInput `invalid_request` with the field. */
export function readSnmpTarget(given: Target): SnmpTarget {
  const target = read(given)
  const foreign = (target.version === '3' ? (['community'] as const) : OF_VERSION_3).find((field) => field in target)
  if (foreign !== undefined) throw badTarget(`.${foreign}`, 'The field belongs to the other version.', 'no such field')
  if (target.engineId !== undefined && target.kind !== 'trap')
    throw badTarget('.engineId', 'The manager names the engine of an inform.', 'no engineId, or the kind trap')
  const needed = target.version === '3' ? (['user', 'authPassword'] as const) : (['community'] as const)
  const missing = needed.find((field) => target[field] === undefined)
  if (missing !== undefined) throw badTarget(`.${missing}`, 'A field of the target is missing.', 'a value')
  if (target.privProtocol !== undefined && target.privPassword === undefined)
    throw badTarget('.privPassword', 'Without a password nothing is encrypted.', 'a password, or no privProtocol')
  return target
}

/** Whether all that is said is encrypted. */
export const isPrivate = ({ privPassword }: SnmpTarget): boolean => privPassword !== undefined
