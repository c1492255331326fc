/**
 * Who shares what with whom: each key, such as a tenant, that writes without a pause while others write too is told to leave
 * them room. Who writes alone, or now and then, never is.
 */
/** Milliseconds without a pause. */
const LONG = 100
/** Milliseconds in which others wrote last. */
const LATELY = 1_000

interface Write {
  readonly key: string | null
  readonly at: number
}

export class Fairness {
  #last: Write = { key: null, at: Number.NEGATIVE_INFINITY }
  /** The last of another key than that. */
  #other: Write = this.#last

  wrote(key: string): void {
    if (this.#last.key !== key) this.#other = this.#last
    this.#last = { key, at: performance.now() }
  }

  /** @param since when it began to write without a pause */
  crowds(key: string, since: number): boolean {
    const now = performance.now()
    const { at } = this.#last.key === key ? this.#other : this.#last
    return now - since > LONG && now - at < LATELY
  }
}
