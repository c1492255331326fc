/**
 * The captures of an instance: planned, applied, checked, watched and removed. They belong to its operators.
 */
import type { Client } from 'pg'
import { type Principal, requireScope } from '../../access/principal.js'
import type { Sealer } from '../../access/sealer.js'
import { Conflict, NotFound } from '../../errors.js'
import type { CaptureSpec, Method } from './mapping.js'
import { askBacklog, type Backlog } from './measure.js'
import { askPresent, type Plan, type Present, planFor, type Statement, slotStatement } from './plan.js'
import { type Finding, left, probeReader, probeTables, slotLimit } from './probe.js'
import { type KnownTypes, readMapping, readName } from './read-mapping.js'
import { removalOf } from './removal.js'
import { type Measured, Runner, type RunnerDependencies } from './runner.js'
import { withSource } from './source.js'
import { CaptureStore, objectOf, type Progress, type Settings, type Stored, sourceOf } from './stored.js'
import { askServer, askTables, type Server, type SourceTable } from './tables.js'

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

/** A capture as its operators see it; never its password. Times in RFC 3339, sizes in bytes. */
export interface CaptureView {
  readonly name: string
  readonly tenant: string
  readonly source: string
  readonly method: Method
  readonly state: Progress['state'] | 'beginning'
  readonly code: string | null
  readonly message: string | null
  readonly field: string | null
  /** The node that last said how it is doing, and when. */
  readonly node: string | null
  readonly at: string | null
  readonly admitted: number
  readonly skipped: number
  /** What waits in the source, if it answers. */
  readonly backlog: Backlog | null
  readonly schema: readonly object[]
  readonly begunAt: string
  readonly mapping: CaptureSpec
  readonly hasPassword: boolean
}

/** What a check found: all of it passed, or not. */
export interface Check {
  readonly passed: boolean
  readonly findings: readonly Finding[]
}

/** What the source is, for a mapping. */
interface Seen {
  readonly server: Server
  readonly tables: ReadonlyMap<string, SourceTable>
  readonly present: Present
  readonly plan: Plan
}

export class Captures {
  readonly #dependencies: CapturesDependencies
  readonly #store: CaptureStore
  readonly #runners = new Map<string, { readonly life: string; readonly runner: Runner }>()
  /** Changes take turns. */
  #turn: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(dependencies: CapturesDependencies) {
    this.#dependencies = dependencies
    this.#store = new CaptureStore(dependencies.settings, dependencies.sealer, dependencies.now)
  }

  /** Begins what is to run, and ends what is not any more: also what another node applied or removed. */
  load(): Promise<void> {
    return this.#inTurn(() => this.#load())
  }

  async #load(): Promise<void> {
    if (this.#closed) return
    const wanted = new Map((await this.#store.list()).map((stored) => [stored.name, stored]))
    for (const [name, { life, runner }] of this.#runners) {
      const stored = wanted.get(name)
      if (stored && lifeOf(stored) === life) continue
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
    return this.#inTurn(async () => {
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
   * Takes everything of ours out of the source, and forgets the capture; its events stay.
   * @param forget also when the source does not answer. @throws NotFound, Unavailable
   */
  remove(caller: Principal, name: string, { forget = false }: { readonly forget?: boolean | undefined } = {}) {
    requireScope(caller, 'tenants:write')
    return this.#inTurn(async () => {
      const stored = await this.#own(caller, name)
      await this.#store.put({ ...stored, phase: 'removing', revision: stored.revision + 1 }, caller.id)
      await this.#load()
      const statements = await this.#takeOut(stored).catch((error: unknown) => {
        if (forget) return []
        throw error
      })
      await this.#store.remove(name, caller.id)
      await this.#audit(caller, 'capture.remove', stored, { statements: statements.length })
      return { name, statements }
    })
  }

  async #takeOut(stored: Stored): Promise<readonly Statement[]> {
    return withSource(this.#store.connection(stored), this.#dependencies.egress, async (client) => {
      const statements = removalOf(stored.name, await askPresent(client, stored.name), stored.identities)
      for (const { sql } of statements) await client.query(sql)
      return statements
    })
  }

  /** Of those that this node leads. */
  measured(): readonly Measured[] {
    return [...this.#runners.values()].flatMap(({ runner }) => runner.measured() ?? [])
  }

  close(): Promise<void> {
    return this.#inTurn(async () => {
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

  async #view(stored: Stored): Promise<CaptureView> {
    const { name, tenant, method, spec, sealed, phase, begunAt } = stored
    const progress = await this.#store.progress(name)
    const {
      code = null,
      message = null,
      field = null,
      node = null,
      admitted = 0,
      skipped = 0,
      schema = [],
    } = progress ?? {}
    const state = phase === 'ended' ? 'ended' : phase === 'beginning' ? 'beginning' : (progress?.state ?? 'waiting')
    return {
      ...{ name, tenant, source: sourceOf(stored), method, state, code, message, field, node },
      at: progress ? new Date(progress.at).toISOString() : null,
      ...{ admitted, skipped, backlog: await this.#backlog(stored) },
      schema: schema.map(({ at, ...change }) => ({ ...change, at: new Date(at).toISOString() })),
      begunAt: new Date(begunAt).toISOString(),
      mapping: spec,
      hasPassword: sealed !== null,
    }
  }

  #backlog(stored: Stored): Promise<Backlog | null> {
    const { egress } = this.#dependencies
    const ask = (client: Client) => askBacklog(client, objectOf(stored), stored.method)
    return withSource(this.#store.connection(stored), egress, ask).catch(() => null)
  }

  #audit({ tenant, id: actor }: Principal, action: string, { name }: Stored, detail: Record<string, unknown>) {
    const { audit, now } = this.#dependencies
    return audit({ tenant, at: now(), actor, action, object: name, detail })
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

/** Another one is another runner. */
const lifeOf = ({ revision, phase }: Stored): string => `${isAlive({ phase })} ${revision}`

const isAlive = ({ phase }: Pick<Stored, 'phase'>): boolean => phase === 'beginning' || phase === 'running'

const passwordOf = ({ password }: { readonly password?: string }) => (password === undefined ? {} : { password })

async function look(client: Client, name: string, spec: CaptureSpec): Promise<Seen> {
  const server = await askServer(client)
  const tables = await askTables(client, Object.keys(spec.tables))
  const present = await askPresent(client, name)
  return { server, tables, present, plan: planFor(name, spec, server, tables, present) }
}

/** @throws Conflict `wrong_state` */
function checkApply(spec: CaptureSpec, before: Stored | null, { slot, outbox }: Present, plan: Plan): void {
  const refuse = (message: string, field: string, expected: string) => {
    throw new Conflict('wrong_state', message, { field, expected })
  }
  if (before?.phase === 'removing') refuse('It is being removed.', 'name', '`tocsin capture remove`, once more')
  if (before === null && slot?.active) refuse('Somebody else reads a slot of this name.', 'name', 'another name')
  if (before && before.phase !== 'ended' && before.method !== plan.method)
    refuse(`It works by ${before.method}.`, 'method', '`tocsin capture remove` first')
  if (before === null && spec.snapshot && (slot !== null || outbox))
    refuse('The source keeps changes under this name already.', 'snapshot', 'false, or another name')
}

/** Those that the plan changes. */
const changedIdentities = (before: Stored | null, plan: Plan, tables: ReadonlyMap<string, SourceTable>) =>
  Object.fromEntries(
    [...tables.values()].flatMap(({ name, identity }) => {
      const isChanged = plan.method === 'logical' && identity !== 'f' && before?.identities[name] === undefined
      return isChanged && plan.statements.some(({ why, sql }) => sql.includes('REPLICA IDENTITY') && why.includes(name))
        ? [[name, identity]]
        : []
    }),
  )

const formerTables = ({ tables }: CaptureSpec, before: Stored | null): readonly string[] =>
  [...new Set([...(before?.former ?? []), ...Object.keys(before?.spec.tables ?? {})])].filter(
    (name) => !(name in tables),
  )

/** What may be in one transaction is; a slot is made outside of any. @param except the slot, where the beginning makes it. */
async function execute(client: Client, { method, statements }: Plan, except: string | null): Promise<void> {
  const wanted = statements.filter(({ sql }) => sql !== except)
  const slots = wanted.filter(({ sql }) => sql.includes('pg_create_logical_replication_slot'))
  const others = wanted.filter((each) => !slots.includes(each))
  await client.query('BEGIN')
  try {
    for (const { sql } of others) await client.query(sql)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
  if (method === 'logical') for (const { sql } of slots) await client.query(sql)
}
