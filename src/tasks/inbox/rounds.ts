/**
 * When the inbox is looked into: soon after something was written, then at longer intervals, and for ever at the longest, as
 * hosts commit without telling. So what was committed waits at most as long again as its transaction took after writing.
 */
import type { Store } from '../../store/port.js'
import type { InboxRow } from '../../store/rows.js'

export interface RoundsDependencies {
  readonly inbox: Pick<NonNullable<Store['inbox']>, 'pending'>
  /** One node at a time; null: another is at it. Two would do no harm, and the same work. */
  lead(work: () => Promise<boolean>): Promise<boolean | null>
  /** Resolves when the row is pending no more. */
  admit(row: InboxRow): Promise<void>
  failed(error: unknown): void
}

/** Milliseconds. */
const SOONEST = 1
/** To wait after something failed: it may be the store. */
const AFTER_FAILURE = 1_000
/** Rows at once: as many share commits. */
const PAGE = 500
/** Looks at which the same row is the first, about three seconds, before it is not left to another node any more. */
const PATIENCE = 20

export class Rounds {
  readonly #dependencies: RoundsDependencies
  readonly #latest: number
  #pause = SOONEST
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | null = null
  #stopped = true
  /** The first row, and at how many looks it was that. */
  #waiting = { number: 0, looks: 0 }

  /** @param latest milliseconds between two looks at most. */
  constructor(dependencies: RoundsDependencies, latest: number) {
    this.#dependencies = dependencies
    this.#latest = latest
  }

  start(): void {
    this.#stopped = false
    this.expect()
  }

  /** Something was written: it will be there when its host commits. */
  expect(): void {
    this.#pause = SOONEST
    if (this.#round === null) this.#plan()
  }

  /** Ends when what is under way is done. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#round
  }

  #plan(): void {
    clearTimeout(this.#timer)
    if (this.#stopped) return
    this.#timer = setTimeout(() => this.#begin(), this.#pause)
    this.#timer.unref()
  }

  #begin(): void {
    this.#pause = Math.min(this.#pause * 2, this.#latest)
    this.#round = this.#run().finally(() => {
      this.#round = null
      this.#plan()
    })
  }

  async #run(): Promise<void> {
    try {
      // What came meanwhile was perhaps committed with others: the next look is soon again.
      if (await this.#look()) this.#pause = SOONEST
    } catch (error) {
      this.#fail(error)
    }
  }

  async #look(): Promise<boolean> {
    const [first] = await this.#dependencies.inbox.pending(0, 1)
    if (!first) return false
    const isSame = first.number === this.#waiting.number
    this.#waiting = { number: first.number, looks: isSame ? this.#waiting.looks + 1 : 1 }
    // Whoever leads has stopped, perhaps. Two at it do no harm.
    if (this.#waiting.looks > PATIENCE) return this.#all()
    return (await this.#dependencies.lead(() => this.#all())) ?? false
  }

  #fail(error: unknown): void {
    this.#dependencies.failed(error)
    this.#pause = AFTER_FAILURE
  }

  /** Whether some were admitted or refused. A row that cannot be yet keeps back those of its key, and no others. */
  async #all(): Promise<boolean> {
    const held = new Set<string>()
    let done = 0
    for (let after = 0; !this.#stopped; ) {
      const rows = await this.#dependencies.inbox.pending(after, PAGE)
      const lanes = [...lanesOf(rows)].filter(([key]) => !held.has(key))
      await Promise.all(
        lanes.map(async ([key, lane]) => {
          const came = await this.#inOrder(lane)
          done += came
          if (came < lane.length) held.add(key)
        }),
      )
      after = rows.at(-1)?.number ?? after
      if (rows.length < PAGE) break
    }
    return done > 0 && held.size === 0
  }

  /** Answers how many of them are pending no more. */
  async #inOrder(rows: readonly InboxRow[]): Promise<number> {
    for (const [index, row] of rows.entries()) {
      if (this.#stopped) return index
      try {
        await this.#dependencies.admit(row)
      } catch (error) {
        this.#fail(error)
        return index
      }
    }
    return rows.length
  }
}

/** Those of one partition key come one after another; others beside them. */
function lanesOf(rows: readonly InboxRow[]): ReadonlyMap<string, readonly InboxRow[]> {
  const lanes = new Map<string, InboxRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.tenant, row.partitionKey])
    const lane = lanes.get(key)
    if (lane) lane.push(row)
    else lanes.set(key, [row])
  }
  return lanes
}
