import type { CapturedRowStore } from '../../intake/capture/captured-rows.js'
import { childOf } from '../child-of.js'
import type { Tables } from './tables.js'

export const memoryCapturedRows = ({ captured }: Tables): CapturedRowStore => {
  const of = (capture: string, table: string) =>
    childOf(captured, JSON.stringify([capture, table]), () => new Map<string, string>())
  const rowsOf = (capture: string, table: string) => [...of(capture, table)].map(([id, state]) => ({ id, state }))
  return {
    find: async (capture, table, ids) => {
      const wanted = new Set(ids)
      return rowsOf(capture, table).filter(({ id }) => wanted.has(id))
    },
    list: async (capture, table, after, limit) =>
      rowsOf(capture, table)
        .filter(({ id }) => id > after)
        .sort((one, other) => (one.id < other.id ? -1 : 1))
        .slice(0, limit),
    put: async (capture, updates) => {
      for (const { table, id, state } of updates) {
        if (state === null) of(capture, table).delete(id)
        else of(capture, table).set(id, state)
      }
    },
    clear: async (capture, table, limit) => {
      const gone = [...of(capture, table).keys()].slice(0, limit)
      for (const id of gone) of(capture, table).delete(id)
      return gone.length
    },
  }
}
