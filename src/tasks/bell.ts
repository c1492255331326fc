/**
 * Who pulls from a subscription with nothing due waits here until something may be.
 */
import type { Lane } from '../store/port.js'

/** A place in the queue of those who wait. */
export interface Place {
  /** Resolves when called, after so many milliseconds, or when the one who waits has gone; then the place is left. */
  wait(patience: number): Promise<void>
  /** Answers whether it was called. */
  leave(): boolean
}

export class Bell {
  readonly #waiting = new Map<string, Set<() => void>>()

  /** So many things of the lane may be due: calls as many, who came first. */
  ring(lane: Lane, times = 1): void {
    let left = times
    for (const call of this.#waiting.get(keyOf(lane)) ?? []) {
      if (left-- <= 0) return
      call()
    }
  }

  /** Calls all of the lane. */
  ringLane(lane: Lane): void {
    this.#ringKey(keyOf(lane))
  }

  ringTenant(tenant: string): void {
    for (const key of [...this.#waiting.keys()]) if (key.startsWith(`${tenant}/`)) this.#ringKey(key)
  }

  ringAll(): void {
    for (const key of [...this.#waiting.keys()]) this.#ringKey(key)
  }

  join(lane: Lane, signal: AbortSignal): Place {
    const key = keyOf(lane)
    let called = false
    let go = () => {}
    const call = () => {
      called = true
      this.#leave(key, call)
      go()
    }
    this.#waiting.set(key, (this.#waiting.get(key) ?? new Set()).add(call))
    return {
      wait: (patience) =>
        new Promise((resolve) => {
          const done = () => {
            clearTimeout(timer)
            signal.removeEventListener('abort', done)
            this.#leave(key, call)
            resolve()
          }
          const timer = setTimeout(done, patience)
          timer.unref()
          signal.addEventListener('abort', done, { once: true })
          go = done
          if (called || signal.aborted) done()
        }),
      leave: () => {
        this.#leave(key, call)
        return called
      },
    }
  }

  #ringKey(key: string): void {
    for (const call of [...(this.#waiting.get(key) ?? [])]) call()
  }

  #leave(key: string, call: () => void): void {
    const waiting = this.#waiting.get(key)
    waiting?.delete(call)
    if (waiting?.size === 0) this.#waiting.delete(key)
  }
}

/** No tenant has a slash in its id. */
const keyOf = ({ tenant, subscription }: Lane): string => `${tenant}/${subscription}`
