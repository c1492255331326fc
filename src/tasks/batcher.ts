/**
 * Group commit: what arrives while a write is under way shares the next. Writes begin in order of arrival.
 */
interface Entry<Item, Answer> {
  readonly item: Item
  answer(value: Answer): void
  fail(error: unknown): void
}

export class Batcher<Item, Answer> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #most: number
  readonly #atOnce: number
  readonly #soon: (begin: () => void) => void
  #waiting: Entry<Item, Answer>[] = []
  #writing = 0
  #beginning = false

  /**
   * @param most items a single write may take.
   * @param atOnce writes under way at the same time, for a store that gathers them and keeps their order.
   * @param soon when a write begins: a microtask later, so that what one tick publishes together is written together.
   */
  constructor(
    write: (items: readonly Item[]) => Promise<readonly Answer[]>,
    most = 1_000,
    atOnce = 1,
    soon: (begin: () => void) => void = queueMicrotask,
  ) {
    this.#write = write
    this.#most = most
    this.#atOnce = atOnce
    this.#soon = soon
  }

  /** Answers once the write that took the item is durable. */
  add(item: Item): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ item, answer, fail })
      if (this.#beginning || this.#writing >= this.#atOnce) return
      this.#beginning = true
      this.#soon(() => {
        this.#beginning = false
        this.#begin()
      })
    })
  }

  #begin(): void {
    while (this.#waiting.length > 0 && this.#writing < this.#atOnce) {
      this.#writing += 1
      void this.#run(this.#waiting.splice(0, this.#most))
    }
  }

  async #run(group: readonly Entry<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.#write(group.map((entry) => entry.item))
      if (answers.length !== group.length) throw new TypeError('A write answers each of its items.')
      this.#writing -= 1
      this.#give(group, answers)
    } catch (error) {
      this.#writing -= 1
      for (const entry of group) entry.fail(error)
    }
    this.#begin()
  }

  /**
   * Callers that are told together come back together. Unless another write is under way, half of them are told a turn
   * later: so the store writes for the one half while the other half goes on.
   */
  #give(group: readonly Entry<Item, Answer>[], answers: readonly Answer[]): void {
    const now = this.#atOnce > 1 && this.#writing === 0 ? Math.ceil(group.length / 2) : group.length
    for (let index = 0; index < now; index++) group[index]?.answer(answers[index] as Answer)
    if (now < group.length) setImmediate(() => this.#give(group.slice(now), answers.slice(now)))
  }
}
