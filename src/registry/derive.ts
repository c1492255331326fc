/**
 * What a change means: the steps on the graph, and the events that tell of it. Pure.
 * One operation gives one `resource.changed` however many properties it touches; a removal unlinks first.
 */
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { EventInput } from '../event/envelope.js'
import type { Found, Link, ResourceChange, SubscriptionChange } from './change.js'
import type { GraphChange, GraphStep } from './graph.js'
import { difference, mergePatch } from './patch.js'
import { stateOf } from './state.js'
import { deriveOfSubscription } from './subscription-changes.js'

/** What a change finds. A resource that was removed, or never was, is null. */
export interface Present {
  readonly resource: Found | null
  /** The other end of a link. */
  readonly other: Found | null
  /** Of the links those that matter: of a removal all of the resource's, else the one that is to begin or to end. */
  readonly links: readonly Link[]
  /** The last revision of a removed resource that had the id; 0: none ever had. */
  readonly last: number
}

export interface Derived {
  readonly graph: GraphChange
  readonly events: readonly EventInput[]
}

/** Nothing would change: no event, no revision. */
export const NOTHING: Derived = { graph: { expect: [], steps: [] }, events: [] }

/** @throws NotFound, Conflict `already_exists` or `precondition_failed`, InvalidInput */
export function derive(change: ResourceChange, present: Present): Derived {
  switch (change.do) {
    case 'create':
      return create(change, present)
    case 'update':
      return update(change, existing(change.id, present.resource))
    case 'remove':
      return remove(change, existing(change.id, present.resource), present.links)
    case 'link':
      return link(change, existing(change.from, present.resource), existing(change.to, present.other), present.links)
    case 'unlink':
      return unlink(change, existing(change.from, present.resource), present.links)
    default:
      return ofSubscription(change, existing(change.id, present.resource))
  }
}

/** The id of the resource whose state decides, and of the other end if there is one. */
export const endsOf = (change: ResourceChange): readonly [string, string | null] =>
  change.do === 'link' || change.do === 'unlink' ? [change.from, change.to] : [change.id, null]

function create(change: ResourceChange & { do: 'create' }, { resource, last }: Present): Derived {
  if (resource)
    throw new Conflict('already_exists', `There is a resource ${JSON.stringify(change.id)} already.`, { field: 'id' })
  const { id, type, owner = null, status = null, properties = {} } = change
  return {
    graph: {
      expect: [{ id, revision: null }],
      steps: [{ do: 'put', id, type, owner, status, properties: JSON.stringify(properties) }],
    },
    events: [tell('resource.available', id, { id, type, owner, status, revision: last + 1, properties })],
  }
}

function update(change: ResourceChange & { do: 'update' }, resource: Found): Derived {
  checkRevision(change.revision, resource)
  const before = stateOf(resource)
  const after = {
    owner: change.owner === undefined ? before.owner : change.owner,
    status: change.status === undefined ? before.status : change.status,
    properties: change.properties ? mergePatch(before.properties, change.properties) : before.properties,
  }
  const changes = difference(before, after)
  if (changes.length === 0) return NOTHING
  const { id, type, revision } = resource
  return {
    graph: {
      expect: [{ id, revision }],
      steps: [
        { do: 'put', id, type, owner: after.owner, status: after.status, properties: JSON.stringify(after.properties) },
      ],
    },
    events: [tell('resource.changed', id, { id, type, ...after, revision: revision + 1, before, changes })],
  }
}

function remove(change: ResourceChange & { do: 'remove' }, resource: Found, links: readonly Link[]): Derived {
  checkRevision(change.revision, resource)
  const { id, type, revision } = resource
  const holding = links.find((link) => link.strong && link.to === id)
  if (holding) throw heldBy(holding.from, holding.relation)
  const unlinked = links.map(({ from, relation, to }) => ({ from, relation, to }))
  return {
    graph: {
      expect: [{ id, revision }],
      steps: [...unlinked.map((ends): GraphStep => ({ do: 'unlink', ...ends })), { do: 'remove', id }],
    },
    events: [
      ...unlinked.map((ends) => tell('resource.unlinked', ends.from, ends)),
      tell('resource.removed', id, { id, type, revision, before: stateOf(resource) }),
    ],
  }
}

function link(change: ResourceChange & { do: 'link' }, from: Found, to: Found, [present]: readonly Link[]): Derived {
  const { relation, strong = false } = change
  checkRevision(change.revision, from)
  if (from.id === to.id)
    throw new InvalidInput('invalid_request', 'A resource cannot be linked with itself.', { field: 'to' })
  if (present && (change.strong ?? present.strong) !== present.strong) throw otherwiseLinked(present.strong)
  if (present) return NOTHING
  const ends = { from: from.id, relation, to: to.id }
  return {
    graph: {
      expect: [
        { id: from.id, revision: from.revision },
        { id: to.id, revision: to.revision },
      ],
      steps: [{ do: 'link', ...ends, strong }],
    },
    events: [tell('resource.linked', from.id, { ...ends, strong })],
  }
}

function unlink(change: ResourceChange & { do: 'unlink' }, from: Found, [present]: readonly Link[]): Derived {
  const { relation, to } = change
  checkRevision(change.revision, from)
  if (!present) throw new NotFound('link', `${from.id} ${relation} ${to}`)
  const ends = { from: from.id, relation, to }
  return {
    graph: { expect: [{ id: from.id, revision: from.revision }], steps: [{ do: 'unlink', ...ends }] },
    events: [tell('resource.unlinked', from.id, ends)],
  }
}

function ofSubscription(change: SubscriptionChange, resource: Found): Derived {
  checkRevision(change.revision, resource)
  const derived = deriveOfSubscription(change, resource)
  if (derived === null) return NOTHING
  const { id, revision } = resource
  const { steps, event } = derived
  return { graph: { expect: [{ id, revision }], steps }, events: [{ ...event, source: SOURCE, subject: id }] }
}

const SOURCE = '/resources'

const tell = (type: string, subject: string, data: Readonly<Record<string, unknown>>): EventInput => ({
  type,
  source: SOURCE,
  subject,
  data,
})

function existing(id: string, resource: Found | null): Found {
  if (resource && resource.removedAt === null) return resource
  throw new NotFound('resource', id)
}

function checkRevision(expected: number | undefined, resource: Found): void {
  if (expected === undefined || expected === resource.revision) return
  throw new Conflict('precondition_failed', `The resource is at revision ${resource.revision}, not ${expected}.`, {
    field: 'revision',
    expected: String(resource.revision),
  })
}

/** A link stays what it was when it began: what hears of links is told of beginnings and ends alone. */
const otherwiseLinked = (strong: boolean): Conflict =>
  new Conflict('already_exists', `They are linked already, by a ${strong ? 'strong' : 'weak'} link.`, {
    field: 'strong',
    expected: 'the link ended first, and begun again',
  })

/** A strong link: the resource it starts at cannot be without the one it leads to. */
const heldBy = (from: string, relation: string): Conflict =>
  new Conflict('wrong_state', `The resource ${JSON.stringify(from)} needs it by a strong link.`, {
    data: { from, relation },
    expected: 'the link ended first',
  })
