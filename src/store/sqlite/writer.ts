/**
 * Group commit: all calls that wait when a transaction starts are run in it, in order, and answered after its COMMIT.
 */
import { Unavailable } from '../../errors.js'
import type { Call, Outcome, Perform } from './calls.js'
import { OUTSIDE, READS, toFailure } from './calls.js'
import { endsWriting, failureOf, isBusy } from './failures.js'
import { writeKeys } from './recent-keys.js'
import type { Session } from './session.js'
import type { Background, Trouble } from './wal.js'

/** Statements between two looks at the WAL; each fills a page or two at most. */
const LOOK_EVERY = 1_000
/** Pages in the WAL before they are moved into the file: 55 MiB of 8 KiB pages. */
const CHECKPOINT_PAGES = 7_000

const failed = (error: unknown): Outcome => ({ failure: toFailure(failureOf(error)) })
const WAITS: Outcome = { waits: true }

export class Writer {
  readonly #session: Session
  readonly #perform: Perform
  #stopped: Unavailable | null = null
  readonly #background: Pick<Background, 'move'> | null
  readonly #pages: number
  #checkpointAt: number
  /** At once: whoever had the file before may have been killed with a long WAL, and so may we be, before long. */
  #lookAt = 0
  /** The WAL is being moved in the background. */
  #moving = false

  /**
   * @param background moves the WAL meanwhile; without it everybody waits while it is moved.
   * @param pages that the WAL may have before.
   */
  constructor(
    session: Session,
    perform: Perform,
    background: Pick<Background, 'move'> | null = null,
    pages = CHECKPOINT_PAGES,
  ) {
    this.#session = session
    this.#perform = perform
    this.#background = background
    this.#pages = pages
    this.#checkpointAt = pages
  }

  /**
   * One answer for each call, in order. Whoever called may be told at once: all of it is on the disk. While another
   * connection writes to the file only what reads is done.
   */
  execute(calls: readonly Call[]): readonly Outcome[] {
    if (this.#stopped !== null || calls.every(isRead) || calls.some(isOutside))
      return calls.map((call) => this.#alone(call))
    try {
      if (!this.#begins()) return calls.map((call) => (isRead(call) ? this.#alone(call) : WAITS))
      return this.#together(calls)
    } catch (error) {
      this.#session.rollback()
      // One of them fails, and it must not take the others with it: each gets a transaction of its own.
      return calls.length === 1 ? [failed(error)] : calls.map((call) => this.#alone(call))
    }
  }

  /** False: the file is not free. */
  #begins(): boolean {
    try {
      this.#session.begin()
      return true
    } catch (error) {
      if (isBusy(error)) return false
      throw error
    }
  }

  #together(calls: readonly Call[]): readonly Outcome[] {
    const outcomes = calls.map((call) => ({ value: this.#perform(call) }))
    this.#commit()
    return outcomes
  }

  #alone(call: Call): Outcome {
    try {
      this.#session.refresh()
      if (isRead(call)) return { value: this.#perform(call) }
      if (this.#stopped !== null) throw this.#stopped
      if (isOutside(call)) return this.#outside(call)
      if (!this.#begins()) return WAITS
      return this.#together([call])[0] ?? failed(new TypeError('A call gave no answer.'))
    } catch (error) {
      if (!isRead(call) && this.#stopped === null) this.#session.rollback()
      return failed(error)
    }
  }

  #outside(call: Call): Outcome {
    try {
      return { value: this.#perform(call) }
    } catch (error) {
      if (isBusy(error)) return WAITS
      this.#stopIfUnsafe(error)
      return failed(error)
    }
  }

  #commit(): void {
    try {
      this.#session.commit()
    } catch (error) {
      this.#stopIfUnsafe(error)
      throw error
    }
  }

  #stopIfUnsafe(error: unknown): void {
    if (!endsWriting(error, true)) return
    this.#session.rollback()
    const message = 'The disk failed while it was written. The store accepts nothing more until it is opened again.'
    this.#stopped = new Unavailable('unavailable', message, { cause: error })
  }

  /** What need not be done while somebody waits; to be called after the answers are given. */
  tidy(): void {
    if (this.#stopped !== null) return
    this.#writeKeys()
    this.#checkpoint()
  }

  /** If it fails they are read from their events again, and the next time is soon. */
  #writeKeys(): void {
    if (!this.#session.keys.areDue) return
    try {
      if (!this.#begins()) return
      writeKeys(this.#session)
      this.#commit()
    } catch {
      this.#session.rollback()
    }
  }

  /**
   * Moves the WAL into the file when it has grown. A checkpoint's own error matters as much as a commit's, which is why
   * SQLite's automatic one, whose errors nobody sees, is off.
   */
  #checkpoint(): void {
    if (this.#stopped !== null || this.#moving || this.#session.runs < this.#lookAt) return
    this.#lookAt = this.#session.runs + LOOK_EVERY
    this.#guarded(() => {
      const [, pages] = this.#session.get('PRAGMA wal_checkpoint(NOOP)') ?? []
      if (Number(pages) < this.#checkpointAt) return
      if (this.#background === null) return this.#moveRest()
      this.#moving = true
      this.#background.move((trouble) => this.#moved(trouble))
    })
  }

  /** What was written meanwhile is little. It is moved at once, as only a WAL of which all is moved begins anew. */
  #moved(trouble: Trouble): void {
    this.#moving = false
    if (trouble !== null) this.#stopIfUnsafe(Object.assign(new Error(trouble.message), { errcode: trouble.errcode }))
    if (this.#stopped === null) this.#guarded(() => this.#moveRest())
  }

  #moveRest(): void {
    const [, log, moved] = this.#session.get('PRAGMA wal_checkpoint(PASSIVE)') ?? []
    // A backup that still reads holds it back: not again with every commit.
    this.#checkpointAt = log === moved ? this.#pages : Number(log) + this.#pages
  }

  #guarded(move: () => void): void {
    try {
      move()
    } catch (error) {
      this.#stopIfUnsafe(error)
    }
  }
}

const isOutside = (call: Call): boolean => OUTSIDE.has(call.name)
const isRead = (call: Call): boolean => READS.has(call.name)
