/**
 * What stops a call from outside. An `AbortSignal` costs more than most calls take, and the collector yet more, so one is
 * made only for those that ask for it.
 */

/** What is asked of an `AbortSignal` here. */
export interface StopSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Its own signal, until somebody needs a real one. Listeners are told once. */
export class Stop implements StopSignal {
  aborted = false
  reason: unknown
  #listeners: Set<() => void> | null = null
  #controller: AbortController | null = null

  get signal(): StopSignal {
    return this
  }

  /** A real one. */
  get real(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.aborted) this.#controller.abort(this.reason)
    return this.#controller.signal
  }

  abort(reason: Error): void {
    if (this.aborted) return
    this.aborted = true
    this.reason = reason
    this.#controller?.abort(reason)
    const listeners = this.#listeners ?? []
    this.#listeners = null
    for (const listener of listeners) listener()
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners ??= new Set()
    this.#listeners.add(listener)
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener)
  }
}

export function toAbortSignal(signal: StopSignal): AbortSignal {
  if (signal instanceof AbortSignal) return signal
  if (signal instanceof Stop) return signal.real
  throw new TypeError('A signal of another kind cannot be listened to.')
}
