/**
 * Lives of a process that holds processors, over one database; each ends by kill -9.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from './compiled.js'
import type { Orders } from './processing-host.js'
import { until } from './random.js'

const HOST = new URL('processing-host.ts', import.meta.url)

/** A line of the ledger. */
export interface Noted {
  readonly life: number
  readonly event: string
  readonly what: string
}

export class ProcessingLives {
  readonly #database: string
  readonly #ledger: string
  #life = 0

  constructor(folder: string) {
    this.#database = join(folder, 'lives.db')
    this.#ledger = join(folder, 'ledger')
  }

  get life(): number {
    return this.#life
  }

  noted(): readonly Noted[] {
    if (!existsSync(this.#ledger)) return []
    const lines = readFileSync(this.#ledger, 'utf8').split('\n')
    return lines.flatMap((line) => {
      const [, life, event = '', what = ''] = /^(\d+) (\S+) (.+)$/.exec(line) ?? []
      return life === undefined ? [] : [{ life: Number(life), event, what }]
    })
  }

  /** What happened in this life, or in all, to an event, or to all. */
  of(event: string | null, life?: number): readonly string[] {
    return this.noted()
      .filter((one) => (event === null || one.event === event) && (life === undefined || one.life === life))
      .map(({ what }) => what)
  }

  /** Lives until `enough` is true, then is killed. @throws when it is not in time, or when it ends by itself */
  async live(
    orders: Omit<Orders, 'life' | 'database' | 'ledger'>,
    enough: () => boolean | Promise<boolean>,
  ): Promise<void> {
    this.#life += 1
    const told: Orders = { ...orders, life: this.#life, database: this.#database, ledger: this.#ledger }
    const child = spawn(process.execPath, [await compiled(HOST), JSON.stringify(told)], {
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    const ended = once(child, 'exit')
    const early = ended.then(([code]) => {
      throw new Error(`Life ${told.life} ended by itself with ${code}.`)
    })
    try {
      await Promise.race([until(`life ${told.life}: ${JSON.stringify(orders)}`, enough, 60_000), early])
    } finally {
      child.kill('SIGKILL')
      await ended
    }
  }
}
