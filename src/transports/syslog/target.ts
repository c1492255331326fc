/**
 * What a syslog target holds: the collector, how it is spoken to, and what the line says of itself.
 */
import { CA, CERT, checkTls, HOST, KEY, portOf, type TlsFields } from '../peer.js'
import { type Target, targetReader } from '../target.js'
import type { TargetSchema } from '../transport.js'

/** By their numbers (RFC 5424, table 1). */
export const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
] as const

/** By their numbers (RFC 5424, table 2). */
export const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface SyslogTarget extends TlsFields {
  readonly host: string
  readonly port?: number
  /** Default `tls`. */
  readonly protocol?: 'tls' | 'tcp' | 'udp'
  readonly facility?: string
  readonly severity?: Severity
  readonly appName?: string
  readonly hostname?: string
  readonly body?: 'event' | 'cef'
  readonly maxBytes?: number
}

const named = (length: number, title: string, description: string) =>
  ({ type: 'string', pattern: `^[!-~]{1,${length}}$`, title, description }) as const

export const SYSLOG_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['host'],
  properties: {
    host: HOST,
    port: portOf(6514, 'Default: 6514 with tls, 514 with udp, 601 with tcp.'),
    protocol: {
      enum: ['tls', 'tcp', 'udp'],
      default: 'tls',
      title: 'Protocol',
      description: 'tls, or tcp or udp, which only networks the operator opened are spoken to with. Default: tls.',
    },
    ca: CA,
    cert: CERT,
    key: KEY,
    facility: { enum: FACILITIES, default: 'authpriv', title: 'Facility', description: 'Default: authpriv.' },
    severity: {
      enum: SEVERITIES,
      title: 'Severity',
      description: 'Default: warning for an event whose outcome is failure, else notice.',
    },
    appName: named(48, 'Application', 'APP-NAME of the lines. Default: tocsin.'),
    hostname: named(255, 'Host name', 'HOSTNAME of the lines. Default: that of this machine.'),
    body: {
      enum: ['event', 'cef'],
      default: 'event',
      title: 'Body',
      description: 'event: as its format writes it; cef: ArcSight Common Event Format. Default: event.',
    },
    maxBytes: {
      type: 'integer',
      minimum: 480,
      maximum: 65_000,
      default: 8192,
      title: 'Longest line',
      description: 'Bytes of a line; what is longer is refused, as a collector would cut it. Default: 8192.',
    },
  },
}

const read = targetReader<SyslogTarget>(SYSLOG_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readSyslogTarget(given: Target): SyslogTarget {
  const target = read(given)
  checkTls(target, (target.protocol ?? 'tls') === 'tls', 'the protocol tls')
  return target
}
