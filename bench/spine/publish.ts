/**
 * Durable publishes in the host's process: how much of what SQLite can do is left to a publisher.
 */
import { join } from 'node:path'
import type { Contest, Measure } from '../contest.js'
import { eventAt } from '../event.js'
import { inFolder, perSecond, withHub } from '../place.js'
import type { RawStore } from './raw-store.js'
import { rawOnMain, rawOnWorker } from './raw-store.js'
import type { RawRow } from './raw-table.js'

export const publish = (callers: number, count: number): Contest => ({
  lines: [{ work: `durable publishes, ${callers} callers`, unit: '1/s', figure: 'rate', goal: 0.6 }],
  ours: () =>
    withHub(async (hub) => ({ rate: await perSecond(count, callers, (index) => hub.publish(eventAt(index))) })),
  against: {
    'SQLite, worker thread': raw(rawOnWorker, callers, count),
    'SQLite, main thread': raw(async (path) => rawOnMain(path), callers, count),
  },
})

/** The text of the event is made by the caller, once, as a program would that has nothing but a table. */
const raw =
  (open: (path: string) => Promise<RawStore>, callers: number, count: number): Measure =>
  () =>
    inFolder(async (folder) => {
      const store = await open(join(folder, 'raw.db'))
      const rate = await perSecond(count, callers, (index) => store.insert(rowAt(index)))
      await store.close()
      return { rate }
    })

const HASH = 'x'.repeat(43)

function rowAt(index: number): RawRow {
  const event = eventAt(index)
  return [event.id, event.source, event.type, event.subject, HASH, JSON.stringify(event)]
}
