/**
 * A program of its own that is killed and started again over what it left: a life each, and a ledger that outlives them all.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from './compiled.js'
import { makeFolder, removeFolder } from './instance.js'
import { until } from './random.js'

/** What the program is told; it knows the rest by itself. */
export interface Orders {
  readonly life: number
  readonly database: string
  /** A file to which it appends a line for each thing to be remembered, the number of its life first. */
  readonly ledger: string
}

export interface Remains {
  readonly folder: string
  readonly ledger: string
  /** The lines of the ledger. */
  noted(): readonly string[]
}

/** Gone afterwards. */
export async function withRemains(work: (remains: Remains) => Promise<void>): Promise<void> {
  const folder = makeFolder()
  const ledger = join(folder, 'ledger')
  const noted = () => (existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [])
  try {
    await work({ folder, ledger, noted })
  } finally {
    removeFolder(folder)
  }
}

/**
 * Lives until `enough` is true or it ends by itself; answers the signal that ended it.
 * @param host the program, which ends when its input does
 * @param patience milliseconds in which it must be enough
 */
export async function live<Told extends Orders>(
  host: URL,
  orders: Told,
  enough: () => boolean,
  patience = 60_000,
): Promise<string | null> {
  const child = spawn(process.execPath, [await compiled(host), JSON.stringify(orders)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([until(`life ${orders.life}`, enough, patience), ended])
  child.stdin?.end()
  const [, signal] = await ended
  return signal
}
