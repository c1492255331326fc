/**
 * One piece of work at a time, in the order of arrival: each begins with what the one before it left, also when that failed.
 */
export class Mutex {
  /** It never rejects. */
  #last: Promise<unknown> = Promise.resolve()

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(work)
    this.#last = done.catch(() => {})
    return done
  }
}
