/**
 * The cluster of one: whoever has its store alone.
 */
import type { Cluster } from './cluster.js'
import type { NodeRow } from './rows.js'

/** Nobody takes it from who is alone. */
const NEVER = new AbortController().signal

export function alone(): Cluster {
  const nodes = new Map<string, NodeRow>()
  const working = new Set<string>()
  /** When the next turn of each lane is there, and how far apart they were taken. */
  const rates = new Map<string, { readonly next: number; readonly every: number }>()
  return {
    tell: () => {},
    listen: () => () => {},
    async lead(name, work) {
      if (working.has(name)) return null
      working.add(name)
      try {
        return await work(NEVER)
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
    // Who is alone counts its attempts for itself.
    takeTurn: async () => ({ taken: true, wait: 0 }),
    async takeTurns({ tenant, subscription }, rate, turns) {
      const key = `${tenant}/${subscription}`
      const now = performance.now()
      const every = 1_000 / rate
      const last = rates.get(key) ?? { next: 0, every }
      // Those that were taken at another rate count as so many turns of this one.
      const away = (last.next - now) * (last.next > now ? every / last.every : 1)
      if (away > 0) {
        rates.set(key, { next: now + away, every })
        return { taken: false, wait: Math.ceil(away) }
      }
      rates.set(key, { next: now + Math.max(away, -Math.max(0, 1_000 - every)) + every * turns, every })
      return { taken: true, wait: 0 }
    },
    close: async () => {},
  }
}
