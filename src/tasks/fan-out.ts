/**
 * Tells those whom admissions left to be told (`SliceStore`), slice by slice, until nobody is left. Any node may do it, and
 * several at once: each slice is told by whoever comes first.
 */
import type { Store, Told } from '../store/port.js'
import { News } from './news.js'
import { pause } from './rounds.js'

/**
 * Subscriptions told in one transaction: few enough that nobody else waits long for it, and so many that what a transaction
 * costs beside them does not count (docs/performance.md).
 */
export const AT_ONCE = 250

/** Milliseconds before telling that failed is tried again. */
const PATIENCE = 1_000
/** Milliseconds after which who waits looks for itself: another node may have told the last. */
const POLL = 100

export interface FanOutDependencies {
  readonly store: Pick<Store, 'slices'>
  /** A slice was told: tasks may be due. */
  told(told: Told): void
  failed(error: unknown): void
  now(): number
}

export class FanOut {
  readonly #dependencies: FanOutDependencies
  readonly #news = new News(POLL)
  readonly #stopping = new AbortController()
  #running: Promise<void> | null = null
  /** Something was left to be told meanwhile. */
  #again = false

  constructor(dependencies: FanOutDependencies) {
    this.#dependencies = dependencies
  }

  /** Somebody may be left to be told; goes on in the background. */
  begin(): void {
    this.#again = true
    if (this.#running === null && !this.#stopping.signal.aborted)
      this.#running = this.#run().finally(() => {
        this.#running = null
        if (this.#again) this.begin()
      })
  }

  /** Resolves when nobody of the tenant is left to be told of what was admitted before, or when the signal aborts. */
  async told(tenant: string, signal: AbortSignal = this.#stopping.signal): Promise<void> {
    while (!signal.aborted && (await this.#dependencies.store.slices.left(tenant)) > 0) {
      const news = this.#news.wait(tenant, signal)
      this.begin()
      await news
    }
  }

  /** What is left is told when the store is opened again. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    let after: string | null = null
    while (!signal.aborted) {
      this.#again = false
      try {
        const told = await this.#next(after)
        if (told === null) break
        after = told
      } catch (error) {
        this.#dependencies.failed(error)
        await pause(PATIENCE, signal)
      }
    }
    this.#news.tellAll()
  }

  /** Answers the tenant whose turn it was. */
  async #next(after: string | null): Promise<string | null> {
    const { store, now } = this.#dependencies
    const told = await store.slices.tell({ after, limit: AT_ONCE, now: now() })
    if (told === null) return null
    this.#dependencies.told(told)
    this.#news.tell(told.tenant)
    return told.tenant
  }
}
