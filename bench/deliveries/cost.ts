/**
 * What a piece of work takes: time, the processor time of all threads of this process, and what it leaves on the heap.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Figures } from '../contest.js'

/** Pieces a second, ms and kB for 1,000 of them. */
export async function costOf(count: number, work: () => Promise<unknown>): Promise<Figures> {
  const heap = heapInUse()
  const cpu = process.cpuUsage()
  const started = performance.now()
  await work()
  const seconds = (performance.now() - started) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  return { rate: count / seconds, cpu: (user + system) / count, heap: (heapInUse() - heap) / count }
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

function heapInUse(): number {
  collect()
  return process.memoryUsage().heapUsed
}
