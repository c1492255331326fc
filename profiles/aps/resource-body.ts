/**
 * Resources as a controller serves them: the `aps` section, the properties, and links by relation.
 */
import { type Hub, InvalidInput, isObject, type PluginRequest, parseJson, type Resource } from '../../src/index.js'
import { present, Reader } from '../reader.js'
import { isSubscription } from './types.js'

/** What stands in `aps`; more of it is read and not heeded, as clients send back what they read. */
const SECTION = ['id', 'type', 'status', 'revision', 'modified', 'subscription', 'schema', 'package', 'link', 'href']

/** The property that keeps which subscription of the platform a resource belongs to. */
export const SUBSCRIPTION_ID = 'aps:subscription'

export const hrefOf = (id: string): string => `/aps/2/resources/${encodeURIComponent(id)}`

export function viewOf(resource: Resource): Readonly<Record<string, unknown>> {
  const { id, type, status, revision, updatedAt: modified, links } = resource
  const { [SUBSCRIPTION_ID]: subscription, ...properties } = resource.properties
  const relations = new Set(links.filter(({ from }) => from === id).map(({ relation }) => relation))
  return {
    ...properties,
    ...Object.fromEntries([...relations].map((relation) => [relation, linksOf(resource, relation)])),
    aps: present({ id, type, status: status ?? undefined, revision, modified, subscription }),
  }
}

/** One is told as itself, several as a list. */
function linksOf({ id, links }: Resource, relation: string): unknown {
  const told = links
    .filter((link) => link.from === id && link.relation === relation)
    .map(({ to, strong }) => ({ aps: { link: strong ? 'strong' : 'weak', href: hrefOf(to), id: to } }))
  return told.length === 1 ? told[0] : told
}

export interface Body {
  readonly whole: Reader
  readonly aps: Reader
  readonly properties: Readonly<Record<string, unknown>>
}

/** @throws InvalidInput for what is no JSON object, and for members of `aps` that nobody would read */
export function readBody(request: PluginRequest, hub: Hub): Body {
  const { eventBytes: maxBytes, depth: maxDepth } = hub.config.limits
  const type = request.headers['content-type']
  if (typeof type !== 'string' || !/^application\/json\s*(;|$)/i.test(type))
    throw new InvalidInput('unsupported_media_type', 'The body is read as JSON alone.', {
      field: 'content-type',
      expected: 'application/json',
    })
  const reader = new Reader(parseJson(request.body, { maxBytes, maxDepth, maxKeys: 100_000 }), '', 'an object')
  const { aps: _, ...properties } = reader.fields
  const aps = reader.optionalObject('aps') ?? new Reader({}, 'aps')
  return { whole: reader, aps: aps.only(SECTION, 'the aps section'), properties }
}

/** Without the links that are there anyway. @throws InvalidInput for others: they are made by a call of their own */
export function withoutLinks(
  properties: Body['properties'],
  links: Resource['links'] = [],
): Readonly<Record<string, unknown>> {
  const isLink = (value: unknown): boolean => isObject(value) && isObject(value.aps)
  const kept = ([relation, value]: readonly [string, unknown]): boolean => {
    if (relation === SUBSCRIPTION_ID) throw wrong(relation, 'aps.subscription')
    if (!isLink(value) && !(Array.isArray(value) && value.some(isLink))) return true
    const ids = [value].flat().map((each: unknown) => isObject(each) && isObject(each.aps) && each.aps.id)
    if (ids.every((id) => links.some((link) => link.relation === relation && link.to === id))) return false
    throw wrong(relation, `a link, made by POST ${hrefOf('ID')}/${relation}`)
  }
  return Object.fromEntries(Object.entries(properties).filter(kept))
}

/**
 * The owner by which visibility goes: the owner of the subscription, an account, or the subscription itself if it has none;
 * so that all that an account's subscriptions hold has one owner.
 */
export function ownerBy(subscription: Resource, hub: Hub): string {
  if (!isSubscription(hub, subscription.type)) throw wrong('aps.subscription', 'the id of a subscription')
  return subscription.owner ?? subscription.id
}

const wrong = (field: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', `${field} is not taken here.`, { field, expected })
