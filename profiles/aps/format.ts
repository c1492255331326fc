/**
 * The body of a notification, `EventNotification`: the event's URI, the source, and the parameters of what is special.
 * Thin: the handler asks for the resource. What of it is proven says docs/coming-from-aps.md.
 */
import { type AnyEvent, type Format, isObject } from '../../src/index.js'
import { present } from '../reader.js'
import { KINDS, kindOf } from './kinds.js'

export const format: Format = {
  name: 'aps',
  title: 'APS event notification',
  encode: (event) => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify(notificationOf(event)) }),
}

function notificationOf(event: AnyEvent): object {
  const data = isObject(event.data) ? event.data : {}
  return present({
    event: uriOf(event.type),
    source: present({ id: event.subject ?? data.id, type: data.type }),
    time: event.time,
    parameters: isObject(data.parameters) ? data.parameters : parametersOf(event.type, data),
  })
}

/** The URI of which the native type is the general case; the first in the list is. */
export const uriOf = (type: string): string =>
  kindOf(type)?.uri ?? KINDS.find(({ caseOf }) => caseOf === type)?.uri ?? type

/** Names of the renewal are proven; the others are ours. */
function parametersOf(type: string, data: Readonly<Record<string, unknown>>): object | undefined {
  switch (kindOf(uriOf(type))?.caseOf) {
    case 'resource.renewed':
      return present({
        newPeriod: present({ period: data.period, periodType: data.periodType }),
        startDate: data.startDate,
        expirationDate: data.expirationDate,
      })
    case 'resource.bound-to-domain':
      return present({ domainName: data.domain, subscriptionId: data.childId })
    case 'resource.limits-changed':
      return present({ limits: data.limits })
    case 'resource.linked':
    case 'resource.unlinked':
      return present({ relation: data.relation, id: data.to })
    default:
      return undefined
  }
}
