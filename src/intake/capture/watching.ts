/**
 * What the source keeps for us is looked at: operators are warned, and it is to be let go before it fills the source's disk.
 */
import type { Client } from 'pg'
import { askBacklog, type Backlog } from './measure.js'
import { askPresent } from './plan.js'
import { lettingGo } from './removal.js'
import type { Report } from './report.js'
import { objectOf, type Stored } from './stored.js'

const MEBIBYTE = 1_048_576

/** What was kept for it cannot be read any more, or must go: it is let go. */
export class Ended extends Error {
  readonly reason: 'slot_lost' | 'retained'

  constructor(reason: 'slot_lost' | 'retained', message: string) {
    super(message)
    this.reason = reason
  }
}

export class Watch {
  readonly #stored: Stored
  readonly #report: Report
  #retained = 0
  #warned = false

  constructor(stored: Stored, report: Report) {
    this.#stored = stored
    this.#report = report
  }

  /** Bytes that the source keeps for us. */
  get retained(): number {
    return this.#retained
  }

  /** @throws Ended */
  async look(client: Client): Promise<void> {
    const { method, spec } = this.#stored
    const backlog = await askBacklog(client, objectOf(this.#stored), method)
    this.#retained = backlog.retained
    if (!backlog.present) throw new Ended('slot_lost', 'What the source kept for us is gone there.')
    const size = Math.ceil(backlog.retained / MEBIBYTE)
    const { warn = 1024, stop } = spec.retain ?? {}
    if (stop !== undefined && size >= stop)
      throw new Ended('retained', `The source kept ${size} MiB for us, and ${stop} were allowed.`)
    this.#warn(backlog, size >= warn, warn)
  }

  #warn({ retained }: Backlog, isMuch: boolean, warn: number): void {
    if (isMuch && !this.#warned) this.#report.say('tocsin.capture.lagging', { retained, limit: warn * MEBIBYTE })
    this.#warned = isMuch
  }
}

/** So that the source's disk does not fill: from here on changes are lost, and `reconcile` finds them. */
export async function letGo(client: Client, { name }: Stored): Promise<void> {
  for (const { sql } of lettingGo(name, await askPresent(client, name))) await client.query(sql)
}
