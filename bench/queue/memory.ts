/**
 * What a process holds after many jobs went through it, in bulk and worked off. A server's own memory is not counted.
 */
import { child } from '../child.js'
import type { Contest, Figures } from '../contest.js'
import { among, type Contender, type Field } from './contender.js'
import type { Passage } from './memory-process.js'

export const memory = (field: Field, count: number): Contest => ({
  ...among(
    field,
    [
      { work: `resident memory after ${count} tasks`, unit: 'MB', figure: 'resident' },
      { work: `heap after ${count} tasks`, unit: 'MB', figure: 'heap' },
    ],
    (contender) => held(contender, count),
  ),
  warm: false,
})

/** In a process of its own, since what others left behind would be counted too. */
async function held({ recipe }: Contender, count: number): Promise<Figures> {
  const process = await child(new URL('./memory-process.ts', import.meta.url), '--expose-gc')
  try {
    return (await process.ask({ recipe, count } satisfies Passage)) as Figures
  } finally {
    await process.close()
  }
}
