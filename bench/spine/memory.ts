/**
 * What a process holds after many events, each published and delivered to a handler.
 */
import { child } from '../child.js'
import type { Contest, Figures } from '../contest.js'

export const memory = (count: number): Contest => ({
  lines: [
    { work: `resident memory after ${count} events`, unit: 'MB', figure: 'resident' },
    { work: `heap after ${count} events`, unit: 'MB', figure: 'heap' },
    { work: 'heap gained per 1,000 events', unit: 'kB', figure: 'gained' },
  ],
  ours: async () => {
    const process = await child(new URL('./memory-process.ts', import.meta.url), '--expose-gc')
    const figures = (await process.ask(count)) as Figures
    await process.close()
    return figures
  },
  warm: false,
})
