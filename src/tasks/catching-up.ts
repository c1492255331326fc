/**
 * Subscriptions that start in the past: page by page through the log until they are level with it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Store } from '../store/port.js'
import type { TaskState } from '../store/rows.js'
import { fromRow, type Subscription } from '../subscriptions/subscription.js'
import { catchUp, type ReplayDependencies } from './replay.js'

export interface CatchingUpDependencies extends Omit<ReplayDependencies, 'store'> {
  readonly store: ReplayDependencies['store'] & Pick<Store, 'subscriptions'>
  /** A page was turned: tasks may be due. */
  turned(): void
  caughtUp(subscription: Subscription): void
  failed(error: unknown): void
}

/** A page is turned only while fewer tasks than this are unfinished. */
const MOST = 10_000

const UNFINISHED: readonly TaskState[] = ['due', 'waiting', 'leased', 'held']

/** Milliseconds before a page that could not be turned yet is tried again. */
const PATIENCE = 1_000

export class CatchingUp {
  readonly #dependencies: CatchingUpDependencies
  readonly #running = new Map<string, Promise<void>>()
  /** Asked for while under way: it may just have looked for the last time. */
  readonly #again = new Set<string>()
  readonly #stop = new AbortController()

  constructor(dependencies: CatchingUpDependencies) {
    this.#dependencies = dependencies
  }

  /** Goes on in the background; does nothing if there is nothing to catch up with. */
  begin(tenant: string, id: string): void {
    const key = `${tenant}/${id}`
    if (this.#stop.signal.aborted) return
    if (this.#running.has(key)) {
      this.#again.add(key)
      return
    }
    const ended = () => {
      this.#running.delete(key)
      if (this.#again.delete(key)) this.begin(tenant, id)
    }
    this.#running.set(key, this.#run(tenant, id).finally(ended))
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
        if (!(await this.#hasRoom(tenant, id))) {
          await this.#pause()
          continue
        }
        const more = await catchUp(fromRow(row), this.#dependencies)
        this.#dependencies.turned()
        if (!more) await this.#check(tenant, id)
      } catch (error) {
        this.#dependencies.failed(error)
        await this.#pause()
      }
    }
  }

  async #pause(): Promise<void> {
    await sleep(PATIENCE, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined)
  }

  /** Whether so few tasks are unfinished that a further page may become tasks: a slow receiver does not fill the queue. */
  async #hasRoom(tenant: string, subscription: string): Promise<boolean> {
    const counts = await this.#dependencies.store.tasks.counts(tenant, subscription)
    const unfinished = UNFINISHED.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
    return unfinished < MOST
  }

  /** The switch happened in the last page's commit, unless the log had grown meanwhile. */
  async #check(tenant: string, id: string): Promise<void> {
    const row = await this.#dependencies.store.subscriptions.get(tenant, id)
    if (row?.state === 'active') this.#dependencies.caughtUp(fromRow(row))
  }
}
