/**
 * Group commit: what arrives while a write is under way shares the next. Writes begin in order of arrival. Nobody waits for
 * a write of another's: each key, such as a tenant, has writes of its own, and those that begin in the same tick are one.
 * Where all go one way, who writes without a pause leaves the others half of the time.
 */
import { childOf } from '../store/child-of.js'
import { Fairness } from './fairness.js'

interface Entry<Item, Answer> {
  readonly item: Item
  answer(value: Answer): void
  fail(error: unknown): void
}

/** What is to be written of one key. */
interface Queue<Item, Answer> {
  readonly key: string
  readonly waiting: Entry<Item, Answer>[]
  /** Writes under way. */
  writing: number
  /** Items of those. */
  taken: number
  /** When it was idle last. */
  readonly since: number
  /** It leaves the others room. */
  rests: boolean
}

/** What a write takes of one queue. */
interface Share<Item, Answer> {
  readonly queue: Queue<Item, Answer>
  readonly entries: readonly Entry<Item, Answer>[]
}

export interface Batching<Item> {
  /** Items of one key that a single write may take. Default 1,000. */
  readonly most?: number
  /** Writes of one key under way at the same time, for a store that gathers them and keeps their order. Default 1. */
  readonly atOnce?: number
  /** Whose an item is. Default: all are of one. */
  keyOf?(item: Item): string
  /** All writes go one way: one key's wait for another's. Default false. */
  readonly oneWay?: boolean
  /** When a write begins. Default: a microtask later, so that what one tick publishes together is written together. */
  soon?(begin: () => void): void
}

/** Items in a write of who leaves others room: they wait for one that is under way. */
const FEW = 16

export class Batcher<Item, Answer> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Answer[]>
  readonly #options: Required<Batching<Item>>
  /** Those that are not idle. */
  readonly #queues = new Map<string, Queue<Item, Answer>>()
  /** Of those: that wait for nothing but the beginning of a write. */
  readonly #ready = new Set<Queue<Item, Answer>>()
  readonly #fairness = new Fairness()
  #beginning = false

  constructor(write: (items: readonly Item[]) => Promise<readonly Answer[]>, batching: Batching<Item> = {}) {
    this.#write = write
    this.#options = { most: 1_000, atOnce: 1, keyOf: () => '', oneWay: false, soon: queueMicrotask, ...batching }
  }

  /** Answers once the write that took the item is durable. */
  add(item: Item): Promise<Answer> {
    return new Promise((answer, fail) => {
      const key = this.#options.keyOf(item)
      const queue = childOf(this.#queues, key, () => queueOf<Item, Answer>(key))
      queue.waiting.push({ item, answer, fail })
      this.#look(queue)
      if (this.#beginning || this.#ready.size === 0) return
      this.#beginning = true
      this.#options.soon(() => {
        this.#beginning = false
        this.#begin()
      })
    })
  }

  #look(queue: Queue<Item, Answer>): void {
    if (this.#mayBegin(queue)) this.#ready.add(queue)
    else this.#ready.delete(queue)
    if (queue.waiting.length === 0 && queue.writing === 0 && !queue.rests) this.#queues.delete(queue.key)
  }

  #mayBegin(queue: Queue<Item, Answer>): boolean {
    const { waiting, writing, rests } = queue
    if (waiting.length === 0 || rests) return false
    return writing === 0 || (writing < this.#options.atOnce && !this.#crowds(queue))
  }

  #crowds({ key, since }: Queue<Item, Answer>): boolean {
    return this.#options.oneWay && this.#fairness.crowds(key, since)
  }

  #begin(): void {
    while (this.#ready.size > 0) void this.#run([...this.#ready].map((queue) => this.#share(queue)))
  }

  #share(queue: Queue<Item, Answer>): Share<Item, Answer> {
    const { most } = this.#options
    const entries = queue.waiting.splice(0, this.#crowds(queue) ? Math.min(FEW, most) : most)
    this.#fairness.wrote(queue.key)
    queue.writing += 1
    queue.taken += entries.length
    this.#look(queue)
    return { queue, entries }
  }

  async #run(shares: readonly Share<Item, Answer>[]): Promise<void> {
    const began = performance.now()
    const answers = await this.#answersTo(shares.flatMap(({ entries }) => entries))
    let first = 0
    for (const { queue, entries } of shares) {
      queue.writing -= 1
      queue.taken -= entries.length
      if (answers !== null) this.#give(queue, entries, answers.slice(first, first + entries.length))
      first += entries.length
      if (this.#crowds(queue)) this.#rest(queue, performance.now() - began)
      this.#look(queue)
    }
    this.#begin()
  }

  #rest(queue: Queue<Item, Answer>, milliseconds: number): void {
    queue.rests = true
    setTimeout(() => {
      queue.rests = false
      this.#look(queue)
      this.#begin()
    }, milliseconds)
  }

  /** Null: the write failed, and all are told. */
  async #answersTo(entries: readonly Entry<Item, Answer>[]): Promise<readonly Answer[] | null> {
    try {
      const answers = await this.#write(entries.map(({ item }) => item))
      if (answers.length !== entries.length) throw new TypeError('A write answers each of its items.')
      return answers
    } catch (error) {
      for (const { fail } of entries) fail(error)
      return null
    }
  }

  /**
   * Callers that are told together come back together, and in time all would be in one write. So no more than half of them are told
   * in a turn, the others a turn later: the store writes for the one half while the other half goes on.
   */
  #give(queue: Queue<Item, Answer>, entries: readonly Entry<Item, Answer>[], answers: readonly Answer[]): void {
    const all = entries.length + queue.taken + queue.waiting.length
    const together = this.#options.atOnce > 1 ? Math.ceil(all / 2) : entries.length
    const tell = (from: number): void => {
      const till = Math.min(from + together, entries.length)
      for (let index = from; index < till; index++) entries[index]?.answer(answers[index] as Answer)
      if (till < entries.length) setImmediate(tell, till)
    }
    tell(0)
  }
}

const queueOf = <Item, Answer>(key: string): Queue<Item, Answer> => ({
  ...{ key, waiting: [], writing: 0, taken: 0 },
  since: performance.now(),
  rests: false,
})
