/**
 * An event as a plug-in gets it: the eleven attributes of AIMSEvent, and beside them what AIMSEvent lacks.
 * (https://docs.hidglobal.com/activid-cms-v6.0/operator/api-sdk/event-notif/aims-event.htm)
 */
import { type AnyEvent, isObject } from '../../src/index.js'
import type { Fields } from '../reader.js'
import { serialField, typeOf } from './catalogue.js'
import { type Kind, type Kinds, slotsOf } from './kinds.js'
import { type Attribute, SLOT_NAMES } from './slots.js'

/** The eleven. An unused number is 0 and an unused text null, and 0 may also be a code: only the EventID tells. */
export interface AimsAttributes {
  /** 0: the vendor names this kind of event without a number. */
  readonly EventID: number
  /** The symbolic token, such as CardIssuance. */
  readonly Description: string | null
  /** 0 success, 1 failure: of the same EventID. */
  readonly Status: number
  readonly StatusDescription: string | null
  /** The serial number of the device. */
  readonly ClientID: string | null
  readonly OperatorID: string | null
  readonly AdditionalInfoNum1: number
  readonly AdditionalInfoNum2: number
  readonly AdditionalInfoChar1: string | null
  readonly AdditionalInfoChar2: string | null
  readonly AdditionalInfoChar3: string | null
}

/** Named as the vendor's class; read-only. */
export interface AIMSEvent extends AimsAttributes {
  /** The positional attributes by name: `userId`, `reason`, `deviceType`, ... */
  readonly named: Fields
  /** Before the deed (`pre`) or after it. */
  readonly phase: 'pre' | 'post'
  /** The event whole: its id, by which a repeat is recognised, its time, its type. */
  readonly event: AnyEvent
}

/** As it came in where that was kept; else made of the named fields. */
export function aimsEventOf(event: AnyEvent, kinds: Kinds): AIMSEvent {
  const data: Fields = isObject(event.data) ? event.data : {}
  const { activid, ...named } = data
  const kind = kinds.all.find((each) => typeOf(each) === event.type)
  const attributes = isObject(activid) ? (activid as unknown as AimsAttributes) : attributesOf(event, named, kind)
  return { ...attributes, named, phase: event.phase === 'pre' ? 'pre' : 'post', event }
}

/** The eleven attributes of named fields: the way back of the translator. */
function attributesOf(event: AnyEvent, fields: Fields, kind: Kind | undefined): AimsAttributes {
  return {
    EventID: kind?.eventId ?? 0,
    Description: kind?.token ?? null,
    Status: event.outcome === 'failure' ? 1 : 0,
    StatusDescription: textOr(fields.error),
    ClientID: clientOf(fields, kind),
    OperatorID: event.actor ?? null,
    ...UNUSED,
    ...(kind && slotsWritten(kind, fields)),
  }
}

const UNUSED = {
  AdditionalInfoNum1: 0,
  AdditionalInfoNum2: 0,
  AdditionalInfoChar1: null,
  AdditionalInfoChar2: null,
  AdditionalInfoChar3: null,
} as const

/** The credential type, in AdditionalInfoNum2, says which further slots there are. */
function slotsWritten(kind: Kind, fields: Fields): Readonly<Partial<AimsAttributes>> {
  const type = kind.slots.AdditionalInfoNum2?.write(fields)
  const entries: (readonly [string, Attribute])[] = slotsOf(kind, typeof type === 'number' ? type : 0).flatMap(
    ([name, slot]) => {
      const value = slot.write(fields)
      return value === undefined ? [] : [[name, value] as const]
    },
  )
  return Object.fromEntries(entries.filter(([name]) => SLOT_NAMES.some((slot) => slot === name)))
}

/** 21001 writes `<type>:<serial number>`. */
function clientOf(fields: Fields, kind: Kind | undefined): string | null {
  const serial = textOr(kind ? fields[serialField(kind)] : (fields.serialNumber ?? fields.deviceSerialNumber))
  const type = textOr(fields.deviceType)
  return kind?.eventId === 21001 && serial !== null && type !== null ? `${type}:${serial}` : serial
}

const textOr = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
