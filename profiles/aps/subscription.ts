/**
 * Event subscriptions: what a connector sends, and what is kept of it: a subscription of ours in the place of the
 * subscriber, without order, as 202 may hold a notification back for ever.
 */
import { type Hub, InvalidInput, type Principal, type Resource, type SubscriptionView } from '../../src/index.js'
import { all } from '../every.js'
import { living } from '../living.js'
import { present, Reader } from '../reader.js'
import { applicationFor, controllerOf, operationOf } from './application.js'
import { KINDS, type Kind, kindOf, LINKS } from './kinds.js'
import type { Target } from './transport.js'
import { isSubscription } from './types.js'

/** Ten attempts (reference); the interval is not given there: ours. */
const RETRY = { attempts: 10, firstDelay: 10_000, maxDelay: 3_600_000 }

interface Wanted {
  readonly kind: Kind
  readonly source: { readonly id?: string; readonly type?: string }
  readonly relation?: string
  readonly handler: string
}

/** A resource in the role of the subscriber: its subscriptions are its own, and it sees what it sees. */
export const subscriberIn = (caller: Principal, id: string): Principal => ({
  id: `aps:${id}`,
  name: id,
  tenant: caller.tenant,
  roles: ['subscriber', 'publisher'],
  scopes: [],
  resource: id,
})

/** @throws InvalidInput with the field; NotFound for a source that the subscriber cannot see */
export async function subscribe(hub: Hub, caller: Principal, subscriber: Resource, body: Reader) {
  const wanted = await check(hub, caller, subscriber, body)
  const target = await targetOf(hub, caller, subscriber, wanted)
  const { kind, source, relation, handler } = wanted
  const as = subscriberIn(caller, subscriber.id)
  const created = await hub.subscriptions.create(as, {
    name: `${handler} of ${subscriber.id}`.slice(0, 200),
    types: [...new Set([kind.uri, ...nativesOf(kind)])],
    // A native type hears all its cases; of them the controller's own are told by their own URI.
    filters: [{ any: [kind.uri, ...nativesOf(kind)].map((type) => ({ exact: { type } })) }],
    source,
    ...(relation !== undefined && { relation }),
    ...{ transport: 'aps', target, order: 'none', retry: RETRY },
  })
  return viewOf(created)
}

/** What the registry itself tells is native; events that only other controllers know have their own name alone. */
const nativesOf = ({ uri, caseOf }: Kind): readonly string[] =>
  KINDS.find((kind) => kind.caseOf === caseOf)?.uri === uri ? [caseOf] : []

async function check(hub: Hub, caller: Principal, subscriber: Resource, body: Reader): Promise<Wanted> {
  body.only(['id', 'event', 'source', 'relation', 'handler'], 'the subscription')
  const expected = `one of ${KINDS.map(({ uri }) => uri).join(', ')}`
  const kind = kindOf(body.name('event', expected))
  if (!kind) throw wrong('event', 'The event is none that a controller tells.', expected)
  const source = await sourceIn(hub, caller, subscriber, body, kind)
  const relation = body.optionalName('relation')
  if (relation !== undefined && !LINKS.includes(kind.uri))
    throw wrong('relation', 'Only links have a relation.', 'no relation, or the event linked or unlinked')
  const handler = body.name('handler', 'the name of an operation of the subscriber')
  return { kind, source, handler, ...(relation !== undefined && { relation }) }
}

async function sourceIn(hub: Hub, caller: Principal, subscriber: Resource, body: Reader, kind: Kind) {
  const source = body.object('source', '{ id } of a resource or { type }')
  source.only(['id', 'type'], 'the source')
  const id = source.optionalName('id')
  const type = source.optionalName('type')
  if (id === undefined && type === undefined)
    throw wrong('source', 'The source is neither a resource nor a type.', 'source.id or source.type')
  // A source out of sight would never be heard of: that is said at once.
  const as = subscriberIn(caller, subscriber.id)
  const found = id === undefined ? null : await living(hub.resources.get(as, id))
  if (kind.ofSubscriptions)
    for (const each of [found?.type, type])
      if (each !== undefined && !isSubscription(hub, each))
        throw wrong(
          id === undefined ? 'source.type' : 'source.id',
          'Only subscriptions tell this event.',
          'a subscription',
        )
  return present<Wanted['source']>({ ...(id !== undefined && { id }), ...(type !== undefined && { type }) })
}

async function targetOf(
  hub: Hub,
  { tenant }: Principal,
  { id, type }: Resource,
  { kind, handler }: Wanted,
): Promise<Target & Record<string, unknown>> {
  const application = await applicationFor(hub, tenant, type)
  if (application === null)
    throw wrong(
      'handler',
      'No application declares the type of the subscriber.',
      `an ${'aps-application'} with ${type}`,
    )
  const operation = operationOf(application, type, handler)
  if (operation === null) throw wrong('handler', 'The type of the subscriber has no such operation.', 'the name of one')
  if (operation.parameters !== undefined && Object.keys(operation.parameters).length !== 1)
    throw wrong('handler', 'The operation does not take a notification.', 'an operation with just one parameter')
  return { application: application.id, subscriber: id, handler, event: kind.uri }
}

export interface EventSubscription {
  readonly id: string
  readonly event: string
  readonly source: { readonly id?: string; readonly type?: string }
  readonly relation?: string
  readonly handler: string
}

function viewOf({ id, target, source = {}, relation }: SubscriptionView): EventSubscription {
  const { event, handler } = target as unknown as Target
  return present<EventSubscription>({ id, event, source, handler, ...(relation !== undefined && { relation }) })
}

/** All of one subscriber. */
export async function subscriptionsOf(
  hub: Hub,
  caller: Principal,
  subscriber: string,
): Promise<readonly EventSubscription[]> {
  const as = subscriberIn(caller, subscriber)
  const subscriptions = await all((page) => hub.subscriptions.list(as, page))
  return subscriptions.filter(({ transport }) => transport === 'aps').map(viewOf)
}

export const subscriptionOf = async (hub: Hub, caller: Principal, subscriber: string, id: string) =>
  viewOf(await hub.subscriptions.get(subscriberIn(caller, subscriber), id))

export const unsubscribe = (hub: Hub, caller: Principal, subscriber: string, id: string): Promise<void> =>
  hub.subscriptions.remove(subscriberIn(caller, subscriber), id)

/** Of a subscriber that is gone. */
export async function unsubscribeAll(hub: Hub, tenant: string, subscriber: string): Promise<void> {
  const controller = controllerOf(hub, tenant)
  for (const { id } of await subscriptionsOf(hub, controller, subscriber))
    await unsubscribe(hub, controller, subscriber, id)
}

/** What the operations of its type declare, once each. */
export async function subscribeAsDeclared(hub: Hub, tenant: string, subscriber: Resource): Promise<void> {
  const application = await applicationFor(hub, tenant, subscriber.type)
  const controller = controllerOf(hub, tenant)
  const operations = Object.entries(application?.types[subscriber.type]?.operations ?? {})
  const known = await subscriptionsOf(hub, controller, subscriber.id)
  for (const [handler, { eventSubscription }] of operations) {
    if (!eventSubscription || known.some((each) => each.handler === handler && each.event === eventSubscription.event))
      continue
    await subscribe(hub, controller, subscriber, new Reader({ ...eventSubscription, handler }, ''))
  }
}

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })
