/**
 * News: who follows the log live waits here until something is admitted.
 */
export class News {
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #patience: number

  /** @param patience milliseconds after which a waiter looks for itself: another node may have written. */
  constructor(patience: number) {
    this.#patience = patience
  }

  /** Something was admitted in the tenant. */
  tell(tenant: string): void {
    const waiting = this.#waiting.get(tenant)
    if (!waiting) return
    this.#waiting.delete(tenant)
    for (const go of waiting) go()
  }

  /** Anything may have been admitted. */
  tellAll(): void {
    for (const tenant of [...this.#waiting.keys()]) this.tell(tenant)
  }

  wait(tenant: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', go)
        this.#waiting.get(tenant)?.delete(go)
        resolve()
      }
      const timer = setTimeout(go, this.#patience)
      timer.unref()
      signal.addEventListener('abort', go, { once: true })
      const waiting = this.#waiting.get(tenant) ?? new Set()
      this.#waiting.set(tenant, waiting.add(go))
    })
  }
}
