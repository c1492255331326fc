/**
 * An event as a syslog message (RFC 5424), and as ArcSight's CEF within one. Nothing in an event begins a line, ends a field
 * or names another.
 */
import { hostname } from 'node:os'
import type { AnyEvent } from '../../event/envelope.js'
import { printable } from '../printable.js'
import type { OutgoingMessage } from '../transport.js'
import { FACILITIES, SEVERITIES, type Severity, type SyslogTarget } from './target.js'

/** Ours within the playpen that Net-SNMP gives to everybody, as no number of our own is registered; see docs/snmp. */
const SD_ID = 'tocsin@8072.9999.9999.7867'

/** Asked of the system once. */
const HOSTNAME = hostname()

/** @param version of Tocsin. */
export function lineOf(message: OutgoingMessage, target: SyslogTarget, version: string): Buffer {
  const { event, time, body } = message
  const severity = target.severity ?? (event.outcome === 'failure' ? 'warning' : 'notice')
  const priority = FACILITIES.findIndex((name) => name === (target.facility ?? 'authpriv')) * 8
  const header = [
    `<${priority + SEVERITIES.indexOf(severity)}>1`,
    timestampOf(event.time, time),
    token(target.hostname ?? HOSTNAME, 255),
    target.appName ?? 'tocsin',
    '-',
    token(event.type, 32),
    structured(message),
  ]
  const text = target.body === 'cef' ? cefOf(message, severity, version) : printable(body)
  // RFC 5424, section 6.4: UTF-8 is announced by a BOM.
  return Buffer.from(`${header.join(' ')} ${/^[ -~]*$/.test(text) ? '' : '\uFEFF'}${text}`)
}

/** RFC 6587, section 3.4.1, and RFC 5425: the length before the message, so that no content ends it. */
export const framed = (line: Buffer): Buffer => Buffer.concat([Buffer.from(`${line.length} `), line])

/** When it happened, or is told if nobody said when. */
const timestampOf = (happened: string | undefined, told: number): string => {
  const at = happened === undefined ? Number.NaN : Date.parse(happened)
  return new Date(Number.isNaN(at) ? told : at).toISOString()
}

/** Printable ASCII without spaces, as header fields are. */
const token = (text: string, length: number): string => text.replace(/[^!-~]/g, '_').slice(0, length) || '-'

function structured({ id, event }: OutgoingMessage): string {
  const { source, type, subject, tenant, sequence } = event
  const parameters = Object.entries({ message: id, id: event.id, source, type, subject, tenant, sequence })
  const written = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${parameter(value)}"`]))
  return `[${[SD_ID, ...written].join(' ')}]`
}

/** RFC 5424, section 6.3.3. */
const parameter = (value: string): string => printable(value).replace(/[\\"\]]/g, '\\$&')

/** Of 0 to 10, as CEF has them. */
const CEF_SEVERITIES: Readonly<Record<Severity, number>> = {
  ...{ emergency: 10, alert: 10, critical: 9, error: 8, warning: 6, notice: 3, info: 2, debug: 1 },
}
/** Of a custom string (ArcSight CEF, revision 25). */
const LONGEST_STRING = 4000

function cefOf({ event, id, time }: OutgoingMessage, severity: Severity, version: string): string {
  const header = ['CEF:0', 'Tocsin', 'Tocsin', version, event.type, event.type, String(CEF_SEVERITIES[severity])]
  const extension = Object.entries(cefFields(event, id, time)).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${cefValue(value)}`],
  )
  return `${header.map(cefHeader).join('|')}|${extension.join(' ')}`
}

function cefFields(event: AnyEvent, id: string, time: number): Readonly<Record<string, string | undefined>> {
  const data = JSON.stringify(event.data ?? {})
  return {
    rt: String(Date.parse(timestampOf(event.time, time))),
    externalId: event.id,
    act: event.type,
    outcome: event.outcome,
    suser: event.actor,
    ...custom(1, 'source', event.source),
    ...custom(2, 'subject', event.subject),
    ...custom(3, 'message', id),
    // Half a JSON text is none.
    ...custom(4, 'data', data.length <= LONGEST_STRING ? data : undefined),
    ...custom(5, 'tenant', event.tenant),
  }
}

const custom = (number: number, label: string, value: string | undefined) =>
  value === undefined ? {} : { [`cs${number}Label`]: label, [`cs${number}`]: value }

/** A pipe ends a field of the header, an equals sign one of the extension; a backslash escapes them. */
const cefHeader = (value: string): string => printable(value).replace(/[\\|]/g, '\\$&')
const cefValue = (value: string): string => printable(value).replace(/[\\=]/g, '\\$&')
