/**
 * One connection: its prepared statements, its transaction, and what it remembers between statements.
 * Only one process uses the file, so heads and versions may be remembered; a rollback forgets them.
 */

import { childOf } from '../child-of.js'
import type { HeldLocks } from '../held-locks.js'
import type { TaskKey } from '../port.js'
import type { ResultRow, SubscriptionState, TaskRow, TaskState } from '../rows.js'
import type { SqlRow, SqlValue } from '../sql/row.js'
import type { Shape } from '../sql/shape.js'
import { RESULT } from '../sql/shapes.js'
import { isLocalLane, lets } from '../task-rules.js'
import { TenantTurns } from '../turn-rules.js'
import type { Connection, Statement } from './driver.js'
import { loadStanding } from './load-standing.js'
import { awaitedKey, loadAwaited, loadLocks } from './locks.js'
import { loadRecentKeys, type RecentKeys } from './recent-keys.js'
import type { Standing } from './standing.js'

interface Head {
  readonly head: number
  readonly version: number
}

export interface LaneState {
  readonly active: boolean
  readonly pulled: boolean
}

/** Leases that are never settled must not fill the memory. */
const MOST_LEASES = 100_000

export const leaseKey = ({ tenant, sequence, subscription }: TaskKey): string => `${sequence} ${subscription} ${tenant}`

const PUT_HEAD = `INSERT INTO tenant_heads (tenant, head, version) VALUES (?, ?, ?)
  ON CONFLICT DO UPDATE SET head = excluded.head, version = excluded.version`

const eventKey = ({ tenant, sequence }: Pick<ResultRow, 'tenant' | 'sequence'>): string => `${sequence} ${tenant}`

export class Session {
  readonly #connection: Connection
  readonly #statements = new Map<string, Statement>()
  readonly #heads = new Map<string, Head>()
  readonly #changedHeads = new Set<string>()
  readonly #tallies = new Map<string, Map<string, Map<TaskState, number>>>()
  /**
   * What a settlement asks of a leased task, so that it need not be read. True for as long as task and token are the
   * present ones, which the settlement's own statement tests; so nothing is forgotten at a rollback.
   */
  readonly #leases = new Map<string, TaskRow>()
  #locks: HeldLocks | null = null
  /** How tasks stand to each other. */
  standing: Standing
  /** Keys of events that are not in their table yet. */
  keys: RecentKeys
  /** Rows in `slices`; null: not counted. Seldom are there any. */
  #slices: number | null = null
  /** Rolled back: what is remembered is not what is written. Between two transactions it is read again, never within one. */
  #stale = false
  /** Resources whose locks somebody waits for, and perhaps some more. */
  #awaited: Set<string> | null = null
  /** Events received before this have no ended task left that retention would take. */
  sweptTo = 0
  /** Events of which some processor told several results. */
  readonly #several = new Set<string>()
  /** Too many to remember: any may be one. */
  #anySeveral = false
  /** Statements run so far: how much may have been written. */
  runs = 0
  /** What each contended lane owes its tasks above NORMAL; worth nothing after a restart, so never written. */
  readonly credits = new Map<string, number>()
  readonly turns = new TenantTurns()

  constructor(connection: Connection) {
    this.#connection = connection
    this.standing = loadStanding(this)
    this.keys = loadRecentKeys(this)
  }

  run(sql: string, ...values: SqlValue[]): number {
    this.runs += 1
    return Number(this.#statement(sql).run(...values).changes)
  }

  insert<Row>(shape: Shape<Row>, row: Row, ...extra: SqlValue[]): void {
    this.runs += 1
    // `get` steps it to its end as `run` does, without an object that says what it changed: half a microsecond.
    this.#statement(shape.statement(row)).get(...shape.values(row, extra))
  }

  get(sql: string, ...values: SqlValue[]): SqlRow | undefined {
    return this.#statement(sql).get(...values) as SqlRow | undefined
  }

  all(sql: string, ...values: SqlValue[]): readonly SqlRow[] {
    return this.#statement(sql).all(...values) as SqlRow[]
  }

  /** A change that answers the rows it made. */
  change(sql: string, ...values: SqlValue[]): readonly SqlRow[] {
    const rows = this.all(sql, ...values)
    this.runs += rows.length
    return rows
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql)
    if (known !== undefined) return known
    const statement = this.#connection.prepare(sql)
    statement.setReturnArrays(true)
    this.#statements.set(sql, statement)
    return statement
  }

  // ------------------------------------------------------------------------------------------ transaction

  begin(): void {
    this.refresh()
    this.run('BEGIN IMMEDIATE')
  }

  /** What was counted is written with it, once a transaction however many tasks it moved. */
  commit(): void {
    this.#writeHeads()
    this.writeTallies()
    this.run('COMMIT')
  }

  rollback(): void {
    this.#heads.clear()
    this.#changedHeads.clear()
    this.#tallies.clear()
    this.#locks = null
    this.#stale = true
    this.#awaited = null
    this.#slices = null
    this.sweptTo = 0
    try {
      this.run('ROLLBACK')
    } catch {
      // SQLite rolls back by itself after some errors; then there is nothing left to roll back.
    }
  }

  /** Before a transaction, and before what is read without one. */
  refresh(): void {
    if (!this.#stale) return
    this.standing = loadStanding(this)
    this.keys = loadRecentKeys(this)
    this.#stale = false
  }

  close(): void {
    this.#statements.clear()
    this.#connection.close()
  }

  // ------------------------------------------------------------------------------------------ heads

  head(tenant: string): Head {
    const known = this.#heads.get(tenant)
    if (known !== undefined) return known
    const row = this.get('SELECT head, version FROM tenant_heads WHERE tenant = ?', tenant)
    const head = { head: Number(row?.[0] ?? 0), version: Number(row?.[1] ?? 0) }
    this.#heads.set(tenant, head)
    return head
  }

  nextSequence(tenant: string): number {
    const { head, version } = this.head(tenant)
    this.#heads.set(tenant, { head: head + 1, version })
    this.#changedHeads.add(tenant)
    return head + 1
  }

  raiseVersion(tenant: string): void {
    const { head, version } = this.head(tenant)
    this.#heads.set(tenant, { head, version: version + 1 })
    this.#changedHeads.add(tenant)
  }

  #writeHeads(): void {
    for (const tenant of this.#changedHeads) {
      const { head, version } = this.head(tenant)
      this.run(PUT_HEAD, tenant, head, version)
    }
    this.#changedHeads.clear()
  }

  // ------------------------------------------------------------------------------------------ counts

  /** So many tasks of a lane are in that state more, or fewer. */
  tally(tenant: string, subscription: string, state: TaskState, change: number): void {
    const lanes = childOf(this.#tallies, tenant, () => new Map<string, Map<TaskState, number>>())
    const states = childOf(lanes, subscription, () => new Map<TaskState, number>())
    states.set(state, (states.get(state) ?? 0) + change)
  }

  writeTallies(): void {
    for (const [tenant, lanes] of this.#tallies)
      for (const [subscription, states] of lanes)
        for (const [state, change] of states) if (change !== 0) this.#writeTally(tenant, subscription, state, change)
    this.#tallies.clear()
  }

  #writeTally(tenant: string, subscription: string, state: TaskState, change: number): void {
    this.run(
      `INSERT INTO task_counts (tenant, subscription, state, count) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count`,
      tenant,
      subscription,
      state,
      change,
    )
  }

  // ------------------------------------------------------------------------------------------ leases

  rememberLease(task: TaskRow): void {
    if (this.#leases.size >= MOST_LEASES) this.#leases.clear()
    this.#leases.set(leaseKey(task), task)
  }

  /** Answers the task as it was leased by this token, once. */
  recallLease(key: TaskKey, token: number): TaskRow | undefined {
    const name = leaseKey(key)
    const task = this.#leases.get(name)
    if (task?.token !== token) return undefined
    this.#leases.delete(name)
    return task
  }

  // ------------------------------------------------------------------------------------------ locks

  /** What leased tasks hold; read from them when it is first needed and after a rollback. */
  get locks(): HeldLocks {
    this.#locks ??= loadLocks(this)
    return this.#locks
  }

  get #awaiting(): Set<string> {
    this.#awaited ??= loadAwaited(this)
    return this.#awaited
  }

  /** To be told of each task that is written. */
  awaits({ tenant, blockedBy }: Pick<TaskRow, 'tenant' | 'blockedBy'>): void {
    if (blockedBy !== null) this.#awaiting.add(awaitedKey(tenant, blockedBy))
  }

  /** False: nobody waits for its lock, so that nobody need be looked for. */
  isAwaited(tenant: string, resource: string): boolean {
    return this.#awaiting.has(awaitedKey(tenant, resource))
  }

  /** Nobody was found. */
  unawaited(tenant: string, resource: string): void {
    this.#awaiting.delete(awaitedKey(tenant, resource))
  }

  // ------------------------------------------------------------------------------------------ results

  addResult(result: ResultRow): void {
    this.insert(RESULT, result)
    if (result.number === 0) return
    if (this.#several.size < MOST_LEASES) this.#several.add(eventKey(result))
    else this.#anySeveral = true
  }

  /** Whether there may be more results of a processor than are about to be written. */
  hasSeveral(event: Pick<ResultRow, 'tenant' | 'sequence'>): boolean {
    return this.#anySeveral || this.#several.has(eventKey(event))
  }

  // ------------------------------------------------------------------------------------------ slices

  get slices(): number {
    this.#slices ??= Number(this.get('SELECT COUNT(*) FROM slices')?.[0])
    return this.#slices
  }

  set slices(count: number) {
    this.#slices = count
  }

  // ------------------------------------------------------------------------------------------ lanes

  lane(tenant: string, subscription: string): LaneState {
    if (isLocalLane(subscription)) return { active: true, pulled: false }
    const row = this.get('SELECT state, pulled FROM subscriptions WHERE tenant = ? AND id = ?', tenant, subscription)
    if (row === undefined) return { active: false, pulled: false }
    return { active: lets(row[0] as SubscriptionState), pulled: row[1] === 1 }
  }
}
