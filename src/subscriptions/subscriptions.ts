/**
 * Subscriptions as callers handle them: checked, owned, sealed, audited.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Page, type PageRequest, pageOf } from '../access/page.js'
import { type Principal, requireScope, seesWholeTenant } from '../access/principal.js'
import { AccessDenied, Conflict, InvalidInput, NotFound } from '../errors.js'
import { formatSequence } from '../event/envelope.js'
import { invalid } from '../event/schema-error.js'
import type { SignatureScheme, SigningKey } from '../formats/standard-webhooks.js'
import type { Configuration, Store } from '../store/port.js'
import type { SubscriptionRow, SubscriptionState } from '../store/rows.js'
import { type DataCheck, type DescribedTypes, dataCheckOf } from './data-check.js'
import {
  defaultRedaction,
  defaultScope,
  governs,
  mayChange,
  maySee,
  requireRedaction,
  requireSight,
} from './ownership.js'
import { startPosition } from './start-position.js'
import { fromRow, readsLog, type Subscription, type SubscriptionSpec } from './subscription.js'
import { changeOf, readSubscriptionFile, type SubscriptionChange, saidOver, toFile } from './subscription-file.js'
import {
  mergeSpec,
  type ParsedSpec,
  parseSpec,
  parseStart,
  type SpecContext,
  type TransportShape,
} from './subscription-schema.js'
import {
  openSecrets,
  rotated,
  type Sealer,
  type ShownKey,
  type SigningSecret,
  sealSecrets,
  shown,
} from './subscription-secrets.js'
import { type SubscriptionView, viewOfRow } from './subscription-view.js'
import { joinSecrets } from './target-secrets.js'

const HOUR = 3_600_000
const DEFAULT_OVERLAP = 24 * HOUR
const LONGEST_OVERLAP = 30 * 24 * HOUR

/** What is asked of a transport. */
export interface SubscribedTransport extends TransportShape {
  /** How what is sent there is signed; absent: not at all. Each subscription gets a key of its own. */
  signature?(target: SubscriptionSpec['target']): SignatureScheme
  /** @throws InvalidInput `target_refused` or `invalid_request` */
  check(target: SubscriptionSpec['target'], reads?: DataCheck, place?: string | null): Promise<void>
  /** Asks the receiver. @throws InvalidInput `target_refused` */
  prove?(target: SubscriptionSpec['target'], secrets: readonly SigningSecret[]): Promise<void>
}

export interface AuditEntry {
  readonly tenant: string
  readonly at: number
  readonly actor: string
  /** `subscription.create`, ... */
  readonly action: string
  /** The subscription's id. */
  readonly object: string
  readonly detail: Readonly<Record<string, unknown>>
}

export interface SubscriptionsDependencies
  extends Omit<SpecContext<SubscribedTransport>, 'openTypes' | 'scope' | 'redaction'> {
  readonly store: Pick<Store, 'subscriptions' | 'log' | 'tasks'>
  readonly catalogue: DescribedTypes
  readonly sealer: Sealer
  /** Whether the tenant accepts types that are not in the catalogue. */
  openTypes(tenant: string): boolean | Promise<boolean>
  newSigningKey(scheme: SignatureScheme): SigningKey
  newId(): string
  now(): number
  audit(entry: AuditEntry): Promise<void>
  /** Told after each change: what is kept of the subscription elsewhere is out of date. */
  changed(tenant: string, id: string): void
  /** Told after `changed` where what is sent, and to whom, is another: earlier failures say nothing any more. */
  mended(tenant: string, id: string): void
}

export interface SubscriptionPlan {
  readonly changes: readonly SubscriptionChange[]
  readonly rows: Configuration['subscriptions']
}

export class Subscriptions {
  readonly #parts: SubscriptionsDependencies

  constructor(parts: SubscriptionsDependencies) {
    this.#parts = parts
  }

  /**
   * @param id of a protocol that names its subscriptions itself. @throws Conflict `already_exists` if there is one
   * @returns where events are signed, with what the receiver checks that with, shown this once: `secret` (v1) or `publicKey` (v1a).
   * @throws InvalidInput, AccessDenied
   */
  async create(
    caller: Principal,
    input: unknown,
    id = this.#parts.newId(),
  ): Promise<SubscriptionView & Partial<Record<'secret' | 'publicKey', string>>> {
    requireScope(caller, 'subscriptions:write')
    const { tenant, id: owner } = caller
    const parsed = await this.#parse(caller, input, null)
    await this.#checkTarget(parsed)
    const { store, now } = this.#parts
    const at = now()
    const signing = this.#signing(parsed.spec, [])
    await this.#prove(parsed, signing, null)
    const row: SubscriptionRow = {
      ...{ tenant, id, owner, name: parsed.spec.name, reason: null, revision: 1, createdAt: at, updatedAt: at },
      ...(await this.#start(tenant, parsed.spec, at)),
      ...this.#kept({ tenant, id }, parsed, signing),
    }
    if (!(await store.subscriptions.create(row))) throw exists(id)
    await this.#audit(caller, 'create', id, { name: row.name, transport: parsed.spec.transport })
    return { ...viewOfRow(await this.#seen(caller, id)), ...(signing[0] && shown(signing[0])) }
  }

  /** One like this, active from the beginning of the log, that is not kept. @throws InvalidInput, AccessDenied */
  async draft(caller: Principal, input: unknown): Promise<Subscription> {
    requireScope(caller, 'subscriptions:write')
    const { spec } = await this.#parse(caller, input, null)
    const place = { tenant: caller.tenant, id: 'draft', owner: caller.id }
    return { ...place, spec, state: 'active', startSequence: 0, cursor: null, revision: 0, secrets: null }
  }

  /**
   * A merge patch (RFC 7396); secrets it does not mention stay.
   * @param revision the one the caller saw; another present one is refused with `precondition_failed`
   * @throws InvalidInput, AccessDenied, NotFound, Conflict
   */
  async update(caller: Principal, id: string, patch: unknown, revision?: number): Promise<SubscriptionView> {
    const row = await this.#changeable(caller, id)
    if (revision !== undefined && revision !== row.revision) throw outdated(row.revision)
    const old = openSecrets(row, this.#parts.sealer)
    const before = { spec: fromRow(row).spec, secrets: old.target }
    const parsed = await this.#parse(caller, mergeSpec(before, patch), before.spec)
    await this.#checkTarget(parsed)
    const signing = this.#signing(parsed.spec, before.spec.transport === parsed.spec.transport ? old.signing : [])
    await this.#prove(parsed, signing, before)
    const fields = typeof patch === 'object' && patch !== null ? Object.keys(patch) : []
    await this.#save(
      caller,
      'update',
      { ...row, name: parsed.spec.name, ...this.#kept(row, parsed, signing) },
      { fields },
    )
    if (!isDeepStrictEqual(outOf(parsed), outOf(before))) this.#parts.mended(row.tenant, id)
    return viewOfRow(await this.#seen(caller, id))
  }

  /** @throws NotFound also for what the caller may not see */
  async get(caller: Principal, id: string): Promise<SubscriptionView> {
    requireScope(caller, 'subscriptions:read')
    return viewOfRow(await this.#seen(caller, id))
  }

  async list(caller: Principal, request: PageRequest = {}): Promise<Page<SubscriptionView>> {
    requireScope(caller, 'subscriptions:read')
    const { store } = this.#parts
    const owner = seesWholeTenant(caller) ? {} : { owner: caller.id }
    return pageOf(request, (page) => store.subscriptions.list(caller.tenant, { ...page, ...owner }), viewOfRow)
  }

  /** All of the tenant, by id, without secrets: `plan` of them changes nothing. @throws AccessDenied */
  async export(caller: Principal): Promise<Readonly<Record<string, SubscriptionSpec>>> {
    requireScope(caller, 'subscriptions:read')
    if (!seesWholeTenant(caller)) throw notWhole()
    const { rows } = await this.#parts.store.subscriptions.load(caller.tenant)
    return Object.fromEntries(rows.map((row) => [row.id, toFile(row)]))
  }

  /**
   * What a file would change, and the rows it would be by. Members that a file does not say take their defaults; secrets stay.
   * @param catalogue the types as they will be.
   * @throws InvalidInput with a field such as `subscriptions.hr.types[0]`; AccessDenied
   */
  async plan(
    caller: Principal,
    file: unknown,
    { prune, catalogue }: { readonly prune: boolean; readonly catalogue: SubscriptionsDependencies['catalogue'] },
  ): Promise<SubscriptionPlan> {
    requireScope(caller, 'subscriptions:write')
    if (!governs(caller)) throw notWhole()
    const said = readSubscriptionFile(file)
    const { rows } = await this.#parts.store.subscriptions.load(caller.tenant)
    const present = new Map(rows.map((row) => [row.id, row]))
    const changes: SubscriptionChange[] = []
    const create: SubscriptionRow[] = []
    const update: SubscriptionRow[] = []
    for (const [id, members] of said) {
      const planned = await placed(`subscriptions.${id}`, () =>
        this.#planOne(caller, id, members, present.get(id) ?? null, catalogue),
      )
      if (planned === null) continue
      changes.push(planned.change)
      ;(present.has(id) ? update : create).push(planned.row)
    }
    const gone = prune ? rows.filter(({ id }) => !said.has(id)) : []
    const now = this.#parts.now()
    for (const row of gone) changes.push({ id: row.id, change: 'remove', before: { name: row.name }, after: null })
    const remove = gone.map(({ tenant, id, revision }) => ({ tenant, id, revision, now }))
    return { changes, rows: { create, update, remove } }
  }

  async #planOne(
    caller: Principal,
    id: string,
    members: Readonly<Record<string, unknown>>,
    row: SubscriptionRow | null,
    catalogue: SubscriptionsDependencies['catalogue'],
  ): Promise<{ readonly change: SubscriptionChange; readonly row: SubscriptionRow } | null> {
    const { sealer, now } = this.#parts
    const { tenant, id: owner } = caller
    const old = row && { spec: fromRow(row).spec, secrets: openSecrets(row, sealer) }
    const parsed = await this.#parse(caller, old ? saidOver(members, old) : members, old?.spec ?? null, catalogue)
    const change = changeOf(id, old && { spec: old.spec, secrets: old.secrets.target }, parsed)
    if (change === null) return null
    await this.#checkTarget(parsed, catalogue)
    const { name, transport } = parsed.spec
    const signing = this.#signing(parsed.spec, old?.spec.transport === transport ? old.secrets.signing : [])
    await this.#prove(parsed, signing, old && { spec: old.spec, secrets: old.secrets.target })
    const at = now()
    const kept = this.#kept({ tenant, id }, parsed, signing)
    if (row) return { change, row: { ...row, ...kept, name, revision: row.revision + 1, updatedAt: at } }
    const fresh = { tenant, id, owner, name, reason: null, revision: 1, createdAt: at, updatedAt: at }
    return { change, row: { ...fresh, ...(await this.#start(tenant, parsed.spec, at)), ...kept } }
  }

  /** The plan is written: what is kept of them elsewhere is out of date. */
  async planned(caller: Principal, { changes }: SubscriptionPlan): Promise<void> {
    const ACTIONS = { add: 'create', change: 'update', remove: 'remove' } as const
    for (const { id, change, after } of changes) {
      const fields = Object.keys(after ?? {})
      await this.#audit(caller, ACTIONS[change], id, { fields, by: 'file' })
      if (fields.some((field) => OUT.includes(field))) this.#parts.mended(caller.tenant, id)
    }
  }

  /** As the inside uses it, for who may change it. @throws NotFound, AccessDenied */
  async own(caller: Principal, id: string): Promise<Subscription> {
    return fromRow(await this.#changeable(caller, id))
  }

  /** Its unfinished tasks end `not-executed`. */
  async remove(caller: Principal, id: string): Promise<void> {
    const row = await this.#changeable(caller, id)
    const { store, now } = this.#parts
    if (!(await store.subscriptions.remove(row.tenant, id, now()))) throw new NotFound('subscription', id)
    await this.#audit(caller, 'remove', id, { name: row.name })
  }

  /** Tasks are still made, and held. @throws Conflict `wrong_state` */
  async pause(caller: Principal, id: string): Promise<SubscriptionView> {
    const row = await this.#changeable(caller, id)
    if (row.state === 'disabled') throw wrongState('A disabled subscription cannot be paused.', row.state)
    if (row.state !== 'paused') await this.#setState(caller, 'pause', row, 'paused')
    return viewOfRow(await this.#seen(caller, id))
  }

  /**
   * Held tasks go out. One that was catching up, or reads the log, goes on from its cursor. A disabled one hears what
   * comes from now on: a replay tells it what it missed.
   */
  async resume(caller: Principal, id: string): Promise<SubscriptionView> {
    const row = await this.#changeable(caller, id)
    const state = row.cursor === null || readsLog(fromRow(row)) ? 'active' : 'catching-up'
    if (row.state !== state) await this.#setState(caller, 'resume', row, state)
    return viewOfRow(await this.#seen(caller, id))
  }

  /**
   * One that reads the log goes on from there: `earliest`, `now`, a time (RFC 3339) or a sequence, both inclusive.
   * @throws Conflict `wrong_state` for one that is told by tasks; InvalidInput
   */
  async seek(caller: Principal, id: string, to: unknown): Promise<SubscriptionView> {
    const row = await this.#changeable(caller, id)
    if (!readsLog(fromRow(row)))
      throw wrongState('Only a subscription that reads the log has a place in it.', row.state)
    const { store, now } = this.#parts
    const at = now()
    const { startSequence } = await startPosition(store.log, row.tenant, parseStart(to, 'to'), at, 'to')
    const cursor = startSequence === -1 ? await store.log.head(row.tenant) : startSequence
    const lane = { tenant: row.tenant, subscription: id }
    await store.tasks.turn(lane, [], { now: at, again: false, cursor, from: null, last: false })
    await this.#audit(caller, 'seek', id, { after: formatSequence(cursor) })
    return viewOfRow(await this.#seen(caller, id))
  }

  /**
   * A new signing key, shown this once as `create` does. The old one signs too, for `overlap` milliseconds (default a day).
   * It is of the kind the target names now: so a receiver moves from one kind to the other without a gap.
   * @throws Conflict `wrong_state` where nothing is signed
   */
  async rotateSecret(caller: Principal, id: string, overlap = DEFAULT_OVERLAP): Promise<ShownKey> {
    if (!Number.isInteger(overlap) || overlap < 0 || overlap > LONGEST_OVERLAP)
      throw invalid('The overlap is not valid.', 'overlap', `milliseconds from 0 to ${LONGEST_OVERLAP}`)
    const row = await this.#changeable(caller, id)
    const { sealer, now } = this.#parts
    const old = openSecrets(row, sealer)
    const [key] = this.#signing(fromRow(row).spec, [])
    if (key === undefined) throw wrongState('Nothing is signed for this subscription.', row.state)
    const signing = rotated(old.signing, key, now(), overlap)
    await this.#save(
      caller,
      'rotate-secret',
      { ...row, secrets: sealSecrets({ ...old, signing }, row, sealer) },
      { overlap },
    )
    this.#parts.mended(row.tenant, id)
    return shown(key)
  }

  async #parse(
    caller: Principal,
    input: unknown,
    before: SubscriptionSpec | null,
    catalogue = this.#parts.catalogue,
  ): Promise<ParsedSpec> {
    const openTypes = await this.#parts.openTypes(caller.tenant)
    const defaults = { scope: defaultScope(caller), redaction: defaultRedaction(caller) }
    const parsed = parseSpec(input, { ...this.#parts, catalogue, openTypes, ...defaults })
    requireSight(caller, parsed.spec.scope)
    requireRedaction(caller, parsed.spec, before)
    return parsed
  }

  async #checkTarget({ spec, secrets }: ParsedSpec, catalogue = this.#parts.catalogue): Promise<void> {
    const { transports } = this.#parts
    const place = spec.scope === 'tenant' ? null : spec.scope.resource
    const target = joinSecrets(spec.target, secrets)
    await transports.get(spec.transport)?.check(target, dataCheckOf(spec, catalogue), place)
  }

  /** Of another target, its receiver is asked. */
  async #prove({ spec, secrets }: ParsedSpec, signing: readonly SigningSecret[], before: ParsedSpec | null) {
    const target = joinSecrets(spec.target, secrets)
    const was = before?.spec.transport === spec.transport ? joinSecrets(before.spec.target, before.secrets) : null
    if (isDeepStrictEqual(target, was)) return
    await this.#parts.transports.get(spec.transport)?.prove?.(target, signing)
  }

  /** Whoever reads the log has nothing to catch up with: its cursor is the place it begins at. */
  async #start(tenant: string, spec: SubscriptionSpec, at: number) {
    const position = await startPosition(this.#parts.store.log, tenant, spec.start, at)
    return readsLog({ spec }) ? ({ ...position, state: 'active' } as const) : position
  }

  /** What is there goes on; another kind of signature begins with the next rotation. */
  #signing({ transport, target }: SubscriptionSpec, present: readonly SigningSecret[]): readonly SigningSecret[] {
    const { transports, newSigningKey } = this.#parts
    const scheme = transports.get(transport)?.signature?.(target)
    if (scheme === undefined) return []
    return present.length > 0 ? present : [newSigningKey(scheme)]
  }

  #kept(
    row: Pick<SubscriptionRow, 'tenant' | 'id'>,
    { spec, secrets }: ParsedSpec,
    signing: readonly SigningSecret[],
  ): Pick<SubscriptionRow, 'spec' | 'secrets'> {
    const sealed = sealSecrets({ target: secrets, signing }, row, this.#parts.sealer)
    return { spec: JSON.stringify(spec), secrets: sealed }
  }

  async #seen(caller: Principal, id: string): Promise<SubscriptionRow> {
    const row = await this.#parts.store.subscriptions.get(caller.tenant, id)
    if (row && maySee(caller, row)) return row
    throw new NotFound('subscription', id)
  }

  async #changeable(caller: Principal, id: string): Promise<SubscriptionRow> {
    requireScope(caller, 'subscriptions:write')
    const row = await this.#seen(caller, id)
    if (mayChange(caller, row)) return row
    throw new AccessDenied('forbidden', 'This subscription belongs to another principal.', { data: { id } })
  }

  async #save(caller: Principal, action: string, row: SubscriptionRow, detail: AuditEntry['detail']): Promise<void> {
    const { store, now } = this.#parts
    const next = { ...row, revision: row.revision + 1, updatedAt: now() }
    if (!(await store.subscriptions.update(next))) throw changed()
    await this.#audit(caller, action, row.id, detail)
  }

  async #setState(caller: Principal, action: string, row: SubscriptionRow, state: SubscriptionState): Promise<void> {
    const { store, now } = this.#parts
    const done = await store.subscriptions.setState(row.tenant, row.id, state, null, now())
    if (!done) throw new NotFound('subscription', row.id)
    await this.#audit(caller, action, row.id, { from: row.state, to: state })
    if (row.state === 'disabled') this.#parts.mended(row.tenant, row.id)
  }

  #audit(
    { tenant, id: actor }: Principal,
    action: string,
    object: string,
    detail: AuditEntry['detail'],
  ): Promise<void> {
    const { audit, now, changed } = this.#parts
    changed(tenant, object)
    return audit({ tenant, at: now(), actor, action: `subscription.${action}`, object, detail })
  }
}

/** What of a subscription decides whether its receiver takes what it is sent. */
const OUT: readonly string[] = ['transport', 'target', 'secrets', 'format', 'payload', 'timeout']

const outOf = ({ spec: { transport, target, format, payload, timeout }, secrets }: ParsedSpec) => ({
  ...{ transport, target, secrets, format, payload, timeout },
})

const notWhole = (): AccessDenied =>
  new AccessDenied('forbidden', 'Only who governs the tenant handles all its subscriptions at once.', {
    expected: 'a key with the role admin that is bound to no resource',
  })

/** A field of a subscription is one of the file's. */
async function placed<Result>(place: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    const { code, message, field, expected, data } = error
    const path = field === undefined || field === '' ? place : `${place}.${field}`
    throw new InvalidInput(code, message, { field: path, ...(expected !== undefined && { expected }), data })
  }
}

const exists = (id: string): Conflict => new Conflict('already_exists', `There is a subscription ${id} already.`)

const changed = (): Conflict => new Conflict('conflict', 'The subscription was changed meanwhile: read it again.')

const outdated = (present: number): Conflict =>
  new Conflict('precondition_failed', `The subscription is at revision ${present}.`, {
    field: 'revision',
    expected: String(present),
  })

const wrongState = (message: string, state: SubscriptionState): Conflict =>
  new Conflict('wrong_state', message, { data: { state } })
