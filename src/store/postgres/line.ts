/**
 * Who wants to write stands in line: one transaction at a time in this process, and in the whole schema by its lock. Calls
 * that wait share a transaction: first all ask what they need, together, then each does its work, and all is written and
 * committed at once. One that fails takes no other with it: then each has a transaction of its own.
 */
import { Unavailable } from '../../errors.js'
import type { TaskKey } from '../port.js'
import { failureOf, isUndone } from './failures.js'
import { prefetchTasks } from './prefetch.js'
import { rankGroups } from './ranks.js'
import type { Session } from './session.js'

export interface Steps<Result> {
  /** Asks what will be needed; writes nothing. */
  prepare?(session: Session): Promise<unknown>
  /** Tasks that it changes, wherever they stand: what that needs is asked for those of all together. */
  readonly tasks?: readonly TaskKey[]
  perform(session: Session): Promise<Result>
  /** It goes before others: it finds the answers to its questions as they were. */
  readonly first?: boolean
  /** How many events or tasks it writes, where it may be many or is known to be few. */
  readonly size?: number
}

/** Runs work in one transaction; `committing` is called when nothing more will be asked in it. */
export type Transact = <Result>(work: (session: Session) => Promise<Result>, committing: () => void) => Promise<Result>

interface Waiting {
  readonly steps: Steps<unknown>
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Events and tasks of those that share one: of more, what is shared costs little, and the next are prepared meanwhile. */
const MOST_SHARED = 200
/** Calls in one transaction that do not say how many they write. */
const MOST_UNSAID = 32
/** While one is committed, the next waits for the lock already. */
const MOST_AT_ONCE = 2

export class Line {
  readonly #transact: Transact
  #waiting: Waiting[] = []
  /** Transactions that are not over. */
  #open = 0
  /** Somebody works in a transaction and has not sent its commit. */
  #isBusy = false
  #closed: (() => void) | null = null

  constructor(transact: Transact) {
    this.#transact = transact
  }

  join<Result>(steps: Steps<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      if (this.#closed !== null) return reject(new Unavailable('unavailable', 'The store is closed.'))
      this.#waiting.push({ steps, resolve: resolve as (value: unknown) => void, reject })
      // Whatever is asked in this turn of the loop goes together.
      if (this.#waiting.length === 1) setImmediate(() => this.#next())
    })
  }

  /** Takes no more; resolves when nobody is left. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#closed = resolve
      this.#next()
    })
  }

  #next(): void {
    if (this.#waiting.length === 0 && this.#open === 0) this.#closed?.()
    if (this.#isBusy || this.#open >= MOST_AT_ONCE || this.#waiting.length === 0) return
    const together = this.#waiting.splice(0, sharing(this.#waiting))
    this.#isBusy = true
    this.#open += 1
    void this.#serve(together.sort(firstOnesFirst)).finally(() => {
      this.#open -= 1
      this.#next()
    })
  }

  async #serve(together: readonly Waiting[]): Promise<void> {
    const failure = await this.#attempt(together)
    if (failure === null) return
    const isShared = together.length > 1 && isUndone(failure)
    for (const one of together) {
      const alone = isShared ? await this.#attempt([one]) : failure
      if (alone !== null) one.reject(failureOf(alone))
    }
  }

  /** Answers what failed, or null. */
  async #attempt(together: readonly Waiting[]): Promise<unknown> {
    try {
      const results = await this.#transact(
        (session) => workTogether(session, together),
        () => this.#free(),
      )
      for (const [index, one] of together.entries()) one.resolve(results[index])
      return null
    } catch (error) {
      this.#free()
      return error
    }
  }

  #free(): void {
    this.#isBusy = false
    this.#next()
  }
}

/** How many of them may share a transaction, in their order. */
function sharing(waiting: readonly Waiting[]): number {
  let size = 0
  let unsaid = 0
  const fit = waiting.findIndex(({ steps }, index) => {
    if (steps.size === undefined) unsaid += 1
    else size += steps.size
    return index > 0 && (size > MOST_SHARED || unsaid > MOST_UNSAID)
  })
  return fit < 0 ? waiting.length : fit
}

const firstOnesFirst = (a: Waiting, b: Waiting): number =>
  Number(b.steps.first === true) - Number(a.steps.first === true)

async function workTogether(session: Session, together: readonly Waiting[]): Promise<readonly unknown[]> {
  const changing = together.flatMap(({ steps }) => steps.tasks ?? [])
  await Promise.all([prefetchTasks(session, changing), ...together.map(({ steps }) => steps.prepare?.(session))])
  const results: unknown[] = []
  for (const { steps } of together) results.push(await steps.perform(session))
  await rankGroups(session)
  return results
}
