/**
 * The publisher's ledger: every event whose acceptance was confirmed, and who should hear of it.
 */
import { type Fate, fateOf } from './expectation.js'
import type { Fact, Story, System } from './story.js'
import { SUBSCRIBERS, type Subscriber } from './subscribers.js'

/** What Tocsin answers for an accepted event. */
export interface Receipt {
  readonly id: string
  readonly source: string
  readonly type: string
  /** Its place in the log of all events; zero-padded, so that texts compare as numbers do. */
  readonly sequence: string
  readonly state: string
  readonly duplicate: boolean
}

export interface Entry extends Receipt {
  readonly system: System
  readonly story: Story
  /** When its call was begun, in milliseconds since 1970. */
  readonly sentAt: number
  readonly fates: Readonly<Record<Subscriber, Fate>>
}

/** An event's id is unique within its source. */
export const keyOf = ({ source, id }: { readonly source: string; readonly id: string }): string => `${source} ${id}`

export class Ledger {
  /** In the order of their receipts. */
  readonly entries: Entry[] = []
  /** Deliveries that must come of them. */
  expected = 0

  accept(origin: Pick<Entry, 'system' | 'story' | 'sentAt'>, receipt: Receipt, fact: Fact): void {
    const [siem, directory, doors] = SUBSCRIBERS.map((subscriber) => fateOf(subscriber, fact))
    if (!siem || !directory || !doors) throw new TypeError('There are three subscribers.')
    const fates = { siem, directory, doors }
    this.entries.push({ ...receipt, ...origin, fates })
    this.expected += Object.values(fates).filter((fate) => fate === 'delivered').length
  }
}
