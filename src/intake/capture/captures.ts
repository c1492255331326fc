/**
 * The captures of an instance: planned, applied, checked, watched and removed. They belong to its operators.
 */
import { type Principal, requireScope } from '../../access/principal.js'
import type { Sealer } from '../../access/sealer.js'
import { Conflict, NotFound } from '../../errors.js'
import { Mutex } from '../../mutex.js'
import { changedIdentities, checkApply, execute, formerTables, look, type Seen } from './applying.js'
import type { RunnerDependencies } from './dependencies.js'
import { forgetRows } from './known-rows.js'
import type { CaptureSpec } from './mapping.js'
import { askPresent, type Plan, type Statement, slotStatement } from './plan.js'
import { type Finding, left, probeReader, probeTables, slotLimit } from './probe.js'
import { type KnownTypes, readMapping, readName } from './read-mapping.js'
import { type ReconcileInput, readReconcile } from './read-reconcile.js'
import { removalOf } from './removal.js'
import { type Measured, Runner } from './runner.js'
import { withSource } from './source.js'
import { CaptureStore, objectOf, type Reconciliation, type Settings, type Stored } from './stored.js'
import { type CaptureView, type ReconciliationView, reconciliationView, viewOf } from './view.js'

export interface CapturesDependencies extends Omit<RunnerDependencies, 'store'> {
  readonly settings: Settings
  readonly sealer: Sealer
  readonly types: KnownTypes
  openTypes(tenant: string): boolean | Promise<boolean>
  audit(entry: {
    readonly tenant: string
    readonly at: number
    readonly actor: string
    readonly action: string
    readonly object: string
    readonly detail: Readonly<Record<string, unknown>>
  }): Promise<void>
  failed(error: unknown): void
}

interface RemoveOptions {
  readonly forget?: boolean | undefined
  readonly rows?: boolean | undefined
}

/** What a check found: all of it passed, or not. */
export interface Check {
  readonly passed: boolean
  readonly findings: readonly Finding[]
}

export class Captures {
  readonly #dependencies: CapturesDependencies
  readonly #store: CaptureStore
  readonly #runners = new Map<string, { readonly life: string; readonly runner: Runner }>()
  /** Changes take turns. */
  readonly #turns = new Mutex()
  #closed = false

  constructor(dependencies: CapturesDependencies) {
    this.#dependencies = dependencies
    this.#store = new CaptureStore(dependencies.settings, dependencies.sealer, dependencies.now)
  }

  /** Begins what is to run, and ends what is not any more: also what another node applied or removed. */
  load(): Promise<void> {
    return this.#turns.run(() => this.#load())
  }

  async #load(): Promise<void> {
    if (this.#closed) return
    const wanted = new Map((await this.#store.list()).map((stored) => [stored.name, stored]))
    for (const [name, { life, runner }] of this.#runners) {
      const stored = wanted.get(name)
      if (stored && lifeOf(stored) === life) {
        runner.heed()
        continue
      }
      this.#runners.delete(name)
      await runner.stop()
    }
    for (const stored of wanted.values()) {
      if (this.#runners.has(stored.name) || !isAlive(stored)) continue
      const runner = new Runner(stored, { ...this.#dependencies, store: this.#store })
      this.#runners.set(stored.name, { life: lifeOf(stored), runner })
    }
  }

  /** What `apply` would do, without doing any of it. @throws InvalidInput, Unavailable */
  async plan(caller: Principal, name: string, input: unknown): Promise<Plan> {
    requireScope(caller, 'tenants:write')
    const { spec } = await this.#read(caller, name, input)
    const { plan } = await this.#see(readName(name), spec)
    return plan
  }

  /**
   * Makes the source ready, and begins; once more with another mapping, goes on with that. One that ended begins anew.
   * @throws InvalidInput, Unavailable, Conflict `wrong_state`
   */
  apply(caller: Principal, name: string, input: unknown): Promise<CaptureView> {
    requireScope(caller, 'tenants:write')
    return this.#turns.run(async () => {
      const { spec, before } = await this.#read(caller, name, input)
      const { present, tables, plan } = await this.#see(name, spec)
      const goesOn = before?.phase === 'running' || before?.phase === 'beginning'
      checkApply(spec, before, present, plan)
      const identities = { ...before?.identities, ...changedIdentities(before, plan, tables) }
      const stored: Stored = {
        ...{ name, tenant: caller.tenant, method: plan.method, identities },
        ...this.#store.sealed(name, caller.tenant, spec),
        incarnation: goesOn ? before.incarnation : this.#dependencies.newIncarnation(),
        phase: goesOn ? before.phase : spec.snapshot ? 'beginning' : 'running',
        former: formerTables(spec, before),
        begunAt: goesOn ? before.begunAt : this.#dependencies.now(),
        revision: (before?.revision ?? 0) + 1,
      }
      // What it leaves in the source is known before it is there.
      await this.#store.put(goesOn ? stored : { ...stored, phase: 'ended' }, caller.id)
      await this.#execute(stored, spec, plan).catch(async (error: unknown) => {
        await (before ? this.#store.put(before, caller.id) : this.#store.remove(name, caller.id))
        throw error
      })
      if (!goesOn) {
        await this.#store.forgetProgress(name)
        // All rows are told then.
        if (stored.phase === 'beginning') await this.#forgetRows(stored, caller)
        await this.#store.put(stored, caller.id)
      }
      await this.#audit(caller, 'capture.apply', stored, { method: plan.method, tables: Object.keys(spec.tables) })
      await this.#load()
      return this.#view(stored)
    })
  }

  #execute(stored: Stored, { connection }: CaptureSpec, plan: Plan): Promise<void> {
    // The beginning makes the slot itself, to see what is there at that very point.
    const except = stored.phase === 'beginning' ? slotStatement(objectOf(stored)).sql : null
    return withSource(connection, this.#dependencies.egress, (client) => execute(client, plan, except))
  }

  /** @throws NotFound, Unavailable */
  async check(caller: Principal, name: string): Promise<Check> {
    requireScope(caller, 'tenants:write')
    const stored = await this.#own(caller, name)
    const connection = this.#store.connection(stored)
    const spec = { ...stored.spec, connection, method: stored.method }
    const object = objectOf(stored)
    return withSource(connection, this.#dependencies.egress, async (client) => {
      const seen = await look(client, name, spec)
      const objects = left(seen.plan)
      const findings = [
        objects,
        ...(stored.method === 'logical' ? [slotLimit(seen.server)] : []),
        ...(objects.passed ? await probeTables(client, spec, object, stored.method) : []),
        ...(objects.passed ? [await probeReader(client, object, stored.method)] : []),
      ]
      return { passed: findings.every(({ passed }) => passed), findings }
    })
  }

  /** All of the tenant, by name. */
  async list(caller: Principal): Promise<readonly CaptureView[]> {
    requireScope(caller, 'tenants:read')
    const all = (await this.#store.list()).filter(({ tenant }) => tenant === caller.tenant)
    return Promise.all(all.map((stored) => this.#view(stored)))
  }

  /** @throws NotFound */
  async get(caller: Principal, name: string): Promise<CaptureView> {
    requireScope(caller, 'tenants:read')
    return this.#view(await this.#own(caller, name))
  }

  /**
   * Takes everything of ours out of the source, and forgets the capture; its events stay, and what is known of its rows: so a later
   * capture of this name can find what was missed meanwhile.
   * @param forget also when the source does not answer
   * @param rows what is known of its rows is forgotten too. @throws NotFound, Unavailable
   */
  remove(caller: Principal, name: string, { forget = false, rows = false }: RemoveOptions = {}) {
    requireScope(caller, 'tenants:write')
    return this.#turns.run(async () => {
      const stored = await this.#own(caller, name)
      await this.#store.put({ ...stored, phase: 'removing', revision: stored.revision + 1 }, caller.id)
      await this.#load()
      const statements = await this.#takeOut(stored).catch((error: unknown) => {
        if (forget) return []
        throw error
      })
      if (rows) await this.#forgetRows(stored, caller)
      await this.#store.remove(name, caller.id)
      await this.#audit(caller, 'capture.remove', stored, { statements: statements.length })
      return { name, statements }
    })
  }

  async #forgetRows({ name }: Stored, caller: Principal): Promise<void> {
    const known = await this.#store.known(name)
    for (const table of Object.keys(known?.tables ?? {})) await forgetRows(this.#dependencies.capturedRows, name, table)
    await this.#store.putKnown(name, null, caller.id)
  }

  async #takeOut(stored: Stored): Promise<readonly Statement[]> {
    return withSource(this.#store.connection(stored), this.#dependencies.egress, async (client) => {
      const statements = removalOf(stored.name, await askPresent(client, stored.name), stored.identities)
      for (const { sql } of statements) await client.query(sql)
      return statements
    })
  }

  /**
   * Asks whoever leads the capture to hold the source's rows against what is known of each, and to tell what was missed. How it
   * goes is in the view of the capture. @throws InvalidInput, NotFound, Conflict `wrong_state`
   */
  reconcile(caller: Principal, name: string, input: unknown = {}): Promise<ReconciliationView> {
    requireScope(caller, 'tenants:write')
    return this.#turns.run(async () => {
      const stored = await this.#own(caller, name)
      const wanted: ReconcileInput = readReconcile(input, stored, await this.#store.reconciliation(name))
      const reconciliation: Reconciliation = {
        ...{ id: this.#dependencies.newIncarnation(), ...wanted, state: 'waiting', askedAt: this.#dependencies.now() },
        ...{ code: null, message: null, field: null, endedAt: null, counts: {} },
      }
      await this.#store.putReconciliation(name, reconciliation, caller.id)
      await this.#audit(caller, 'capture.reconcile', stored, { ...wanted })
      await this.#load()
      return reconciliationView(reconciliation)
    })
  }

  /** Of those that this node leads. */
  measured(): readonly Measured[] {
    return [...this.#runners.values()].flatMap(({ runner }) => runner.measured() ?? [])
  }

  close(): Promise<void> {
    return this.#turns.run(async () => {
      this.#closed = true
      await Promise.all([...this.#runners.values()].map(({ runner }) => runner.stop()))
      this.#runners.clear()
    })
  }

  async #read(caller: Principal, name: string, input: unknown) {
    readName(name)
    const { expressions, types, openTypes } = this.#dependencies
    const read = readMapping(input, { expressions, types, openTypes: await openTypes(caller.tenant) })
    const before = await this.#store.get(name)
    if (before && before.tenant !== caller.tenant)
      throw new Conflict('already_exists', `There is a capture ${name} of another tenant.`, { field: 'name' })
    return { before, spec: this.#withPassword(read, before) }
  }

  /** A mapping that says no password keeps the one there is, for the same user of the same source. */
  #withPassword(spec: CaptureSpec, before: Stored | null): CaptureSpec {
    const { connection } = spec
    if (before === null || connection.password !== undefined) return spec
    const known = this.#store.connection(before)
    const isSame = (['host', 'port', 'database', 'user'] as const).every((part) => known[part] === connection[part])
    return isSame ? { ...spec, connection: { ...connection, ...passwordOf(known) } } : spec
  }

  async #see(name: string, spec: CaptureSpec): Promise<Seen> {
    const { egress } = this.#dependencies
    const { host, tls } = spec.connection
    await egress.checkHost(host, tls !== 'off', 'connection.host')
    return withSource(spec.connection, egress, (client) => look(client, name, spec))
  }

  async #own(caller: Principal, name: string): Promise<Stored> {
    const stored = await this.#store.get(name)
    if (stored?.tenant === caller.tenant) return stored
    throw new NotFound('capture', name)
  }

  #view(stored: Stored): Promise<CaptureView> {
    return viewOf(stored, { store: this.#store, egress: this.#dependencies.egress })
  }

  #audit({ tenant, id: actor }: Principal, action: string, { name }: Stored, detail: Record<string, unknown>) {
    const { audit, now } = this.#dependencies
    return audit({ tenant, at: now(), actor, action, object: name, detail })
  }
}

/** Another one is another runner. */
const lifeOf = ({ revision, phase }: Stored): string => `${isAlive({ phase })} ${revision}`

const isAlive = ({ phase }: Pick<Stored, 'phase'>): boolean => phase === 'beginning' || phase === 'running'

const passwordOf = ({ password }: { readonly password?: string }) => (password === undefined ? {} : { password })
