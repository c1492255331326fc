/**
 * The leases of this node are prolonged while it works on their tasks, or has them wait.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LeasedTask, Store, TaskKey } from '../store/port.js'
import type { TaskRow } from '../store/rows.js'

export interface OwnLeasesDependencies {
  readonly store: Pick<Store, 'tasks'>
  /** Milliseconds a lease holds. */
  readonly lease: number
  /** Those of tasks that are worked on, or wait, here. */
  held(): readonly LeasedTask[]
  /** Somebody has taken it: what is done under it is for nothing. */
  lost(key: TaskKey, token: number | undefined): void
  failed(error: unknown): void
  now(): number
}

/** Leases that are prolonged in a call of the store. */
const TOGETHER = 250
/** Attempts that are stopped in one turn of the loop: each closes a connection. */
const IN_A_TURN = 10

export class OwnLeases {
  readonly #dependencies: OwnLeasesDependencies
  /** Of tasks that are worked on elsewhere in this process. */
  readonly #elsewhere = new Set<LeasedTask>()
  #prolongedAt = 0

  constructor(dependencies: OwnLeasesDependencies) {
    this.#dependencies = dependencies
  }

  /** After a standstill (a suspended machine, a busy process) our own leases are not to be rescued from us. */
  get areLate(): boolean {
    const { now, lease } = this.#dependencies
    return now() - this.#prolongedAt > lease / 2
  }

  /** Keeps them while the work lasts. */
  async hold<Result>(leased: readonly LeasedTask[], work: () => Promise<Result>): Promise<Result> {
    for (const each of leased) this.#elsewhere.add(each)
    try {
      return await work()
    } finally {
      for (const each of leased) this.#elsewhere.delete(each)
    }
  }

  async prolong(): Promise<void> {
    const { held, failed, now } = this.#dependencies
    this.#prolongedAt = now()
    const tasks = [...held(), ...this.#elsewhere].map(({ task }) => task)
    try {
      for (let first = 0; first < tasks.length; first += TOGETHER)
        await this.#prolong(tasks.slice(first, first + TOGETHER))
    } catch (error) {
      failed(error)
    }
  }

  async #prolong(tasks: readonly TaskRow[]): Promise<void> {
    const { store, lease, lost, now } = this.#dependencies
    const gone = await store.tasks.heartbeat(tasks, now() + lease)
    for (const [index, key] of gone.entries()) {
      if (index % IN_A_TURN === IN_A_TURN - 1) await nextTurn()
      // By now it may be leased to us anew.
      lost(key, tasks.find((each) => isSame(each, key))?.token)
    }
  }
}

export const isSame = (one: TaskKey, other: TaskKey): boolean =>
  one.sequence === other.sequence && one.subscription === other.subscription && one.tenant === other.tenant
