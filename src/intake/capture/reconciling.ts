/**
 * The leader's look at the source for what was missed, and for the rows that are there when a capture begins.
 *
 * 1. What waits in the source is told first. Then a snapshot of it is opened, and a mark is set behind it.
 * 2. Until the mark is confirmed changes are told as ever: all that the snapshot sees is in our log then.
 * 3. The rows of the snapshot are held against those known, page by page; between pages changes are told as ever. Rows that
 *    changed since the snapshot are passed by.
 */
import type { Client } from 'pg'
import { isTocsinError, messageOf } from '../../errors.js'
import type { Change, Reader } from './change.js'
import type { RunnerDependencies } from './dependencies.js'
import type { KnownRows } from './known-rows.js'
import { setMark } from './mark.js'
import { type Comparison, missedIn, namedRows, type Page, Touched } from './missed.js'
import type { RowReader } from './row-reader.js'
import { writingOf } from './snapshot.js'
import { connect, sourceError } from './source.js'
import { type Counts, objectOf, type Reconciliation, type Stored } from './stored.js'
import { Held, type Teller } from './telling.js'

export interface ReconcileOptions {
  readonly stored: Stored
  readonly read: RowReader
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly known: KnownRows
  readonly teller: Teller
  readonly reader: Reader
  /** For questions. */
  readonly client: Client
  readonly signal: AbortSignal
  /** Tells changes as ever. @returns those it took, none: there was nothing for a moment */
  take(): Promise<readonly Change[]>
}

/** Milliseconds of comparing without a look at what changes meanwhile. */
const TURN = 50
/** Milliseconds of telling what changes before there is comparing again: the source keeps what the snapshot sees until its end. */
const MOST = 200

const NONE: Counts = { rows: 0, inserts: 0, updates: 0, deletes: 0, events: 0 }

export class Reconciler {
  readonly #options: ReconcileOptions
  readonly #dependencies: Pick<RunnerDependencies, 'store' | 'egress' | 'now'>

  constructor(options: ReconcileOptions, dependencies: Pick<RunnerDependencies, 'store' | 'egress' | 'now'>) {
    this.#options = options
    this.#dependencies = dependencies
  }

  /** Rows that are there become known, and are not told. */
  learn(tables: readonly string[]): Promise<void> {
    return this.#inSnapshot('', async (comparison) => {
      const { known } = comparison
      for (const table of tables) {
        for await (const page of namedRows(comparison, table)) {
          await known.learn(
            table,
            page.filter(({ id }) => !comparison.touched.has(table, id)),
          )
          await this.#turn(comparison.touched)
        }
      }
    })
  }

  /** What was asked for, unless it is done already; goes on with what another leader began, under the same ids. */
  async answer(): Promise<void> {
    const { store } = this.#dependencies
    const asked = await store.reconciliation(this.#options.stored.name)
    if (asked === null || !['waiting', 'running'].includes(asked.state)) return
    await this.#put({ ...asked, state: 'running' })
    try {
      const counts = await this.#reconcile(asked)
      await this.#put({ ...asked, state: 'done', counts, endedAt: this.#dependencies.now() })
    } catch (error) {
      this.#options.signal.throwIfAborted()
      await this.#put({ ...asked, state: 'failed', ...reasonOf(error), endedAt: this.#dependencies.now() })
    }
  }

  async #reconcile({ id, tables, dryRun }: Reconciliation): Promise<Readonly<Record<string, Counts>>> {
    const { keys } = this.#options
    const counts: Record<string, Counts> = {}
    await this.#inSnapshot(id, async (comparison) => {
      for (const table of tables) {
        let counted = NONE
        for await (const page of missedIn(comparison, table, keys.get(table) ?? [])) {
          const events = dryRun ? this.#wouldTell(page.missed) : await this.#tell(page.missed)
          counted = added(counted, page, events)
          await this.#turn(comparison.touched)
        }
        counts[table] = counted
      }
    })
    return counts
  }

  /** What was told before one that cannot be told stays known. */
  async #tell(missed: readonly Change[]): Promise<number> {
    const { teller, known } = this.#options
    try {
      const told = await teller.tell(missed)
      await known.follow(missed)
      return told
    } catch (error) {
      if (error instanceof Held) await known.follow(missed.slice(0, missed.indexOf(error.change)))
      throw error
    }
  }

  #wouldTell(missed: readonly Change[]): number {
    return missed.flatMap((change) => this.#options.teller.eventsOf(change)).length
  }

  async #inSnapshot(run: string, work: (comparison: Comparison) => Promise<void>): Promise<void> {
    const { stored, read, known } = this.#options
    const { store, egress, now } = this.#dependencies
    const touched = new Touched()
    await this.#passMark()
    const client = await connect(store.connection(stored), egress, 'reading')
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
      await client.query('SELECT 1')
      await this.#passMark(touched)
      const time = new Date(now()).toISOString()
      await work({
        client,
        read,
        writing: writingOf(stored.method),
        known,
        touched,
        marked: 'reconciled',
        run: `${stored.incarnation}.reconcile.${run}`,
        time,
      })
    } finally {
      await client.end().catch(() => {})
    }
  }

  async #passMark(touched?: Touched): Promise<void> {
    const { client, stored } = this.#options
    const isPassed = await setMark(client, objectOf(stored), stored.method)
    while (!(await isPassed())) await this.#take(touched)
  }

  #last = 0

  /** Changes do not wait until all is compared, nor does comparing until nothing changes. */
  async #turn(touched: Touched): Promise<void> {
    if (performance.now() - this.#last < TURN) return
    const end = performance.now() + MOST
    while ((await this.#take(touched)) > 0 && performance.now() < end);
    this.#last = performance.now()
  }

  async #take(touched?: Touched): Promise<number> {
    const { take, known, signal } = this.#options
    signal.throwIfAborted()
    const changes = await take()
    touched?.add(changes, known)
    return changes.length
  }

  #put(reconciliation: Reconciliation): Promise<void> {
    return this.#dependencies.store.putReconciliation(this.#options.stored.name, reconciliation, 'capture')
  }
}

const added = (counted: Counts, { rows, missed }: Page, events: number): Counts => {
  const of = (operation: Change['operation']) => missed.filter((change) => change.operation === operation).length
  return {
    rows: counted.rows + rows,
    inserts: counted.inserts + of('insert'),
    updates: counted.updates + of('update'),
    deletes: counted.deletes + of('delete'),
    events: counted.events + events,
  }
}

function reasonOf(error: unknown): Pick<Reconciliation, 'code' | 'message' | 'field'> {
  if (error instanceof Held) {
    const { code, message, field = null } = error.reason
    return { code, message: `${message} (${error.change.table}, ${error.change.operation})`, field }
  }
  const known = sourceError(error)
  const [code, field] = isTocsinError(known) ? [known.code, known.field ?? null] : ['internal', null]
  return { code, message: messageOf(known), field }
}
