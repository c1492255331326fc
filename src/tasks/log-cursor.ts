/**
 * How far a reader of the log has got: kept one write at a time behind the telling, so that a crash tells a few again
 * and no commit holds up the next event.
 */
export class LogCursor {
  #kept: number
  #reached: number
  #writing: Promise<void> | null = null
  #isLost = false
  readonly #move: (from: number, to: number) => Promise<boolean>

  /** @param move keeps it in the store; false if it was not at `from` any more. */
  constructor(at: number, move: (from: number, to: number) => Promise<boolean>) {
    this.#kept = at
    this.#reached = at
    this.#move = move
  }

  /** The last sequence that is kept. */
  get kept(): number {
    return this.#kept
  }

  /** Somebody else has moved it. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** All up to this one is told, or not wanted. */
  reach(sequence: number): void {
    this.#reached = sequence
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    // Whoever waits for `saved` hears of it.
    this.#writing.catch(() => undefined)
  }

  /** @throws Unavailable when it could not be kept. */
  async saved(): Promise<void> {
    if (this.#writing !== null) await this.#writing
    else if (this.#reached > this.#kept && !this.#isLost) await this.#write()
  }

  async #write(): Promise<void> {
    while (this.#reached > this.#kept && !this.#isLost) {
      const to = this.#reached
      if (await this.#move(this.#kept, to)) this.#kept = to
      else this.#isLost = true
    }
  }
}
