/**
 * The controller's API under `/aps/2`: resources, their links, and the event subscriptions that hang off each.
 * Answers are 200 with a body where a connector reads one (a 201 breaks them), else 204.
 */
import { randomUUID } from 'node:crypto'
import type {
  Hub,
  PluginAnswer,
  PluginBodies,
  PluginReply,
  PluginRequest,
  PluginRoute,
  Principal,
  Resource,
} from '../../src/index.js'
import { NotFound, requireScope } from '../../src/index.js'
import { all } from '../every.js'
import { living, livingOrNull } from '../living.js'
import { wrong } from '../reader.js'
import { actingAs, existing, header, inSightOf, mayActAs } from './caller.js'
import { ownerBy, readBody, SUBSCRIPTION_ID, viewOf, withoutLinks } from './resource-body.js'
import * as shapes from './route-shapes.js'
import { search } from './search.js'
import { subscribe, subscriptionOf, subscriptionsOf, unsubscribe } from './subscription.js'

interface Call {
  readonly request: PluginRequest
  readonly hub: Hub
  readonly caller: Principal
  /** Of the path. */
  readonly id: string
}

type Deed = (call: Call) => Promise<unknown>

const RESOURCES = '/aps/2/resources'

/** `undefined` is answered as 204. The transaction's id is echoed. */
const route = (
  method: PluginRoute['method'],
  path: string,
  operationId: string,
  summary: string,
  shape: { readonly answers: PluginAnswer; readonly takes?: PluginBodies },
  deed: Deed,
): PluginRoute => ({
  ...{ method, path: `${RESOURCES}${path}`, operationId, summary, scope: 'own', ...shape },
  async handle(request, hub) {
    const caller = await actingAs(request, hub)
    return replyTo(request, await deed({ request, hub, caller, id: request.params.id ?? '' }))
  },
})

function replyTo(request: PluginRequest, body: unknown): PluginReply {
  const transaction = header(request, 'aps-transaction-id')
  const headers: Record<string, string> = transaction === undefined ? {} : { 'aps-transaction-id': transaction }
  if (body === undefined) return { status: 204, headers }
  return { status: 200, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

export const routes: readonly PluginRoute[] = [
  route('GET', '', 'apsListResources', 'Resources, by RQL', shapes.RESOURCES, async ({ request, hub, caller }) =>
    search(hub, caller, request.url.split('?').slice(1).join('?')),
  ),
  route('POST', '', 'apsCreateResource', 'Create a resource', shapes.NEW_RESOURCE, create),
  route('GET', '/:id', 'apsGetResource', 'One resource', shapes.RESOURCE, async (call) => viewOf(await read(call))),
  route('PUT', '/:id', 'apsConfigureResource', 'Configure a resource', shapes.CHANGED_RESOURCE, configure),
  route('DELETE', '/:id', 'apsRemoveResource', 'Remove a resource', shapes.NOTHING, remove),
  route(
    'GET',
    '/:id/aps/subscriptions',
    'apsListSubscriptions',
    'Event subscriptions of a resource',
    shapes.SUBSCRIPTIONS,
    async (call) => {
      const { id } = await subscriberOf(call, 'subscriptions:read')
      return subscriptionsOf(call.hub, call.caller, id)
    },
  ),
  route(
    'POST',
    '/:id/aps/subscriptions',
    'apsSubscribe',
    'Subscribe a resource to events',
    shapes.NEW_SUBSCRIPTION,
    async (call) => {
      const subscriber = await subscriberOf(call, 'subscriptions:write')
      return subscribe(call.hub, call.caller, subscriber, readBody(call.request, call.hub).whole)
    },
  ),
  route(
    'GET',
    '/:id/aps/subscriptions/:subscription',
    'apsGetSubscription',
    'One event subscription',
    shapes.SUBSCRIPTION,
    async (call) => {
      const { id } = await subscriberOf(call, 'subscriptions:read')
      return subscriptionOf(call.hub, call.caller, id, call.request.params.subscription ?? '')
    },
  ),
  route(
    'DELETE',
    '/:id/aps/subscriptions/:subscription',
    'apsUnsubscribe',
    'End an event subscription',
    shapes.NOTHING,
    async (call) => {
      const { id } = await subscriberOf(call, 'subscriptions:write')
      return unsubscribe(call.hub, call.caller, id, call.request.params.subscription ?? '')
    },
  ),
  route('GET', '/:id/:relation', 'apsListLinked', 'Resources linked by a relation', shapes.RESOURCES, linked),
  route('POST', '/:id/:relation', 'apsLink', 'Link a resource by a relation', shapes.NEW_LINK, link),
  route('DELETE', '/:id/:relation/:to', 'apsUnlink', 'End a link', shapes.NOTHING, unlink),
]

/** With all its links: a connector knows no pages of them. */
async function read({ hub, caller, id }: Call): Promise<Resource> {
  const as = await inSightOf(hub, caller, id)
  const resource = await living(hub.resources.get(as, id))
  if (!resource.moreLinks) return resource
  return { ...resource, links: await all((page) => hub.resources.links(as, id, {}, page)), moreLinks: false }
}

/** Who may not act in the subscriber's place is told what it is told of none. */
async function subscriberOf({ hub, caller, id }: Call, scope: 'subscriptions:read' | 'subscriptions:write') {
  requireScope(caller, scope)
  const resource = await existing(hub, caller.tenant, id)
  if (await mayActAs(hub, caller, resource)) return resource
  throw new NotFound('resource', id)
}

const changing = ({ request }: Call) => ({ transactionId: header(request, 'aps-transaction-id') })

async function create(call: Call) {
  const { hub, caller, request } = call
  const { aps, properties } = readBody(request, hub)
  const id = aps.optionalName('id') ?? randomUUID()
  const subscription = aps.optionalName('subscription')
  const change = {
    ...({ do: 'create', id, type: aps.name('type', 'the URI of a type') } as const),
    status: aps.optionalName('status') ?? null,
    owner: await ownerOf(hub, caller, subscription),
    properties: { ...withoutLinks(properties), ...(subscription !== undefined && { [SUBSCRIPTION_ID]: subscription }) },
  }
  const { resource } = await hub.resources.change(caller, change, changing(call))
  return resource && viewOf(resource)
}

/** The subscription's, as far as the caller sees it; else that of the resource in whose place it acts. */
async function ownerOf(hub: Hub, caller: Principal, subscription: string | undefined): Promise<string | null> {
  if (subscription !== undefined) return ownerBy(await living(hub.resources.get(caller, subscription)), hub)
  return caller.resource === null ? null : (await living(hub.resources.get(caller, caller.resource))).owner
}

/** What is given replaces, what is not stays; `aps.revision` guards against a change meanwhile. */
async function configure(call: Call) {
  const { hub, request, id } = call
  const { aps, properties } = readBody(request, hub)
  const present = await read(call)
  for (const [name, value] of [
    ['id', id],
    ['type', present.type],
  ] as const)
    if ((aps.optionalName(name) ?? value) !== value) throw wrong(`aps.${name}`, value, 'invalid_request')
  const revision = aps.optionalInteger('revision', 1)
  const { resource } = await hub.resources.change(
    await inSightOf(hub, call.caller, id),
    {
      ...({ do: 'update', id, properties: withoutLinks(properties, present.links) } as const),
      ...(aps.has('status') && { status: aps.name('status') }),
      ...(revision !== undefined && { revision }),
    },
    changing(call),
  )
  return resource && viewOf(resource)
}

async function remove(call: Call): Promise<void> {
  const { hub, caller, id } = call
  await read(call)
  await hub.resources.change(await inSightOf(hub, caller, id), { do: 'remove', id }, changing(call))
}

async function linked(call: Call) {
  const resource = await read(call)
  const as = await inSightOf(call.hub, call.caller, call.id)
  const ends = resource.links.filter(
    ({ from, relation }) => from === call.id && relation === call.request.params.relation,
  )
  const others = await Promise.all(ends.map(({ to }) => livingOrNull(call.hub.resources.get(as, to))))
  return others.flatMap((other) => (other === null ? [] : [viewOf(other)]))
}

async function link(call: Call) {
  const { hub, request, id } = call
  const { aps } = readBody(request, hub)
  const to = aps.name('id', 'the id of the resource to link')
  const kind = aps.optionalName('link') ?? 'weak'
  if (kind !== 'weak' && kind !== 'strong') throw wrong('aps.link', 'weak or strong', 'invalid_request')
  const ends = { from: id, relation: relationIn(request), to }
  await read(call)
  const as = await inSightOf(hub, call.caller, id)
  await hub.resources.change(as, { do: 'link', ...ends, strong: kind === 'strong' }, changing(call))
  return viewOf(await living(hub.resources.get(as, to)))
}

async function unlink(call: Call): Promise<void> {
  const { hub, caller, request, id } = call
  await read(call)
  const ends = { from: id, relation: relationIn(request), to: request.params.to ?? '' }
  await hub.resources.change(await inSightOf(hub, caller, id), { do: 'unlink', ...ends }, changing(call))
}

function relationIn({ params: { relation = '' } }: PluginRequest): string {
  if (relation !== 'aps') return relation
  throw wrong('relation', 'a relation; aps is the section', 'invalid_request')
}
