/**
 * One capture at work in this process: it waits until it leads, reads the source and publishes, and begins again after whatever
 * broke. Confirmed is only what is in our log; what is read again after a failure is there already, under the same ids.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { isTocsinError, messageOf } from '../../errors.js'
import { begin } from './beginning.js'
import type { Change, Reader } from './change.js'
import type { RunnerDependencies } from './dependencies.js'
import { forgetRows } from './known-rows.js'
import { learntOf, unlearnt, without } from './learning.js'
import { openReader, slotGone } from './opening.js'
import { Reconciler } from './reconciling.js'
import { Report } from './report.js'
import { connect, sourceError, withSource } from './source.js'
import type { Progress, Stored } from './stored.js'
import { Held } from './telling.js'
import { Ended, letGo, Watch } from './watching.js'
import { prepare, type Works } from './works.js'

/** What the metrics show of it. */
export interface Measured {
  readonly name: string
  readonly state: Progress['state']
  /** Seconds between a change and its event, of the last. */
  readonly lag: number
  readonly retained: number
  readonly admitted: number
  readonly skipped: number
}

/** Milliseconds: until somebody else's leading is looked at again; after a failure, at first and at most; while held. */
const ASK = 1_000
const SOON = 500
const LATEST = 5_000
const WHILE_HELD = 30_000
/** Milliseconds between two looks at what waits in the source, and at what is asked of us. */
const WATCH = 5_000
/** Milliseconds that changes are waited for between two pages of a comparison. */
const MOMENT = 5

export class Runner {
  readonly #dependencies: RunnerDependencies
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>
  /** It is stopped, or leads no more. */
  #over: AbortSignal = this.#stopping.signal
  readonly #report: Report
  #stored: Stored
  #watch: Watch
  #leads = false
  #lag = 0
  #failures = 0
  /** Ends the wait for changes, as there is something else to do. */
  #asked = new AbortController()

  constructor(stored: Stored, dependencies: RunnerDependencies) {
    this.#stored = stored
    this.#dependencies = dependencies
    this.#report = new Report(stored, dependencies)
    this.#watch = new Watch(stored, this.#report)
    this.#done = this.#run()
  }

  /** Null while another node leads. */
  measured(): Measured | null {
    if (!this.#leads) return null
    const { state, admitted, skipped } = this.#report.progress
    return { name: this.#stored.name, state, lag: this.#lag, retained: this.#watch.retained, admitted, skipped }
  }

  /** Something may be asked of it. */
  heed(): void {
    this.#asked.abort()
  }

  /** What is under way is finished first. */
  stop(): Promise<void> {
    this.#stopping.abort()
    return this.#done
  }

  async #run(): Promise<void> {
    const { lead } = this.#dependencies
    const { signal } = this.#stopping
    while (!signal.aborted) {
      const led = await lead(`capture.${this.#stored.name}`, (lost) => this.#lead(lost)).catch(() => null)
      if (this.#report.progress.state === 'ended') return
      if (led === null) await sleep(ASK, undefined, { signal }).catch(() => {})
    }
  }

  /** @returns null: there is nothing to lead */
  async #lead(lost: AbortSignal): Promise<true | null> {
    this.#leads = true
    this.#over = AbortSignal.any([this.#stopping.signal, lost])
    try {
      if (!(await this.#isCurrent())) return null
      await this.#capture()
      return true
    } catch (error) {
      if (!this.#over.aborted) await this.#rest(await this.#failed(error))
      return true
    } finally {
      this.#leads = false
    }
  }

  /** Until it is tried again; what waits in the source is looked at all the same. */
  async #rest(milliseconds: number): Promise<void> {
    const signal = this.#over
    for (let left = milliseconds; left > 0 && !signal.aborted; left -= WATCH) {
      await sleep(Math.min(left, WATCH), undefined, { signal }).catch(() => {})
      if (left <= WATCH || signal.aborted) continue
      const { store, egress } = this.#dependencies
      const look = (client: Client) => this.#watch.look(client)
      const ended = await withSource(store.connection(this.#stored), egress, look).catch((error: unknown) =>
        error instanceof Ended ? error : null,
      )
      if (ended) return void (await this.#end(ended))
    }
  }

  /** Another leader may have been further; another mapping is another runner's. */
  async #isCurrent(): Promise<boolean> {
    const { name, revision } = this.#stored
    const stored = await this.#dependencies.store.get(name)
    if (stored?.revision !== revision || !['beginning', 'running'].includes(stored.phase)) return false
    this.#stored = stored
    await this.#report.takeUp()
    return true
  }

  async #capture(): Promise<void> {
    const { store, egress } = this.#dependencies
    const client = await connect(store.connection(this.#stored), egress, 'questions')
    try {
      if (this.#stored.phase === 'beginning') await this.#begin(client)
      await this.#read(await prepare(this.#stored, client, this.#report, this.#dependencies), client)
    } finally {
      await client.end().catch(() => {})
    }
  }

  async #begin(client: Client): Promise<void> {
    const { store } = this.#dependencies
    const works = await prepare(this.#stored, client, this.#report, this.#dependencies)
    await this.#forget(works)
    const admit = (changes: readonly Change[]) => admitted(works, changes)
    await begin(this.#stored, this.#dependencies, { ...works, admit, signal: this.#over })
    await this.#learnt(works)
    this.#stored = { ...this.#stored, phase: 'running' }
    await store.put(this.#stored, 'capture')
  }

  /** Reads and watches until either fails, or it is stopped; what is under way is finished. */
  async #read(works: Works, client: Client): Promise<void> {
    const reader = await openReader(this.#stored, { ...this.#dependencies, read: works.read })
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#over])
    const end = () => over.abort()
    try {
      if (this.#report.progress.state !== 'held') await this.#report.runs()
      const both = [
        this.#follow(reader, works, client, signal).finally(end),
        this.#lookAgain(client, signal).finally(end),
      ]
      const failures = (await Promise.allSettled(both)).flatMap((each) =>
        each.status === 'rejected' ? [each.reason] : [],
      )
      // What was let go while the reader failed of something else is gone all the same.
      const said = failures.filter((failure) => !isAbort(failure))
      if (said.length > 0) throw said.find((failure) => failure instanceof Ended) ?? said[0]
    } finally {
      await reader.close()
    }
  }

  async #follow(reader: Reader, works: Works, client: Client, signal: AbortSignal): Promise<void> {
    const take = async () => (await this.#take(reader, works, AbortSignal.timeout(MOMENT))) ?? []
    const reconciler = this.#reconciler(reader, works, client, signal, take)
    await this.#learn(reconciler, works)
    while (!signal.aborted) {
      this.#asked = new AbortController()
      await reconciler.answer()
      const until = AbortSignal.any([signal, this.#asked.signal])
      while ((await this.#take(reader, works, until)) !== null);
    }
  }

  /** @returns null: `signal` was aborted before there was anything */
  async #take(reader: Reader, works: Works, signal: AbortSignal): Promise<readonly Change[] | null> {
    const batch = await reader.next(signal).catch((error: unknown) => {
      throw slotGone(error)
    })
    if (batch === null) return null
    await works.checkFit()
    await admitted(works, batch.changes)
    await batch.confirm()
    const last = batch.changes.at(-1)
    if (last) this.#lag = Math.max(0, (this.#dependencies.now() - Date.parse(last.time)) / 1_000)
    this.#failures = 0
    await this.#report.runs()
    return batch.changes
  }

  #reconciler(
    reader: Reader,
    works: Works,
    client: Client,
    signal: AbortSignal,
    take: () => Promise<readonly Change[]>,
  ): Reconciler {
    return new Reconciler({ ...works, stored: this.#stored, reader, client, signal, take }, this.#dependencies)
  }

  /** Rows of tables that were not captured before, or otherwise. */
  async #learn(reconciler: Reconciler, works: Works): Promise<void> {
    const fresh = await this.#forget(works)
    if (fresh.length === 0) return
    await reconciler.learn(fresh)
    await this.#learnt(works)
  }

  async #learnt({ keys }: Works): Promise<void> {
    const { name, spec } = this.#stored
    if (spec.reconcile !== false) await this.#dependencies.store.putKnown(name, learntOf(this.#stored, keys), 'capture')
  }

  /** What is known and says nothing any more. @returns the tables whose rows are to be learnt */
  async #forget({ keys }: Works): Promise<readonly string[]> {
    const { store, capturedRows } = this.#dependencies
    const { name } = this.#stored
    const before = await store.known(name)
    const { gone, fresh } = unlearnt(this.#stored, keys, before)
    for (const table of gone) await forgetRows(capturedRows, name, table)
    if (before !== null && gone.length > 0) await store.putKnown(name, without(before, gone), 'capture')
    return fresh
  }

  // ------------------------------------------------------------------------------------------- how it goes

  /** @throws Ended */
  async #lookAgain(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#watch.look(client)
      await this.#report.keep()
      await sleep(WATCH, undefined, { signal }).catch(() => {})
      this.heed()
    }
  }

  async #failed(error: unknown): Promise<number> {
    if (error instanceof Ended) return await this.#end(error)
    if (error instanceof Held) {
      const { code, message, field = null } = error.reason
      const { position, table } = error.change
      await this.#report.put({ state: 'held', code, message: `${message} (${table}, at ${position})`, field })
      return WHILE_HELD
    }
    const known = sourceError(error)
    const [code, field] = isTocsinError(known) ? [known.code, known.field ?? null] : ['internal', null]
    await this.#report.put({ state: 'waiting', code, message: messageOf(known), field })
    this.#failures += 1
    return Math.min(SOON * 2 ** (this.#failures - 1), LATEST)
  }

  /** Not before the source keeps nothing for us any more: until then it is tried again. */
  async #end({ reason: code, message }: Ended): Promise<number> {
    const { store, egress } = this.#dependencies
    try {
      await withSource(store.connection(this.#stored), egress, (client) => letGo(client, this.#stored))
    } catch (error) {
      return this.#failed(error)
    }
    this.#stored = { ...this.#stored, phase: 'ended' }
    await store.put(this.#stored, 'capture')
    await this.#report.put({ state: 'ended', code, message, field: null })
    return 0
  }
}

const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError'

/** In our log, and known. */
async function admitted({ teller, known }: Works, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const whole = await known.completed(changes)
  await teller.tell(whole)
  await known.follow(whole)
}
