/**
 * What the queue promises, written as plainly as possible: a list of entries and a clock. No index, no cleverness.
 * `queue-life.ts` leads a store through a life and asks this model after each step whether the store may answer so.
 */
import type { Candidate, EventRow, LeasedTask, Priority, TaskRow } from '../../src/index.js'

const RANKS: Readonly<Record<Priority, number>> = { immediate: 0, high: 1, normal: 2 }
export const rankOf = (priority: Priority): number => RANKS[priority]
export const better = (one: Priority, other: Priority): Priority => (RANKS[one] <= RANKS[other] ? one : other)

export type Ending = 'done' | 'refused' | 'cancelled'

/** One event on its way to one lane. */
export interface Entry {
  readonly sequence: number
  readonly event: string
  readonly lane: string
  /** Null: it waits for nobody. */
  readonly group: string | null
  /** What nobody else's entry may hold at the same time. */
  readonly locks: readonly string[]
  readonly likeness: string | null
  priority: Priority
  state: 'queued' | 'leased' | Ending
  /** Its own date has not come: it is not in its group yet, and nobody's duplicate. */
  dated: boolean
  /** It goes before the others of its group until it ends. */
  head: boolean
  /** Not before. */
  wakeAt: number | null
  /** Of the lease. */
  until: number
  /** Rises with each lease; a settlement needs the present one. */
  token: number
  /** Somebody may still settle it with the present token. */
  answerable: boolean
  failures: number
  code: string | null
}

export interface Settling {
  readonly token: number
  readonly next: { state: 'done' } | { state: 'refused' } | { state: 'waiting'; wakeAt: number; failed: boolean }
}

export class QueueModel {
  now = 1_700_000_000_000
  entries: Entry[] = []
  /** Every event ever published: its id and its parent's. */
  readonly #parents = new Map<string, string | null>()
  /** Subjects that were removed, and the sequence at which. */
  readonly #removed = new Map<string, number>()

  // ------------------------------------------------------------------------------------------ what comes in

  /** Answers the lanes in which it must be born leased. */
  publish(event: EventRow, candidates: readonly Candidate[], until: number | null): readonly string[] {
    this.#parents.set(event.id, event.parentId)
    return candidates.filter((candidate) => this.#bear(event, candidate, until)).map(({ subscription }) => subscription)
  }

  #bear(event: EventRow, candidate: Candidate, until: number | null): boolean {
    const dated = candidate.wakeAt !== null && candidate.wakeAt > this.now
    const names = [event.subject, event.superOwner].filter((name) => name !== null)
    const entry: Entry = {
      sequence: event.sequence,
      event: event.id,
      lane: candidate.subscription,
      group: candidate.order === 'none' ? null : event.partitionKey,
      locks: candidate.locks ? names : [],
      likeness: candidate.likeness,
      priority: candidate.priority,
      state: 'queued',
      dated,
      head: false,
      wakeAt: dated ? candidate.wakeAt : null,
      until: 0,
      token: 0,
      answerable: false,
      failures: 0,
      code: null,
    }
    if (!dated) this.#dropOlder(entry)
    this.entries.push(entry)
    this.#chooseHeads()
    // Born leased: nothing of its own group is before it, and nobody holds what it locks.
    if (until === null || !candidate.lease || !this.mayBeLeased(entry)) return false
    this.#take(entry, until)
    return true
  }

  removeSubject(subject: string, sequence: number): void {
    this.#removed.set(subject, sequence)
  }

  // ------------------------------------------------------------------------------------------ what goes out

  /** It is awake, first of its group, and nobody else holds what it locks. */
  mayBeLeased(entry: Entry): boolean {
    return (
      entry.state === 'queued' &&
      !entry.dated &&
      (entry.wakeAt === null || entry.wakeAt <= this.now) &&
      (entry.group === null || entry.head) &&
      !this.entries.some((other) => other.state === 'leased' && other.locks.some((name) => entry.locks.includes(name)))
    )
  }

  /** The best priority of all that wait in its group: that of the group. */
  rank(entry: Entry): number {
    const group = this.entries.filter((other) => isWaiting(other) && sameGroup(entry, other))
    return Math.min(rankOf(entry.priority), ...group.map(({ priority }) => rankOf(priority)))
  }

  /** Before anything is handed out: dates that came, and leases that ended. */
  beginLease(): void {
    const woken = this.entries
      .filter(({ state, wakeAt }) => state === 'queued' && wakeAt !== null && wakeAt <= this.now)
      .sort((one, other) => Number(one.wakeAt) - Number(other.wakeAt) || one.sequence - other.sequence)
    for (const entry of woken) this.#wake(entry)
    const expired = this.entries
      .filter(({ state, until }) => state === 'leased' && until <= this.now)
      .sort((one, other) => one.until - other.until || one.sequence - other.sequence)
    for (const entry of expired) this.#rescue(entry, true)
  }

  #wake(entry: Entry): void {
    entry.wakeAt = null
    if (entry.dated) this.#join(entry)
  }

  /** Behind whoever is there by then. */
  #join(entry: Entry): void {
    entry.dated = true
    this.#comeBack(entry)
    entry.dated = false
    this.#chooseHeads()
  }

  #rescue(entry: Entry, answerable: boolean): void {
    entry.state = 'queued'
    entry.failures += 1
    entry.code = 'lease_expired'
    entry.answerable = answerable
    this.#comeBack(entry)
    this.#chooseHeads()
  }

  /** @throws when nobody may have it now. */
  lease({ task, gone }: Pick<LeasedTask, 'task' | 'gone'>, until: number): Entry {
    const entry = this.find(task)
    if (!entry || !this.mayBeLeased(entry))
      throw new Error(`${nameOf(task)} was handed out, but ${this.#whyNot(entry)}.`)
    this.#take(entry, until)
    if (gone !== this.isGone(task)) throw new Error(`${nameOf(task)} came with gone: ${gone}.`)
    return entry
  }

  #whyNot(entry: Entry | undefined): string {
    if (!entry) return 'it does not exist'
    if (entry.state !== 'queued') return `it is ${entry.state}`
    if (entry.dated || (entry.wakeAt ?? 0) > this.now) return `its time is ${Number(entry.wakeAt) - this.now} ms ahead`
    if (entry.group !== null && !entry.head) return `it is not the head of ${entry.group}`
    return 'somebody holds what it locks'
  }

  isGone({ subject, sequence, subscription }: Pick<TaskRow, 'subject' | 'sequence' | 'subscription'>): boolean {
    if (subject === null || !subscription.startsWith('local.')) return false
    return (this.#removed.get(subject) ?? 0) > sequence
  }

  #take(entry: Entry, until: number): void {
    entry.state = 'leased'
    entry.wakeAt = null
    entry.until = until
    entry.token += 1
    entry.answerable = true
  }

  settle(key: Pick<TaskRow, 'sequence' | 'subscription'>, { token, next }: Settling): 'settled' | 'lost' {
    const entry = this.find(key)
    if (!entry?.answerable || entry.token !== token) return 'lost'
    if (next.state !== 'waiting') {
      this.end(entry, next.state, null)
      return 'settled'
    }
    // A rescue has counted the failure already.
    if (next.failed && entry.state === 'leased') entry.failures += 1
    entry.state = 'queued'
    entry.answerable = false
    entry.wakeAt = next.wakeAt > this.now ? next.wakeAt : null
    entry.code = null
    this.#comeBack(entry)
    this.#chooseHeads()
    return 'settled'
  }

  /** The process is gone, and whoever held a lease with it. */
  takeOver(): void {
    for (const entry of this.entries) {
      if (entry.state === 'leased') this.#rescue(entry, false)
    }
  }

  heartbeat(key: Pick<TaskRow, 'sequence' | 'subscription'>, token: number, until: number): boolean {
    const entry = this.find(key)
    if (entry?.state !== 'leased' || entry.token !== token) return false
    entry.until = until
    return true
  }

  // ------------------------------------------------------------------------------------------ people

  cancel(entry: Entry): boolean {
    if (isFinished(entry)) return false
    this.end(entry, 'cancelled', 'unwanted')
    return true
  }

  reprioritise(entry: Entry, priority: Priority): boolean {
    if (entry.state !== 'queued') return false
    entry.priority = priority
    return true
  }

  /** Whether it starts afresh or is found to be a duplicate is the same to the caller. */
  retry(entry: Entry): boolean {
    if (!isFinished(entry) && entry.wakeAt === null) return false
    entry.state = 'queued'
    entry.wakeAt = null
    entry.failures = 0
    entry.code = null
    entry.answerable = false
    this.#join(entry)
    return true
  }

  /** It and all that descends from its event, in its lane. Answers how many, and which of them were being worked on. */
  remove(entry: Entry): { removed: number; aborted: readonly number[] } {
    const events = this.#family(entry.event)
    const gone = this.entries.filter((other) => other.lane === entry.lane && events.includes(other.event))
    this.entries = this.entries.filter((other) => !gone.includes(other))
    this.#chooseHeads()
    const aborted = gone.filter(({ state }) => state === 'leased').map(({ sequence }) => sequence)
    return { removed: gone.length, aborted }
  }

  #family(event: string): readonly string[] {
    const children = [...this.#parents].filter(([, parent]) => parent === event).map(([id]) => id)
    return [event, ...children.flatMap((child) => this.#family(child))]
  }

  // ------------------------------------------------------------------------------------------ duplicates

  #alike(entry: Entry): readonly Entry[] {
    if (entry.likeness === null) return []
    return this.entries.filter(
      (other) => other !== entry && isWaiting(other) && other.lane === entry.lane && other.likeness === entry.likeness,
    )
  }

  #hasChildren = ({ event }: Entry): boolean => [...this.#parents.values()].includes(event)

  /** The newer keeps its place and takes the better priority; the older ends, unless its event has children. */
  #dropOlder(newer: Entry): void {
    for (const older of this.#alike(newer)) {
      if (older.sequence > newer.sequence || this.#hasChildren(older)) continue
      newer.priority = better(newer.priority, older.priority)
      this.end(older, 'cancelled', 'duplicate')
    }
  }

  /** It waits again: as the newest of its kind, or not any more. */
  #comeBack(entry: Entry): void {
    const newest = this.#alike(entry)
      .filter(({ sequence }) => sequence > entry.sequence)
      .at(-1)
    if (newest && !this.#hasChildren(entry)) {
      newest.priority = better(newest.priority, entry.priority)
      this.end(entry, 'cancelled', 'duplicate')
    } else this.#dropOlder(entry)
  }

  // ------------------------------------------------------------------------------------------ the list

  end(entry: Entry, state: Ending, code: string | null): void {
    entry.state = state
    entry.code = code
    entry.wakeAt = null
    entry.dated = false
    entry.head = false
    entry.answerable = false
    this.#chooseHeads()
  }

  /** Whoever is first of a group stays so until it ends; then the lowest sequence of those that wait follows. */
  #chooseHeads(): void {
    for (const entry of this.entries) {
      if (entry.group === null || !isWaiting(entry)) continue
      const group = this.entries.filter((other) => sameGroup(entry, other))
      if (group.some(({ head }) => head)) continue
      const first = group.filter(isWaiting).reduce((one, other) => (one.sequence < other.sequence ? one : other))
      first.head = true
    }
  }

  find({ sequence, subscription }: Pick<TaskRow, 'sequence' | 'subscription'>): Entry | undefined {
    return this.entries.find((entry) => entry.sequence === sequence && entry.lane === subscription)
  }
}

export const isFinished = ({ state }: Entry): boolean => state !== 'queued' && state !== 'leased'
const isWaiting = ({ state, dated }: Entry): boolean => state === 'queued' && !dated
const sameGroup = (one: Entry, other: Entry): boolean =>
  one.group !== null && one.lane === other.lane && one.group === other.group
export const nameOf = ({ sequence, subscription }: Pick<TaskRow, 'sequence' | 'subscription'>): string =>
  `${sequence}.${subscription}`
