/**
 * Changes become events and are published in their order. What cannot become one holds the capture, or is passed over.
 */
import type { Principal } from '../../access/principal.js'
import { InvalidInput, type TocsinError } from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import type { Change } from './change.js'
import type { RunnerDependencies } from './dependencies.js'
import type { Report } from './report.js'
import type { Stored } from './stored.js'

export type Make = (change: Change) => readonly EventInput[]

/** It waits before a change that cannot become an event. */
export class Held extends Error {
  readonly reason: TocsinError
  readonly change: Change

  constructor(reason: TocsinError, change: Change) {
    super(reason.message)
    this.reason = reason
    this.change = change
  }
}

interface Made {
  readonly event: EventInput
  readonly change: Change
}

export class Teller {
  readonly #stored: Pick<Stored, 'name' | 'tenant' | 'spec' | 'former'>
  readonly #make: Make
  readonly #report: Report
  readonly #dependencies: Pick<RunnerDependencies, 'publish' | 'log'>
  readonly #caller: Principal

  constructor(
    stored: Pick<Stored, 'name' | 'tenant' | 'spec' | 'former'>,
    make: Make,
    report: Report,
    dependencies: Pick<RunnerDependencies, 'publish' | 'log'>,
  ) {
    const { name, tenant } = stored
    this.#stored = stored
    this.#make = make
    this.#report = report
    this.#dependencies = dependencies
    this.#caller = { id: `capture:${name}`, name, tenant, roles: ['publisher'], scopes: [], resource: null }
  }

  /** @returns how many events. @throws Held before the first change that cannot be told, unless such are passed over */
  async tell(changes: readonly Change[]): Promise<number> {
    let made: Made[] = []
    let told = 0
    const flush = async () => {
      const events = made
      made = []
      told += await this.#publish(events)
    }
    for (const change of changes) {
      try {
        made.push(...this.eventsOf(change).map((event) => ({ event, change })))
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error
        await flush()
        this.#refuse(error, change)
      }
    }
    await flush()
    return told
  }

  /** @throws InvalidInput where one cannot be made */
  eventsOf(change: Change): readonly EventInput[] {
    const { spec, former } = this.#stored
    if (change.table in spec.tables) return this.#make(change)
    if (former.includes(change.table)) return []
    // Another node has just applied a mapping that has it; this one hears of it in a moment.
    throw new TypeError(`${change.table} is captured, and the mapping does not have it.`)
  }

  async #publish(all: readonly Made[]): Promise<number> {
    let left = all
    let told = 0
    while (left.length > 0) {
      const events = left.map(({ event }) => event)
      const { taken, refused } = await this.#dependencies.publish(events, this.#caller)
      this.#report.count(taken, 0)
      told += taken
      const [first, ...others] = left.slice(taken)
      if (refused === null || first === undefined) break
      this.#refuse(refused, first.change)
      left = others
    }
    return told
  }

  #refuse(error: TocsinError, change: Change): void {
    const { name, spec } = this.#stored
    if (spec.refused !== 'skip') throw new Held(error, change)
    this.#report.count(0, 1)
    this.#dependencies.log(
      { capture: name, position: change.position, table: change.table, code: error.code, field: error.field },
      'a change was passed over',
    )
  }
}
