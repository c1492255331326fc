/**
 * Random lives of hosts that publish inside their own transactions, and what must be true of each when it is over.
 */
import fc from 'fast-check'
import { expect } from 'vitest'
import type { EventInput, Hub } from '../../src/index.js'
import { until } from '../faults/random.js'

/** One connection of a host. */
export interface Host {
  readonly handle: unknown
  /** False: it cannot now. */
  begin(): Promise<boolean>
  /** Writes into a table of the host's own, inside the transaction. */
  note(life: string, id: string): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
}

export interface World {
  readonly hosts: readonly [Host, Host]
  /** Those that run now; they share the database. */
  readonly hubs: readonly Hub[]
  /** Whether a transaction outlives the hub it was published to. */
  readonly apart: boolean
  /** The hub ends as it happens to be, and another takes its place. */
  restart(hub: number): Promise<void>
  /** What committed transactions wrote. */
  noted(life: string): Promise<readonly string[]>
  close(): Promise<void>
}

export type Step =
  | { readonly do: 'begin' | 'commit' | 'rollback'; readonly host: number }
  | { readonly do: 'publish'; readonly host: number; readonly hub: number; readonly id: number }
  | { readonly do: 'outside'; readonly hub: number; readonly id: number }
  | { readonly do: 'restart'; readonly hub: number }
  | { readonly do: 'pause'; readonly milliseconds: number }

const host = fc.nat({ max: 1 })
const hub = fc.nat({ max: 1 })
/** Few, so that some come twice. */
const id = fc.nat({ max: 5 })

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), host }) },
    { weight: 30, arbitrary: fc.record({ do: fc.constant('publish' as const), host, hub, id }) },
    { weight: 15, arbitrary: fc.record({ do: fc.constant('commit' as const), host }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('rollback' as const), host }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('outside' as const), hub, id }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const), hub }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pause' as const), milliseconds: fc.nat({ max: 4 }) }) },
  ),
  { minLength: 6, maxLength: 30, size: 'max' },
)

/** A publish that was committed: after which step it was written, and after which it was true. */
interface Kept {
  readonly id: string
  readonly written: number
  readonly committed: number
}

export class Lives {
  readonly #world: World
  #count = 0
  /** Publishes inside transactions that were committed. */
  committed = 0

  constructor(world: World) {
    this.#world = world
  }

  /** @throws when something is not as it must be */
  async live(steps: readonly Step[]): Promise<void> {
    this.#count += 1
    this.committed += await new Life(this.#world, `/life-${this.#count}`).run(steps)
  }
}

class Life {
  readonly #world: World
  readonly #name: string
  /** What each host has published in its open transaction; null: it has none. */
  readonly #open: ({ id: string; written: number }[] | null)[] = [null, null]
  readonly #kept: Kept[] = []
  readonly #outside: Promise<unknown>[] = []
  readonly #outsideIds = new Set<string>()

  constructor(world: World, name: string) {
    this.#world = world
    this.#name = name
  }

  async run(steps: readonly Step[]): Promise<number> {
    for (const [at, step] of steps.entries()) await this.#take(step, at)
    for (const [index, open] of this.#open.entries()) if (open) await this.#end(index, 'rollback', steps.length)
    await Promise.all(this.#outside)
    await this.#check()
    return this.#kept.length
  }

  async #take(step: Step, at: number): Promise<void> {
    if (step.do === 'begin') return this.#begin(step.host)
    if (step.do === 'publish') return this.#publish(step, at)
    if (step.do === 'commit' || step.do === 'rollback') return this.#end(step.host, step.do, at)
    if (step.do === 'outside') return this.#publishOutside(step)
    if (step.do === 'restart') return this.#restart(step.hub, at)
    if (step.do === 'pause') await new Promise((resolve) => setTimeout(resolve, step.milliseconds))
  }

  async #begin(index: number): Promise<void> {
    if (!this.#open[index] && (await this.#host(index).begin())) this.#open[index] = []
  }

  async #publish({ host: index, hub, id }: Step & { do: 'publish' }, written: number): Promise<void> {
    await this.#begin(index)
    const open = this.#open[index]
    if (!open) return
    const event = this.#event(id)
    const { handle } = this.#host(index)
    await this.#host(index).note(this.#name, event.id)
    await this.#hub(hub).publish(event, { transaction: handle })
    open.push({ id: event.id, written })
  }

  async #end(index: number, how: 'commit' | 'rollback', committed: number): Promise<void> {
    const open = this.#open[index]
    if (!open) return
    this.#open[index] = null
    await this.#host(index)[how]()
    if (how === 'commit') this.#kept.push(...open.map((each) => ({ ...each, committed })))
  }

  /** Nobody waits for it now: it may have to wait for a host. */
  #publishOutside({ hub, id }: Step & { do: 'outside' }): void {
    const event = this.#event(id)
    this.#outsideIds.add(event.id)
    const publishing = this.#hub(hub).publish(event)
    this.#outside.push(publishing)
  }

  async #restart(hub: number, at: number): Promise<void> {
    if (!this.#world.apart)
      for (const [index, open] of this.#open.entries()) if (open) await this.#end(index, 'rollback', at)
    await Promise.all(this.#outside)
    await this.#world.restart(hub % this.#world.hubs.length)
  }

  #event(id: number): EventInput & { id: string } {
    const subject = `person-${id}`
    return { id: String(id), type: 'user.created', source: this.#name, subject, partitionKey: this.#name, data: {} }
  }

  #host(index: number): Host {
    return this.#world.hosts[index === 0 ? 0 : 1]
  }

  #hub(index: number): Hub {
    const hub = this.#world.hubs[index % this.#world.hubs.length]
    if (!hub) throw new Error('There is no hub.')
    return hub
  }

  async #check(): Promise<void> {
    const hub = this.#hub(0)
    await until('the inbox is empty', async () => (await hub.inbox.measure())?.pending === 0, 10_000)
    const { items } = await hub.events.list(hub.local, { source: this.#name }, { limit: 1_000 })
    const ids = items.map(({ event }) => String(event.id)).reverse()
    const noted = await this.#world.noted(this.#name)
    expect([...new Set(noted)].sort(), 'the ledger of the host').toEqual(
      [...new Set(this.#kept.map(({ id }) => id))].sort(),
    )
    // A rollback leaves none, a commit exactly one, whoever published it again.
    expect([...ids].sort(), 'the events').toEqual([...new Set([...noted, ...this.#outsideIds])].sort())
    this.#checkOrder(ids)
    expect((await hub.inbox.list(hub.local, {}, {})).items, 'what was refused').toEqual([])
  }

  /** What was committed before another was written comes before it. */
  #checkOrder(ids: readonly string[]): void {
    const once = this.#kept.filter(
      ({ id }) => !this.#outsideIds.has(id) && this.#kept.filter((each) => each.id === id).length === 1,
    )
    for (const one of once)
      for (const other of once)
        if (one.committed < other.written || (one.committed === other.committed && one.written < other.written))
          expect(ids.indexOf(one.id), `${one.id} before ${other.id}`).toBeLessThan(ids.indexOf(other.id))
  }
}
