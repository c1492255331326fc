/**
 * The cluster of one: whoever has its store alone.
 */
import type { Cluster } from './cluster.js'
import type { NodeRow } from './rows.js'

export function alone(): Cluster {
  const nodes = new Map<string, NodeRow>()
  const working = new Set<string>()
  return {
    tell: () => {},
    listen: () => () => {},
    async lead(name, work) {
      if (working.has(name)) return null
      working.add(name)
      try {
        return await work()
      } finally {
        working.delete(name)
      }
    },
    async beat(node, now) {
      nodes.set(node.id, { ...node, beatAt: now })
      return now
    },
    nodes: async () => [...nodes.values()].sort((one, other) => (one.id < other.id ? -1 : 1)),
    leave: async (id) => void nodes.delete(id),
    async forget(before) {
      for (const { id, beatAt } of nodes.values()) if (beatAt < before) nodes.delete(id)
    },
    // A breaker lives and ends with the process.
    breakers: async () => [],
    putBreaker: async () => {},
    // Who is alone counts for itself.
    takeTurn: async () => ({ taken: true, wait: 0 }),
    close: async () => {},
  }
}
