/**
 * What a reader of the log has under way: one event after the other, or several side by side; and up to where all is told.
 */

interface Entry {
  /** The event; null: nobody wants what is here. */
  readonly sequence: number | null
  /** With those after it that nobody wants. */
  upTo: number
  isDone: boolean
}

/** Events that may be told beyond the oldest that is not: a crash tells so many again at most. */
const AHEAD = 500

export class LogWindow {
  readonly #most: number
  readonly #reached: (sequence: number) => void
  /** In sequence, from the oldest that is under way. */
  readonly #entries: Entry[] = []
  readonly #closing = new AbortController()
  #running = 0
  #changed: (() => void) | null = null
  #fault: { readonly error: unknown } | null = null

  /**
   * @param most told side by side
   * @param reached told up to where everything is told, or passed over
   */
  constructor(most: number, reached: (sequence: number) => void) {
    this.#most = most
    this.#reached = reached
  }

  /** Aborted when nothing more is begun: what waits to be tried again need not. */
  get closed(): AbortSignal {
    return this.#closing.signal
  }

  close(): void {
    this.#closing.abort()
    this.#changed?.()
  }

  /** What was told beyond the oldest that was not. */
  get told(): readonly number[] {
    return this.#entries.flatMap(({ sequence, isDone }) => (isDone && sequence !== null ? [sequence] : []))
  }

  /** Nobody wants this one. */
  pass(sequence: number): void {
    const last = this.#entries.at(-1)
    if (last?.isDone) last.upTo = sequence
    else this.#entries.push({ sequence: null, upTo: sequence, isDone: true })
    this.#advance()
  }

  /** It was told before. */
  knows(sequence: number): void {
    this.#entries.push({ sequence, upTo: sequence, isDone: true })
    this.#advance()
  }

  /** Resolves when another may begin, or when none may any more. */
  async room(): Promise<void> {
    while (!this.closed.aborted && (this.#running >= this.#most || this.#entries.length >= AHEAD)) await this.#change()
  }

  /** @param telling answers whether it was told; if not, or if it throws, the window closes. */
  begin(sequence: number, telling: () => Promise<boolean>): void {
    const entry: Entry = { sequence, upTo: sequence, isDone: false }
    this.#entries.push(entry)
    this.#running += 1
    void this.#run(entry, telling)
  }

  /** Resolves when none is under way. @throws what a telling threw first */
  async ended(): Promise<void> {
    while (this.#running > 0) await this.#change()
    if (this.#fault !== null) throw this.#fault.error
  }

  async #run(entry: Entry, telling: () => Promise<boolean>): Promise<void> {
    try {
      entry.isDone = await telling()
      if (entry.isDone) this.#advance()
      else this.close()
    } catch (error) {
      this.#fault ??= { error }
      this.close()
    } finally {
      this.#running -= 1
      this.#changed?.()
    }
  }

  #advance(): void {
    let reached: number | null = null
    while (this.#entries[0]?.isDone) reached = this.#entries.shift()?.upTo ?? reached
    if (reached !== null) this.#reached(reached)
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve
    })
  }
}
