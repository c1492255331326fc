/**
 * One EventNotification of the APS controller: `{ event, source: { id, type? }, parameters? }`, or wrapped with the headers
 * it came with, `{ headers: { 'APS-Transaction-ID': ... }, body: { event, ... } }`. Other members are not proven by any
 * page or code read, and are left out.
 *
 * No member identifies a notification. A transaction may change a resource twice, so its id is no event id either: none is
 * made, and intake stamps a fresh one. A repeated delivery is then a second event; nothing is lost.
 */
import { checkUri, type EventInput, type Translator } from '../../src/index.js'
import { type Fields, present, Reader, wrong } from '../reader.js'
import { timestampOf } from '../timestamp.js'
import { KINDS, kindOf, LINKS, RENEWED } from './kinds.js'

export const translator: Translator = {
  name: 'aps',
  title: 'APS event notification',
  translate(message, context) {
    const outer = Reader.message(message, 'an EventNotification { event, source }, or { headers, body }')
    if (!outer.has('body') || outer.has('event')) return [eventOf(outer, context.source, {})]
    outer.only(['headers', 'body'], 'the wrapper')
    return [eventOf(outer.object('body'), context.source, headersOf(outer))]
  },
}

interface Headers {
  readonly controller?: string | undefined
  readonly transactionId?: string | undefined
  readonly actor?: string | undefined
  readonly instanceId?: string | undefined
  readonly applicationId?: string | undefined
}

function eventOf(notification: Reader, source: string, headers: Headers): EventInput {
  const type = typeIn(notification)
  const about = notification.object('source', 'the source resource: { id }')
  const subject = about.name('id', 'the APS id of the source resource')
  const parameters = notification.optionalObject('parameters')
  return present<EventInput>({
    source: headers.controller ?? source,
    type,
    subject,
    actor: headers.actor,
    transactionId: headers.transactionId,
    data: present({
      id: subject,
      type: about.optionalName('type'),
      from: LINKS.includes(type) ? subject : undefined,
      ...(type === RENEWED && parameters ? periodOf(parameters) : {}),
      instanceId: headers.instanceId,
      applicationId: headers.applicationId,
      parameters: parameters?.fields,
    }),
  })
}

function typeIn(notification: Reader): string {
  const expected = `one of ${KINDS.map((kind) => kind.uri).join(', ')}`
  const uri = notification.name('event', expected)
  if (kindOf(uri)) return uri
  throw wrong(
    notification.at('event'),
    expected,
    'unknown_type',
    'The event is none of the APS event types that are documented or seen in use.',
  )
}

/** The members that connectors read of a renewal. Their kinds are not documented: what does not fit stays in `parameters`. */
function periodOf(parameters: Reader): Fields {
  const newPeriod = parameters.get('newPeriod')
  const period =
    typeof newPeriod === 'object' && !Array.isArray(newPeriod) ? new Reader(newPeriod, 'newPeriod') : undefined
  const length = period?.get('period')
  return {
    period: Number.isSafeInteger(length) && Number(length) >= 0 ? length : undefined,
    periodType: textOrNone(period?.get('periodType')),
    startDate: timestampOf(textOrNone(parameters.get('startDate')) ?? ''),
    expirationDate: timestampOf(textOrNone(parameters.get('expirationDate')) ?? ''),
  }
}

const textOrNone = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** http://doc.apsstandard.org/2.1/spec/api/protocol/headers/; names are case-insensitive. */
function headersOf(outer: Reader): Headers {
  const given = outer.optionalObject('headers')
  if (!given) return {}
  const header = (name: string): string | undefined => headerOf(given, name)
  return {
    controller: controllerIn(given, header('aps-controller-uri')),
    transactionId: header('aps-transaction-id'),
    actor: header('aps-actor-id') ?? header('aps-identity-id'),
    instanceId: header('aps-instance-id'),
    applicationId: header('aps-application-id'),
  }
}

function headerOf(headers: Reader, name: string): string | undefined {
  const spelt = Object.keys(headers.fields).find((each) => each.toLowerCase() === name)
  return spelt === undefined ? undefined : headers.optionalName(spelt)
}

/** The controller is the system in which the change happened. */
const controllerIn = (headers: Reader, uri: string | undefined): string | undefined =>
  uri === undefined ? undefined : checkUri(uri, headers.at('APS-Controller-URI'))
