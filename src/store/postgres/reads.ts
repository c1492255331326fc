/**
 * Questions outside of line. Who closes waits for those that are under way: the pool would leave them unanswered.
 */
import { Unavailable } from '../../errors.js'
import type { Asked } from './conversation.js'

export class Reads {
  readonly #open = new Set<Promise<unknown>>()
  #isClosed = false

  async during<Result>(read: () => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new Unavailable('unavailable', 'The store is closed.')
    const reading = read()
    this.#open.add(reading)
    try {
      return await reading
    } finally {
      this.#open.delete(reading)
    }
  }

  over({ all, get }: Asked): Asked {
    return {
      all: (...asked) => this.during(() => all(...asked)),
      get: (...asked) => this.during(() => get(...asked)),
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.allSettled(this.#open)
  }
}
