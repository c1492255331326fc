/**
 * Who wants the same thing takes turns, in order of arrival.
 */
export class Turns {
  /** The last in each line; it never rejects. */
  readonly #last = new Map<string, Promise<void>>()

  /**
   * Waits until everybody before it has let go of each of the keys, then works; it lets go when `work` calls `done`, or ends.
   * All lines are joined at once, so no two wait for each other.
   */
  async take<Result>(keys: readonly string[], work: (done: () => void) => Promise<Result>): Promise<Result> {
    const before = keys.map((key) => this.#last.get(key))
    const { promise: mine, resolve } = withResolver()
    for (const key of keys) this.#last.set(key, mine)
    const done = () => {
      resolve()
      for (const key of keys) if (this.#last.get(key) === mine) this.#last.delete(key)
    }
    try {
      for (const turn of before) await turn
      return await work(done)
    } finally {
      done()
    }
  }
}

function withResolver(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((go) => {
    resolve = go
  })
  return { promise, resolve }
}
