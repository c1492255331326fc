/**
 * What is known of the types of resources.
 */
import type { Hub } from '../../src/index.js'

/** The type itself and all that implement it, by any number of steps. */
export function implementing(hub: Hub, base: string): readonly string[] {
  const definitions = hub.resourceTypes.list(hub.local)
  const found = new Set([base])
  for (const each of found)
    for (const { name, implements: bases = [] } of definitions) if (bases.includes(each)) found.add(name)
  return [...found]
}

export const isSubscription = (hub: Hub, type: string): boolean => implementing(hub, 'subscription').includes(type)
