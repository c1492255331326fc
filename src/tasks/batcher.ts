/**
 * Group commit: what arrives while one write is under way shares the next. One write at a time, in order of arrival.
 */
export class Batcher<Item, Answer> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #most: number
  #waiting: { item: Item; answer: (value: Answer) => void; fail: (error: unknown) => void }[] = []
  #writing = false

  /** @param most items a single write may take. */
  constructor(write: (items: readonly Item[]) => Promise<readonly Answer[]>, most = 1_000) {
    this.#write = write
    this.#most = most
  }

  /** Answers once the write that took the item is durable. */
  add(item: Item): Promise<Answer> {
    return new Promise((answer, fail) => {
      this.#waiting.push({ item, answer, fail })
      if (this.#writing) return
      this.#writing = true
      // A microtask later, so that what one tick publishes together is written together.
      queueMicrotask(() => void this.#drain())
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#most)
      try {
        const answers = await this.#write(group.map((entry) => entry.item))
        if (answers.length !== group.length) throw new TypeError('A write answers each of its items.')
        for (const [index, entry] of group.entries()) entry.answer(answers[index] as Answer)
      } catch (error) {
        for (const entry of group) entry.fail(error)
      }
    }
    this.#writing = false
  }
}
