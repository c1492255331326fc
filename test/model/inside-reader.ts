/**
 * Who reads the log live, by sequence, over the ends of hubs: it must see every event once.
 */
import { expect } from 'vitest'
import type { Hub } from '../../src/index.js'
import { until } from '../faults/random.js'

export class Reader {
  readonly #seen: { readonly sequence: number; readonly id: string }[] = []
  #stop = new AbortController()
  #reading: Promise<void> | null = null

  /** Reads on from where it was. */
  follow(hub: Hub): void {
    this.#stop = new AbortController()
    this.#reading = this.#read(hub, this.#stop.signal)
  }

  async leave(): Promise<void> {
    this.#stop.abort()
    await this.#reading
  }

  async #read(hub: Hub, signal: AbortSignal): Promise<void> {
    const after = this.#seen.at(-1)?.sequence ?? 0
    for await (const { sequence, event } of hub.events.tail(hub.local, { after, signal }))
      this.#seen.push({ sequence: Number(sequence), id: nameOf(event) })
  }

  /** @throws when it missed one, or saw one twice or out of order */
  async check(hub: Hub): Promise<void> {
    const all: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await hub.events.list(hub.local, {}, { limit: 1_000, ...(cursor !== undefined && { cursor }) })
      all.push(...page.items.map(({ event }) => nameOf(event)))
      if (page.next === null) break
      cursor = page.next
    }
    all.reverse()
    await until('the reader has come to the end', () => this.#seen.at(-1)?.id === all.at(-1), 10_000)
    expect(this.#seen.map(({ id }) => id)).toEqual(all)
  }
}

const nameOf = ({ source, id }: Readonly<Record<string, unknown>>): string => `${source} ${id}`
