/**
 * Batches on their way to the server: several at once, while what must stay in order stays in one lane, where one batch
 * waits for the one before.
 */
import { createHash } from 'node:crypto'
import type { Message } from './messages.js'
import { at } from './table.js'

/** Bytes and events a batch may have; the server's own limits are higher. */
const MOST_BYTES = 1_000_000

export type Send = (batch: readonly Message[]) => Promise<void>

export class Lanes {
  readonly #send: Send
  readonly #size: number
  readonly #waiting: Message[][]
  readonly #bytes: number[]
  readonly #tails: Promise<void>[]
  #turn = 0

  /** `count` lanes that send batches of at most `size`. `send` must not throw. */
  constructor(count: number, size: number, send: Send) {
    this.#send = send
    this.#size = size
    this.#waiting = Array.from({ length: count }, () => [])
    this.#bytes = Array.from({ length: count }, () => 0)
    this.#tails = Array.from({ length: count }, () => Promise.resolve())
  }

  /** Waits while its lane still has a batch under way, so that a large file is never held whole. */
  async put(message: Message): Promise<void> {
    const lane = this.#laneOf(message)
    const waiting = this.#waiting[lane] ?? []
    waiting.push(message)
    this.#bytes[lane] = (this.#bytes[lane] ?? 0) + message.text.length
    if (waiting.length < this.#size && (this.#bytes[lane] ?? 0) < MOST_BYTES) return
    await this.#tails[lane]
    this.#flush(lane)
  }

  /** Sends what is left; answers when all is answered. */
  async end(): Promise<void> {
    for (const lane of this.#waiting.keys()) this.#flush(lane)
    await Promise.all(this.#tails)
  }

  #flush(lane: number): void {
    const batch = this.#waiting[lane] ?? []
    if (batch.length === 0) return
    this.#waiting[lane] = []
    this.#bytes[lane] = 0
    this.#tails[lane] = (this.#tails[lane] ?? Promise.resolve()).then(() => this.#send(batch))
  }

  /** By partition key; what has none may go anywhere, in turn. */
  #laneOf({ value }: Message): number {
    const key = at(value, 'partitionkey') ?? at(value, 'partitionKey') ?? at(value, 'subject')
    if (typeof key !== 'string') {
      this.#turn = (this.#turn + 1) % this.#tails.length
      return this.#turn
    }
    return createHash('sha1').update(key).digest().readUInt32BE() % this.#tails.length
  }
}
