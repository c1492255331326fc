/**
 * What only a subscription can undergo, a subscription in the sense of the resource type: what a customer has bought. It is
 * bound to a domain, its limits change, its renewal begins. These are events of their own, besides which nothing `changed`.
 */
import { isDeepStrictEqual } from 'node:util'
import { InvalidInput } from '../errors.js'
import type { EventInput } from '../event/envelope.js'
import { isObject } from '../json-object.js'
import type { Found, SubscriptionChange } from './change.js'
import type { GraphStep } from './graph.js'
import { mergePatch } from './patch.js'
import { stateOf } from './state.js'

export interface SubscriptionDerived {
  readonly steps: readonly GraphStep[]
  readonly event: Pick<EventInput, 'type' | 'data'>
}

/** Null if nothing would change. */
export function deriveOfSubscription(change: SubscriptionChange, resource: Found): SubscriptionDerived | null {
  switch (change.do) {
    case 'bind-to-domain':
      return told('resource.bound-to-domain', resource, present({ domain: change.domain, childId: change.childId }))
    case 'change-limits':
      return changeLimits(change, resource)
    case 'renew': {
      const { period, periodType, startDate, expirationDate } = change
      return told('resource.renewed', resource, present({ period, periodType, startDate, expirationDate }))
    }
  }
}

function changeLimits({ limits }: SubscriptionChange & { do: 'change-limits' }, resource: Found) {
  const before = stateOf(resource)
  const properties = mergePatch(before.properties, { limits })
  if (isDeepStrictEqual(properties, before.properties)) return null
  const { id, type, owner, status } = resource
  const step = { do: 'put', id, type, owner, status, properties: JSON.stringify(properties) } as const
  const changed = { ...resource, revision: resource.revision + 1 }
  return { ...told('resource.limits-changed', changed, { limits: properties.limits, before }), steps: [step] }
}

const told = (type: string, { id, type: of, owner, status, revision }: Found, data: object): SubscriptionDerived => ({
  steps: [],
  event: { type, data: { id, type: of, owner, status, revision, ...data } },
})

const present = (fields: Readonly<Record<string, unknown>>): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

export const isOfSubscription = (change: { readonly do: string }): change is SubscriptionChange =>
  change.do === 'bind-to-domain' || change.do === 'change-limits' || change.do === 'renew'

/** @throws InvalidInput `invalid_request` with the field */
export function checkSubscriptionChange(change: SubscriptionChange): void {
  if (change.do === 'bind-to-domain') checkText('domain', change.domain)
  if (change.do === 'change-limits') checkLimits(change.limits)
  if (change.do !== 'renew') return
  checkText('periodType', change.periodType)
  if (!Number.isSafeInteger(change.period) || change.period < 1) throw wrong('period', 'a whole number, at least 1')
  for (const field of ['startDate', 'expirationDate'] as const) checkMoment(field, change[field])
}

const checkText = (field: string, value: unknown): void => {
  if (typeof value !== 'string' || !/^[^\p{Cc}\p{Cs}]{1,256}$/u.test(value))
    throw wrong(field, '1 to 256 characters, no control characters')
}

function checkLimits(limits: unknown): void {
  if (!isObject(limits) || Object.keys(limits).length === 0)
    throw wrong('limits', 'an object: a limit by each name, null removes it')
}

function checkMoment(field: string, value: string | undefined): void {
  if (value !== undefined && !(/^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value))))
    throw wrong(field, 'a time as in RFC 3339')
}

const wrong = (field: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `The ${field} is not valid.`, { field, expected })
