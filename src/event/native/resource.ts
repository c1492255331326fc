/**
 * Resources: what the registry keeps, or another controller's. The first five are what a change derives.
 */
import type { Static } from 'typebox'
import { anyObject, count, fields, moment, native, orNull, text, yes } from './define.js'

const resource = {
  id: text('Id of the resource'),
  type: text('Type of the resource'),
  owner: orNull(text('Id of the resource that owns it')),
  status: orNull(text('Its state, such as `aps:ready`')),
  revision: count('Rises by one with each change'),
}
// What a system keeps of a resource is its own affair, so it may tell about people.
const state = ['before', 'changes']
const sensitive = ['properties', ...state]
/** Two changes from the same state are alike: the newer tells what is true now. */
const now = ['owner', 'status', 'revision', 'properties', 'changes']

const present = fields({ ...resource, properties: anyObject('Its properties') })
const removed = fields(resource)
const ends = fields({
  from: text('The resource the link starts at'),
  relation: text('Name of the relation'),
  to: text('The resource the link leads to'),
  strong: yes('The resource it starts at cannot be without the one it leads to'),
})
const boundToDomain = fields({
  ...resource,
  domain: text('Name of the domain'),
  childId: text('The subscription that belongs to the domain'),
})
const limits = fields({ ...resource, limits: anyObject('The limits by resource name') })
const renewed = fields({
  ...resource,
  period: count('Length of the new period, in its unit'),
  periodType: text('Unit of the new period, as the system names it'),
  startDate: moment('Start of the new period'),
  expirationDate: moment('End of the present period'),
})

declare module '../types.js' {
  interface Catalogue {
    'resource.available': Static<typeof present>
    'resource.changed': Static<typeof present>
    'resource.removed': Static<typeof removed>
    'resource.linked': Static<typeof ends>
    'resource.unlinked': Static<typeof ends>
    'resource.bound-to-domain': Static<typeof boundToDomain>
    'resource.limits-changed': Static<typeof limits>
    'resource.renewed': Static<typeof renewed>
  }
}

export const resourceTypes = [
  native('resource.available', 'A resource became available', present, { sensitive }),
  native('resource.changed', 'A resource changed', present, { sensitive, state: now }),
  native('resource.removed', 'A resource was removed', removed, { sensitive: state, urgent: true, removal: true }),
  native('resource.linked', 'Two resources were linked', ends),
  native('resource.unlinked', 'A link between two resources was removed', ends),
  native('resource.bound-to-domain', 'A subscription was bound to a domain', boundToDomain, { sensitive: state }),
  native('resource.limits-changed', 'The limits of a subscription changed', limits, { sensitive: state }),
  native('resource.renewed', 'The renewal of a subscription began', renewed, { sensitive: state }),
]
