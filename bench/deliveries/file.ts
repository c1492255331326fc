import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { toWire } from '../tocsin.js'
import type { Way } from './way.js'

/** Each line is synced before it counts; ours share a sync, those of the bare client do not wait for each other. */
export const file: Way = {
  name: 'lines in a file',
  transport: 'file',
  against: 'appendFile, datasync',
  count: 5_000,
  inFlight: 10,
  goal: 0.7,
  open: async () => ({
    target: async () => ({ path: 'events.jsonl' }),
    async client(folder) {
      const handle = await open(join(folder, 'events.jsonl'), 'a')
      return {
        async send(event) {
          await handle.appendFile(`${JSON.stringify(toWire(event))}\n`)
          await handle.datasync()
        },
        close: () => handle.close(),
      }
    },
    close: async () => undefined,
  }),
}
