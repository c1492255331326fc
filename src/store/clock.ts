/**
 * The time that nodes agree on: the store's, carried on by a clock of this machine that nobody sets. A wall clock that jumps
 * on one node shortens no lease of another.
 */
export class Clock {
  readonly #ticks: () => number
  /** What the store's clock showed when ours showed nothing. */
  #origin: number

  /**
   * @param start milliseconds since 1970, until the store has told its time.
   * @param ticks milliseconds that only go on, such as `performance.now`.
   */
  constructor(start: number, ticks: () => number) {
    this.#ticks = ticks
    this.#origin = start - ticks()
  }

  /** Milliseconds since 1970. */
  now(): number {
    return Math.floor(this.#origin + this.#ticks())
  }

  /** Asks for the store's time; it is taken to be that of the middle of the question. */
  async follow(ask: () => Promise<number>): Promise<void> {
    const asked = this.#ticks()
    const time = await ask()
    this.#origin = time - (asked + this.#ticks()) / 2
  }
}
