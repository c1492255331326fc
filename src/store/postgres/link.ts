/**
 * One connection of a node's own that is made again whenever it breaks: for what is said and heard between nodes, and for
 * locks that end with it.
 */
import type { Client, Notification } from 'pg'
import { Unavailable } from '../../errors.js'

export interface LinkOptions {
  /** A new connection, not yet open. */
  client(): Client
  /** Begins what holds as long as the connection does. */
  begin(client: Client): Promise<void>
  heard(payload: string): void
  /** Open again after it broke: what was said meanwhile was missed. */
  restored(): void
}

/** Milliseconds until it is tried again: the first time, and at most. */
const FIRST = 100
const MOST = 5_000

export class Link {
  readonly #options: LinkOptions
  #client: Client | null = null
  #end = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #pause = FIRST
  #closed = false

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** The connection there is now; what was bound to an earlier one has ended. @throws Unavailable without one */
  get client(): Client {
    if (this.#client) return this.#client
    throw new Unavailable('unavailable', 'The connection to PostgreSQL was lost; it is tried again.', { retryAfter: 1 })
  }

  /** Aborted when the connection there is now has ended, and what was bound to it. */
  get lost(): AbortSignal {
    return this.#end.signal
  }

  /** @throws whatever kept it from opening */
  async open(): Promise<void> {
    const client = this.#options.client()
    // It breaks: told once, by whichever comes first.
    client.once('error', () => this.#lost(client))
    client.once('end', () => this.#lost(client))
    client.on('notification', ({ payload = '' }: Notification) => this.#options.heard(payload))
    try {
      await client.connect()
      await this.#options.begin(client)
    } catch (error) {
      client.on('error', () => {})
      client.end().catch(() => {})
      throw error
    }
    this.#client = client
    this.#end = new AbortController()
    this.#pause = FIRST
  }

  /** It does not answer: another takes its place. */
  drop(client: Client): void {
    this.#lost(client)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const client = this.#client
    this.#client = null
    this.#end.abort()
    await client?.end().catch(() => {})
  }

  #lost(client: Client): void {
    client.on('error', () => {})
    if (this.#client !== client) return
    this.#client = null
    this.#end.abort()
    client.end().catch(() => {})
    this.#again()
  }

  #again(): void {
    if (this.#closed) return
    this.#timer = setTimeout(() => void this.#reopen(), this.#pause)
    this.#timer.unref()
    this.#pause = Math.min(MOST, this.#pause * 2)
  }

  async #reopen(): Promise<void> {
    try {
      await this.open()
    } catch {
      return this.#again()
    }
    if (this.#closed) await this.close()
    else this.#options.restored()
  }
}
