/**
 * What follows by itself: a resource is subscribed as its type declares, and its subscriptions die with it. And who may
 * change an application, as it says what its own key sees and where notifications go.
 */
import { type AnyEvent, type Hub, isObject, type Processor, type Resource, reject } from '../../src/index.js'
import { every } from '../every.js'
import { APPLICATION, applicationIn, controllerOf } from './application.js'
import { existing, find } from './caller.js'
import { subscribeAsDeclared, unsubscribeAll } from './subscription.js'

/** Types of APS are URIs: resources of others cost nothing. */
const isOurs = ({ data }: AnyEvent): boolean => /^[a-z]+:\/\//.test(typeIn(data)) || typeIn(data) === APPLICATION

const typeIn = (data: unknown): string => (isObject(data) && typeof data.type === 'string' ? data.type : '')

/** The judge before the commit; witnesses after it, in the same call, so that what is answered holds already. */
export const upkeep = (hub: Hub): readonly Processor[] => [
  {
    name: 'aps:applications',
    kind: 'judge',
    order: -1,
    disableable: false,
    description: 'Applications are made, changed and removed by keys that are bound to no resource.',
    types: ['resource.available', 'resource.changed', 'resource.removed'],
    when: ({ data }, { principal }) => principal.resource !== null && typeIn(data) === APPLICATION,
    run: () => reject('forbidden', 'A key that is bound to a resource makes, changes and removes no application.'),
  },
  {
    name: 'aps:unsubscribe',
    kind: 'witness',
    description: 'The event subscriptions of a resource die with it.',
    types: ['resource.removed'],
    retries: 10,
    when: isOurs,
    // That an event says so does not make it true: any publisher may tell one.
    run: async ({ subject = '' }, { tenant }) => {
      if ((await find(hub, tenant, subject)) === null) await unsubscribeAll(hub, tenant, subject)
    },
  },
  {
    name: 'aps:subscribe',
    kind: 'witness',
    description: 'A resource is subscribed as the operations of its type declare.',
    types: ['resource.available', 'resource.changed'],
    retries: 10,
    when: (event) => isOurs(event) && (event.type.endsWith('available') || typeIn(event.data) === APPLICATION),
    run: async ({ subject = '' }, { tenant }) => {
      const resource = await existing(hub, tenant, subject)
      for await (const each of declaredBy(hub, tenant, resource)) await subscribeAsDeclared(hub, tenant, each)
    },
  },
]

/** The resource itself, or all whose types an application declares. */
async function* declaredBy(hub: Hub, tenant: string, resource: Resource): AsyncGenerator<Resource> {
  const application = applicationIn(resource)
  if (application === null) return yield resource
  const types = Object.entries(application.types).flatMap(([type, { operations }]) =>
    Object.values(operations).some(({ eventSubscription }) => eventSubscription) ? [type] : [],
  )
  if (types.length === 0) return
  for await (const each of every((page) => hub.resources.list(controllerOf(hub, tenant), { types }, page)))
    if (each.removedAt === null) yield each
}
