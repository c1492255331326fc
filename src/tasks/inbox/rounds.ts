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
/** Rows at once: as many share commits. */
const PAGE = 500

export class Rounds {
  readonly #dependencies: RoundsDependencies
  readonly #latest: number
  #pause = SOONEST
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | null = null
  #stopped = true

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
      const { inbox, lead } = this.#dependencies
      const isThere = (await inbox.pending(0, 1)).length > 0
      if (isThere && (await lead(() => this.#all()))) this.#pause = SOONEST
    } catch (error) {
      this.#dependencies.failed(error)
    }
  }

  /** Whether some were admitted or refused. A row that cannot be yet does not keep those behind it from coming. */
  async #all(): Promise<boolean> {
    let done = false
    for (let after = 0; !this.#stopped; ) {
      const rows = await this.#dependencies.inbox.pending(after, PAGE)
      const answers = await Promise.all(lanesOf(rows).map((lane) => this.#inOrder(lane)))
      done ||= answers.some(Boolean)
      after = rows.at(-1)?.number ?? after
      if (rows.length < PAGE) break
    }
    return done
  }

  async #inOrder(rows: readonly InboxRow[]): Promise<boolean> {
    let done = false
    try {
      for (const row of rows) {
        await this.#dependencies.admit(row)
        done = true
      }
    } catch (error) {
      this.#dependencies.failed(error)
    }
    return done
  }
}

/** Those of one partition key come one after another; others beside them. */
function lanesOf(rows: readonly InboxRow[]): readonly (readonly InboxRow[])[] {
  const lanes = new Map<string, InboxRow[]>()
  for (const row of rows) {
    const key = JSON.stringify([row.tenant, row.partitionKey])
    const lane = lanes.get(key)
    if (lane) lane.push(row)
    else lanes.set(key, [row])
  }
  return [...lanes.values()]
}
