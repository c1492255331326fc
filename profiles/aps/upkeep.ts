/**
 * What follows by itself: a resource is subscribed as its type declares, and its subscriptions die with it.
 */
import type { AnyEvent, Hub, Processor, Resource } from '../../src/index.js'
import { isObject } from '../reader.js'
import { APPLICATION, applicationIn, controllerOf } from './application.js'
import { existing } from './caller.js'
import { subscribeAsDeclared, unsubscribeAll } from './subscription.js'

/** Types of APS are URIs: resources of others cost nothing. */
const isOurs = ({ data }: AnyEvent): boolean => /^[a-z]+:\/\//.test(typeIn(data)) || typeIn(data) === APPLICATION

const typeIn = (data: unknown): string => (isObject(data) && typeof data.type === 'string' ? data.type : '')

/** Witnesses: after the commit, in the same call, so that what is answered holds already. */
export const upkeep = (hub: Hub): readonly Processor[] => [
  {
    name: 'aps:unsubscribe',
    kind: 'witness',
    description: 'The event subscriptions of a resource die with it.',
    types: ['resource.removed'],
    retries: 10,
    when: isOurs,
    run: ({ subject = '' }, { tenant }) => unsubscribeAll(hub, tenant, subject),
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
  for (let cursor: string | undefined; ; ) {
    const request = { limit: 1000, ...(cursor !== undefined && { cursor }) }
    const page = await hub.resources.list(controllerOf(hub, tenant), { types }, request)
    yield* page.items.filter(({ removedAt }) => removedAt === null)
    if (page.next === null) return
    cursor = page.next
  }
}
