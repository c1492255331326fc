/**
 * An event as an SNMP notification: docs/snmp/TOCSIN-MIB.txt in code.
 */
import type { OutgoingMessage } from '../transport.js'

/** `tocsin` of the MIB, in the playpen that Net-SNMP gives to everybody. */
const TOCSIN = '1.3.6.1.4.1.8072.9999.9999.7867'

/** By their numbers under `tocsinNotifications`. */
const CATEGORIES = ['device', 'credential', 'request', 'user', 'workflow', 'resource', 'registry', 'tocsin']

export interface Varbind {
  readonly oid: string
  /** OCTET STRING. */
  readonly type: 4
  readonly value: Buffer
}

export interface Notification {
  readonly oid: string
  readonly varbinds: readonly Varbind[]
}

/** Octets of a TocsinText. */
const LONGEST_TEXT = 255

/** @param category of the event's type; one that is not known is `tocsinOtherEvent`. */
export function notificationOf({ id, event, body }: OutgoingMessage, category: string | undefined): Notification {
  const number = category === undefined ? -1 : CATEGORIES.indexOf(category)
  const { source, type, subject = '', tenant = '', sequence = '' } = event
  const texts = [id, event.id, source, type, subject, tenant, sequence].map(text)
  const varbind = (value: Buffer, index: number): Varbind => ({ oid: `${TOCSIN}.1.${index + 1}.0`, type: 4, value })
  return {
    oid: `${TOCSIN}.0.${number < 0 ? CATEGORIES.length + 1 : number + 1}`,
    varbinds: [...texts, Buffer.from(body)].map(varbind),
  }
}

/** Cut between two characters. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value)
  if (bytes.length <= LONGEST_TEXT) return bytes
  let end = LONGEST_TEXT
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.subarray(0, end)
}
