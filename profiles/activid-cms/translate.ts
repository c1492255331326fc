/**
 * One AIMSEvent of ActivID CMS's Event Notification Plug-in SPI, as JSON with the eleven attributes in their documented
 * spelling: `{ EventID, Description, Status, StatusDescription, ClientID, OperatorID, AdditionalInfoNum1, ... }`.
 *
 * The SPI gives an event no id and no time, and two equal operations are two events: so no id is made from the content, and
 * intake stamps a fresh one. A plug-in that can tell its repeats apart wraps the event: `{ id, time, event: { EventID, ... } }`.
 */
import type { EventInput, Translator } from '../../src/index.js'
import { type Fields, present, quoted, Reader, wrong } from '../reader.js'
import { ATTRIBUTES, serialField, typeOf } from './catalogue.js'
import { type About, type Kind, type Kinds, NAMED_WITHOUT_NUMBER, type SlotEntry, slotsOf } from './kinds.js'

const NAMES = Object.keys(ATTRIBUTES)
const PROFILE_KEY = 'com.actividentity.provider/profileId'

export const translatorOf = (kinds: Kinds): Translator => ({
  name: 'activid-cms',
  title: 'HID ActivID CMS event notification (AIMSEvent)',
  translate(message, context) {
    const outer = Reader.message(message, 'an AIMSEvent: an object with EventID, Status, ...')
    const wrapped = outer.has('event') && !outer.has('EventID')
    if (!wrapped) return [eventOf(outer, context.source, kinds)]
    outer.only(['id', 'time', 'event'], 'the wrapper')
    const own = present({ id: outer.optionalName('id'), time: outer.optionalTime('time') })
    return [{ ...eventOf(outer.object('event', 'an AIMSEvent'), context.source, kinds), ...own }]
  },
})

function eventOf(event: Reader, source: string, kinds: Kinds): EventInput {
  const kind = kindIn(event, kinds)
  event.only(kind.eventId === 21001 ? [...NAMES, 'CredentialValues'] : NAMES, 'the attributes of an AIMSEvent')
  const data = dataOf(event, kind)
  return present<EventInput>({
    type: typeOf(kind),
    source,
    subject: subjectOf(data, kind.about),
    // A request and the issuance it leads to stay in order.
    partitionKey: kind.about === 'request' ? (serialOf(data) ?? text(data.userId)) : undefined,
    actor: event.optionalName('OperatorID'),
    outcome: event.integer('Status', 0, 1) === 0 ? 'success' : 'failure',
    phase: kind.phase,
    data,
  })
}

function kindIn(event: Reader, kinds: Kinds): Kind {
  const eventId = event.integer('EventID')
  const kind = kinds.get(eventId)
  if (!kind) throw unknownEvent(event.at('EventID'), eventId, kinds)
  const token = event.optionalText('Description')
  if (token === undefined || token === kind.token) return kind
  // The audit tables reuse the same numbers: audit 20003 is RequestIssuance, notification 20003 is CertHold.
  throw wrong(
    event.at('Description'),
    `${quoted(kind.token)} for EventID ${eventId}; the CMS audit tables use the same numbers for other things`,
  )
}

const unknownEvent = (field: string, eventId: number, kinds: Kinds) =>
  wrong(
    field,
    `one of ${kinds.all.map((kind) => kind.eventId).join(', ')}`,
    'unknown_type',
    `No documentation read proves an ActivID CMS notification ${eventId}. What your installation numbers itself belongs ` +
      'into a catalogue file (profiles.actividCms.catalogue). The vendor names the kinds ' +
      `${NAMED_WITHOUT_NUMBER.join(', ')} without a number: publish those native types themselves.`,
  )

function dataOf(event: Reader, kind: Kind): Fields {
  const slots = slotsOf(kind, event.optionalInteger('AdditionalInfoNum2') ?? 0)
  return {
    event: kind.token,
    ...deviceOf(event, kind),
    ...present({ error: event.optionalText('StatusDescription'), profileId: profileOf(event, kind) }),
    ...(kind.about === 'operator' ? { operator: true } : {}),
    ...Object.assign({}, ...slots.map(([name, slot]: SlotEntry) => slot.read(event, name))),
    activid: originalOf(event),
  }
}

/** 21001 writes `<type>:<serial number>`, every other event the serial number alone. */
function deviceOf(event: Reader, kind: Kind): Fields {
  const client = event.optionalName('ClientID')
  if (client === undefined) return {}
  const colon = kind.eventId === 21001 ? client.indexOf(':') : -1
  const serial = client.slice(colon + 1)
  if (colon <= 0 || serial === '') return { [serialField(kind)]: client }
  return { [serialField(kind)]: serial, deviceType: client.slice(0, colon) }
}

/** The one documented key of 21001's bag; others are not copied, as nobody knows what they hold. */
const profileOf = (event: Reader, kind: Kind): string | undefined =>
  kind.eventId === 21001 ? event.optionalObject('CredentialValues')?.optionalName(PROFILE_KEY) : undefined

/** All eleven, an absent one as the SPI writes it when unused: 0 or null. */
function originalOf(event: Reader): Fields {
  return Object.fromEntries(NAMES.map((name) => [name, attributeOf(event, name)]))
}

const attributeOf = (event: Reader, name: string): unknown =>
  name.startsWith('AdditionalInfoNum') || name === 'EventID' || name === 'Status'
    ? (event.optionalInteger(name) ?? 0)
    : (event.optionalText(name) ?? null)

function subjectOf(data: Fields, about: About): string | undefined {
  switch (about) {
    case 'device':
      return serialOf(data) ?? text(data.userId)
    case 'request':
      // 0 is the constant of an unused number.
      return data.requestId === '0' ? serialOf(data) : text(data.requestId)
    case 'user':
      return text(data.userId)
    case 'operator':
      return text(data.userName)
  }
}

const serialOf = (data: Fields): string | undefined => text(data.serialNumber) ?? text(data.deviceSerialNumber)

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
