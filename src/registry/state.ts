/**
 * The state of a resource as events tell it: `before`, and what `changes` lead to.
 */
import type { Resource } from './change.js'

export const stateOf = ({ owner, status, properties }: Pick<Resource, 'owner' | 'status' | 'properties'>) => ({
  owner,
  status,
  properties,
})
