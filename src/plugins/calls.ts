/**
 * The calls of a plug-in's processors that are under way: what they run on is let go of after the last of them.
 */
import type { Processor } from '../pipeline/processor.js'

/** Also of processors that have left meanwhile. */
export class Calls {
  #count = 0
  readonly #idle: (() => void)[] = []

  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }

  async during<Result>(call: Promise<Result>): Promise<Result> {
    this.#count += 1
    try {
      return await call
    } finally {
      this.#count -= 1
      if (this.#count === 0) for (const tell of this.#idle.splice(0)) tell()
    }
  }
}

/** The same processor, its calls counted; one that answers at once is never under way. */
export const counted = (processor: Processor, calls: Calls): Processor =>
  Object.create(processor, {
    run: {
      value: (...given: Parameters<Processor['run']>) => {
        const answer = processor.run(...given)
        return answer instanceof Promise ? calls.during(answer) : answer
      },
    },
  }) as Processor
