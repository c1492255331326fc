/**
 * One capture at work in this process: it waits until it leads, reads the source and publishes, and begins again after whatever
 * broke. Confirmed is only what is in our log; what is read again after a failure is there already, under the same ids.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Principal } from '../../access/principal.js'
import { InvalidInput, isTocsinError, messageOf, type TocsinError } from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import type { Change, Reader } from './change.js'
import { askBacklog, type Backlog } from './measure.js'
import { OutboxReader } from './outbox.js'
import { askPresent } from './plan.js'
import { lettingGo } from './removal.js'
import { RowReader, type SchemaChange } from './row-reader.js'
import { compileRules, type Expressions } from './rule.js'
import { asInserts, atNewSlot, atOutbox, rowsOf } from './snapshot.js'
import { codeOf, connect, type Egress, sourceError, withSource } from './source.js'
import { type CaptureStore, objectOf, type Progress, type Stored, sourceOf } from './stored.js'
import { openStream } from './stream.js'
import { askTables, keysOf, misfits } from './tables.js'

export interface RunnerDependencies {
  readonly store: CaptureStore
  readonly egress: Egress
  readonly expressions: Expressions
  readonly node: string
  /** In the order given; see `Publisher.publishInOrder`. */
  publish(
    events: readonly EventInput[],
    caller: Principal,
  ): Promise<{ readonly taken: number; readonly refused: TocsinError | null }>
  lead<Result>(name: string, work: () => Promise<Result>): Promise<Result | null>
  /** An event for operators. */
  tell(tenant: string, event: EventInput): void
  /** What the process should say of it, once. */
  log(fields: object, message: string): void
  now(): number
  newIncarnation(): string
}

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

const MEBIBYTE = 1_048_576
/** Milliseconds: until somebody else's leading is looked at again; after a failure, at first and at most; while held. */
const ASK = 1_000
const SOON = 500
const LATEST = 5_000
const WHILE_HELD = 30_000
/** Milliseconds between two looks at what waits in the source, and two words about how it goes. */
const WATCH = 5_000
const REPORT = 10_000
const MOST_SCHEMA_CHANGES = 20

/** It waits before a change that cannot become an event. */
class Held extends Error {
  readonly reason: TocsinError
  readonly change: Change

  constructor(reason: TocsinError, change: Change) {
    super(reason.message)
    this.reason = reason
    this.change = change
  }
}

/** What was kept for it is gone, or must go. */
class Ended extends Error {
  readonly reason: string

  constructor(reason: string, message: string) {
    super(message)
    this.reason = reason
  }
}

export class Runner {
  readonly #dependencies: RunnerDependencies
  readonly #stopping = new AbortController()
  readonly #done: Promise<void>
  #stored: Stored
  #leads = false
  #progress: Progress
  #reported = 0
  #lag = 0
  #backlog: Backlog | null = null
  #warned = false
  #failures = 0

  constructor(stored: Stored, dependencies: RunnerDependencies) {
    this.#stored = stored
    this.#dependencies = dependencies
    const { node } = dependencies
    const at = dependencies.now()
    this.#progress = { ...NOTHING, at, node, state: 'waiting' }
    this.#done = this.#run()
  }

  /** Null while another node leads. */
  measured(): Measured | null {
    if (!this.#leads) return null
    const { state, admitted, skipped } = this.#progress
    const retained = this.#backlog?.retained ?? 0
    return { name: this.#stored.name, state, lag: this.#lag, retained, admitted, skipped }
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
      const led = await lead(`capture.${this.#stored.name}`, () => this.#lead()).catch(() => null)
      if (this.#progress.state === 'ended') return
      if (led === null) await sleep(ASK, undefined, { signal }).catch(() => {})
    }
  }

  /** @returns null: there is nothing to lead */
  async #lead(): Promise<true | null> {
    this.#leads = true
    try {
      if (!(await this.#isCurrent())) return null
      await this.#capture()
      return true
    } catch (error) {
      if (!this.#stopping.signal.aborted) await this.#rest(await this.#failed(error))
      return true
    } finally {
      this.#leads = false
    }
  }

  /** Until it is tried again; what waits in the source is looked at all the same. */
  async #rest(milliseconds: number): Promise<void> {
    const { signal } = this.#stopping
    for (let left = milliseconds; left > 0 && !signal.aborted; left -= WATCH) {
      await sleep(Math.min(left, WATCH), undefined, { signal }).catch(() => {})
      if (left <= WATCH || signal.aborted) continue
      const { store, egress } = this.#dependencies
      const ended = await withSource(store.connection(this.#stored), egress, (client) => this.#look(client)).catch(
        (error: unknown) => (error instanceof Ended ? error : null),
      )
      if (ended) return void (await this.#end(ended))
    }
  }

  /** Another leader may have been further; another mapping is another runner's. */
  async #isCurrent(): Promise<boolean> {
    const { store } = this.#dependencies
    const { name, revision } = this.#stored
    const stored = await store.get(name)
    if (stored?.revision !== revision || !['beginning', 'running'].includes(stored.phase)) return false
    this.#stored = stored
    this.#progress = { ...this.#progress, ...kept(await store.progress(name)) }
    return true
  }

  async #capture(): Promise<void> {
    const { store, egress } = this.#dependencies
    const connection = store.connection(this.#stored)
    const client = await connect(connection, egress, 'questions')
    try {
      const works = await this.#prepare(client)
      if (this.#stored.phase === 'beginning') await this.#begin(works)
      await this.#read(works, client)
    } finally {
      await client.end().catch(() => {})
    }
  }

  /** Reads and watches until either fails, or it is stopped; what is under way is finished. */
  async #read(works: Works, client: Client): Promise<void> {
    const reader = await this.#reader(works)
    const over = new AbortController()
    const signal = AbortSignal.any([over.signal, this.#stopping.signal])
    const end = () => over.abort()
    try {
      if (this.#progress.state !== 'held') await this.#report(RUNNING)
      const both = [this.#follow(reader, works.make, signal).finally(end), this.#watch(client, signal).finally(end)]
      const failures = (await Promise.allSettled(both)).flatMap((each) =>
        each.status === 'rejected' ? [each.reason] : [],
      )
      // What was let go while the reader failed of something else is gone all the same.
      if (failures.length > 0) throw failures.find((failure) => failure instanceof Ended) ?? failures[0]
    } finally {
      await reader.close()
    }
  }

  async #prepare(client: Client): Promise<Works> {
    const { spec, incarnation } = this.#stored
    const types = await askTables(client, Object.keys(spec.tables))
    const [misfit] = misfits(spec, types)
    if (misfit) throw misfit
    const { default: pg } = await import('pg')
    const arrayOf = pg.types.getTypeParser(TEXT_ARRAY as Parameters<typeof pg.types.getTypeParser>[0]) as (
      text: string,
    ) => unknown
    const keys = keysOf(spec, types)
    const changed = (change: SchemaChange) => this.#schemaChanged(change)
    const read = new RowReader({ types, tables: spec.tables, keys, arrayOf, changed })
    const make = compileRules(
      { source: sourceOf(this.#stored), tables: spec.tables, keys },
      this.#dependencies.expressions,
    )
    return { read, make, incarnation }
  }

  async #reader({ read, incarnation }: Works): Promise<Reader> {
    const { store, egress } = this.#dependencies
    const connection = store.connection(this.#stored)
    const object = objectOf(this.#stored)
    if (this.#stored.method === 'triggers')
      return new OutboxReader(await connect(connection, egress, 'reading'), object, { incarnation, read })
    const client = await connect(connection, egress, 'replication')
    const { PgoutputPlugin } = await import('pg-logical-replication')
    const plugin = new PgoutputPlugin({ protoVersion: 1, publicationNames: [object] })
    try {
      return await openStream(client, (data) => plugin.parse(data), { slot: object, incarnation, read })
    } catch (error) {
      await client.end().catch(() => {})
      throw slotGone(error)
    }
  }

  async #follow(reader: Reader, make: Works['make'], signal: AbortSignal): Promise<void> {
    for (;;) {
      const batch = await reader.next(signal).catch((error: unknown) => {
        throw slotGone(error)
      })
      if (batch === null) return
      if (batch.changes.length > 0) await this.#admit(batch.changes, make)
      await batch.confirm()
      const last = batch.changes.at(-1)
      if (last) this.#lag = Math.max(0, (this.#dependencies.now() - Date.parse(last.time)) / 1_000)
      this.#failures = 0
      const isNews = this.#progress.state !== 'running' || this.#dependencies.now() - this.#reported >= REPORT
      if (isNews) await this.#report(RUNNING)
    }
  }

  /** @throws Held before the first change that cannot be told, unless such are passed over */
  async #admit(changes: readonly Change[], make: Works['make']): Promise<void> {
    const caller = this.#caller()
    let made: { readonly event: EventInput; readonly change: Change }[] = []
    const flush = async () => {
      const events = made
      made = []
      await this.#publish(events, caller)
    }
    for (const change of changes) {
      try {
        made.push(...this.#eventsOf(change, make).map((event) => ({ event, change })))
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error
        await flush()
        this.#refuse(error, change)
      }
    }
    await flush()
  }

  #eventsOf(change: Change, make: Works['make']): readonly EventInput[] {
    const { spec, former } = this.#stored
    if (change.table in spec.tables) return make(change)
    if (former.includes(change.table)) return []
    // Another node has just applied a mapping that has it; this one hears of it in a moment.
    throw new TypeError(`${change.table} is captured, and the mapping does not have it.`)
  }

  async #publish(all: readonly { readonly event: EventInput; readonly change: Change }[], caller: Principal) {
    let left = all
    while (left.length > 0) {
      const { taken, refused } = await this.#dependencies.publish(
        left.map(({ event }) => event),
        caller,
      )
      this.#progress = { ...this.#progress, admitted: this.#progress.admitted + taken }
      const [first, ...others] = left.slice(taken)
      if (refused === null || first === undefined) return
      this.#refuse(refused, first.change)
      left = others
    }
  }

  #refuse(error: TocsinError, change: Change): void {
    if (this.#stored.spec.refused !== 'skip') throw new Held(error, change)
    this.#progress = { ...this.#progress, skipped: this.#progress.skipped + 1 }
    const { name } = this.#stored
    this.#dependencies.log(
      { capture: name, position: change.position, table: change.table, code: error.code, field: error.field },
      'a change was passed over',
    )
  }

  #caller(): Principal {
    const { name, tenant } = this.#stored
    return { id: `capture:${name}`, name, tenant, roles: ['publisher'], scopes: [], resource: null }
  }

  // ------------------------------------------------------------------------------------------- the beginning

  /** An interrupted one is not gone on with: under other ids all of it is told anew. */
  async #begin({ read, make }: Works): Promise<void> {
    const { store, egress, newIncarnation, now } = this.#dependencies
    const incarnation = newIncarnation()
    this.#stored = { ...this.#stored, incarnation, begunAt: now() }
    const connection = store.connection(this.#stored)
    const object = objectOf(this.#stored)
    const logical = this.#stored.method === 'logical'
    const replication = logical ? await connect(connection, egress, 'replication') : null
    const client = await connect(connection, egress, 'reading')
    try {
      if (replication) await atNewSlot(replication, client, object)
      else await atOutbox(client, object)
      await this.#tellRows(client, read, make)
      await client.query('COMMIT')
    } finally {
      await client.end().catch(() => {})
      await replication?.end().catch(() => {})
    }
    this.#stored = { ...this.#stored, phase: 'running' }
    await store.put(this.#stored, 'capture')
  }

  async #tellRows(client: Client, read: RowReader, make: Works['make']): Promise<void> {
    const { incarnation, spec } = this.#stored
    const time = new Date(this.#dependencies.now()).toISOString()
    let first = 0
    for (const table of Object.keys(spec.tables)) {
      for await (const found of rowsOf(client, table, read)) {
        this.#stopping.signal.throwIfAborted()
        await this.#admit(asInserts(table, found, { incarnation, first, time }), make)
        first += found.length
      }
    }
  }

  // ------------------------------------------------------------------------------------------- how it goes

  /** @throws Ended */
  async #watch(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(client)
      await sleep(WATCH, undefined, { signal }).catch(() => {})
    }
  }

  /** @throws Ended */
  async #look(client: Client): Promise<void> {
    this.#backlog = await askBacklog(client, objectOf(this.#stored), this.#stored.method)
    const { present, retained } = this.#backlog
    const { retain: { warn = 1024, stop } = {} } = this.#stored.spec
    if (!present) throw new Ended('slot_lost', 'What the source kept for us is gone there.')
    const size = Math.ceil(retained / MEBIBYTE)
    if (stop !== undefined && size >= stop) {
      await this.#letGo(client)
      throw new Ended('retained', `The source kept ${size} MiB for us, and ${stop} were allowed.`)
    }
    if (size >= warn && !this.#warned) this.#say('tocsin.capture.lagging', { retained, limit: warn * MEBIBYTE })
    this.#warned = size >= warn
  }

  /** So that the source's disk does not fill: from here on changes are lost, and `reconcile` finds them. */
  async #letGo(client: Client): Promise<void> {
    const { name } = this.#stored
    for (const { sql } of lettingGo(name, await askPresent(client, name))) await client.query(sql)
  }

  #schemaChanged(change: SchemaChange): void {
    const at = this.#dependencies.now()
    const schema = [...this.#progress.schema, { ...change, at }].slice(-MOST_SCHEMA_CHANGES)
    this.#progress = { ...this.#progress, schema }
    this.#reported = 0
    this.#say('tocsin.capture.schema-changed', { ...change })
  }

  async #failed(error: unknown): Promise<number> {
    if (error instanceof Ended) return await this.#end(error)
    if (error instanceof Held) {
      const { code, message, field = null } = error.reason
      const { position, table } = error.change
      await this.#report({ state: 'held', code, message: `${message} (${table}, at ${position})`, field })
      return WHILE_HELD
    }
    const known = sourceError(error)
    const [code, field] = isTocsinError(known) ? [known.code, known.field ?? null] : ['internal', null]
    await this.#report({ state: 'waiting', code, message: messageOf(known), field })
    this.#failures += 1
    return Math.min(SOON * 2 ** (this.#failures - 1), LATEST)
  }

  async #end({ reason: code, message }: Ended): Promise<number> {
    this.#stored = { ...this.#stored, phase: 'ended' }
    await this.#dependencies.store.put(this.#stored, 'capture')
    await this.#report({ state: 'ended', code, message, field: null })
    return 0
  }

  async #report(news: Partial<Progress>): Promise<void> {
    const { store, now } = this.#dependencies
    const before = this.#progress
    this.#reported = now()
    this.#progress = { ...before, ...news, at: this.#reported, node: this.#dependencies.node }
    const { state, code, message } = this.#progress
    const isNew = before.state !== state || before.code !== code
    if (isNew && state === 'held') this.#say('tocsin.capture.held', { code, message })
    if (isNew && state === 'ended') this.#say('tocsin.capture.ended', { code, message })
    if (isNew) this.#dependencies.log({ capture: this.#stored.name, state, code, message }, 'capture')
    await store.putProgress(this.#stored.name, this.#progress).catch(() => {})
  }

  #say(type: string, data: object): void {
    const { name, tenant } = this.#stored
    this.#dependencies.tell(tenant, { type, source: '/tocsin', subject: name, data: { capture: name, ...data } })
  }
}

/** What a change becomes an event with. */
interface Works {
  readonly read: RowReader
  readonly incarnation: string
  make(change: Change): readonly EventInput[]
}

const NOTHING = { code: null, message: null, field: null, admitted: 0, skipped: 0, schema: [] }
const RUNNING = { state: 'running', code: null, message: null, field: null } as const

/** What another leader counted before. */
const kept = (progress: Progress | null): Partial<Progress> => {
  if (progress === null) return {}
  const { state, code, admitted, skipped, schema } = progress
  return { state, code, admitted, skipped, schema }
}

/** `text[]` */
const TEXT_ARRAY = 1009

/** SQLSTATE undefined_object, and object_not_in_prerequisite_state: the slot is not there, or its log is not. */
const slotGone = (error: unknown): unknown =>
  ['42704', '55000'].includes(codeOf(error)) ? new Ended('slot_lost', `The slot is gone: ${messageOf(error)}`) : error
