/**
 * Subscriptions that start in the past: page by page through the log until they are level with it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../store/port.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import { catchUp, type ReplayDependencies } from './replay.js'

export interface CatchingUpDependencies extends Omit<ReplayDependencies, 'store'> {
  readonly store: ReplayDependencies['store'] & Pick<Store, 'subscriptions'>
  /** A page was turned: tasks may be due. */
  turned(): void
  caughtUp(subscription: Subscription): void
  failed(error: unknown): void
}

/** Milliseconds before a page that could not be turned is tried again. */
const PATIENCE = 1_000

export class CatchingUp {
  readonly #dependencies: CatchingUpDependencies
  readonly #running = new Map<string, Promise<void>>()
  readonly #stop = new AbortController()

  constructor(dependencies: CatchingUpDependencies) {
    this.#dependencies = dependencies
  }

  /** Goes on in the background; does nothing if it is under way or there is nothing to catch up with. */
  begin(tenant: string, id: string): void {
    const key = `${tenant}/${id}`
    if (this.#running.has(key) || this.#stop.signal.aborted) return
    this.#running.set(
      key,
      this.#run(tenant, id).finally(() => this.#running.delete(key)),
    )
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#running.values())
  }

  async #run(tenant: string, id: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const row = await this.#dependencies.store.subscriptions.get(tenant, id)
        if (row?.state !== 'catching-up') return
        const more = await catchUp(fromRow(row), this.#dependencies)
        this.#dependencies.turned()
        if (!more) await this.#check(tenant, id)
      } catch (error) {
        this.#dependencies.failed(error)
        await sleep(PATIENCE, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
      }
    }
  }

  /** The switch happened in the last page's commit, unless the log had grown meanwhile. */
  async #check(tenant: string, id: string): Promise<void> {
    const row = await this.#dependencies.store.subscriptions.get(tenant, id)
    if (row?.state === 'active') this.#dependencies.caughtUp(fromRow(row))
  }
}
