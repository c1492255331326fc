/**
 * The resources: read, and changed by operations that go down the same journey as any event.
 */
import { type Page, type PageRequest, paged, pageOf } from '../access/page.js'
import { type Principal, requireScope } from '../access/principal.js'
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { EventInput } from '../event/envelope.js'
import type { Found, Link, Resource, ResourceChange } from './change.js'
import { checkChange } from './change-input.js'
import { type Derived, derive, endsOf } from './derive.js'
import type { GraphChange, GraphFacts } from './graph.js'
import { type LinkEnds, type LinkPlace, placeFrom, placeOf, placeText } from './link-place.js'
import { isOfSubscription } from './subscription-changes.js'
import { Turns } from './turns.js'
import { visibleBecause } from './visibility.js'

interface StoredResource {
  readonly id: string
  readonly type: string
  readonly owner: string | null
  readonly status: string | null
  readonly revision: number
  readonly properties: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly removedAt: number | null
}

/** What this folder needs of a store. */
export interface ResourceStore {
  get(tenant: string, id: string): Promise<StoredResource | null>
  list(
    filter: { tenant: string; types?: readonly string[]; owner?: string },
    page: { after: string | null; limit: number },
  ): Promise<readonly StoredResource[]>
  links(tenant: string, id: string, at: number | null): Promise<readonly Link[]>
  linkPage(
    filter: { tenant: string; id: string; relation?: string },
    page: { after: LinkPlace | null; limit: number },
  ): Promise<readonly Link[]>
  link(tenant: string, ends: LinkEnds): Promise<Link | null>
  facts(tenant: string, subscriber: string, resource: string, at: number | null): Promise<GraphFacts>
}

/** One operation on its way: its events, and what it does to the graph. */
export interface Operation {
  readonly events: readonly EventInput[]
  readonly graph: GraphChange
  /** The change as asked for, to be derived again when a suspended operation is resumed. */
  readonly change: ResourceChange
  /** The host's, in which it is to be true. */
  readonly transaction?: unknown
}

export interface ChangeOptions {
  /** Of all that the change tells. Default: of several events the first one's id. */
  readonly transactionId?: string | undefined
  /** The host's own open transaction, as `publish` takes it: the change is made if and only if that is committed. */
  readonly transaction?: unknown
}

/** What is known of the types of resources. */
export interface TypesOfResources {
  /** The type is, or implements, that of what a customer has bought. */
  isSubscription(type: string): boolean
  /** @throws InvalidInput `invalid_data` if they do not fit what the type, or one it implements, says of them. */
  checkProperties(type: string, properties: Readonly<Record<string, unknown>>): void
}

export interface ResourceDependencies<R> {
  readonly store: ResourceStore
  readonly types: TypesOfResources
  /**
   * Judges and admits an operation; `conflict` when a revision was not the expected one.
   * @param committed told once the change is true, before its witnesses hear of it.
   */
  submit(
    operation: Operation,
    caller: Principal,
    committed: () => void,
  ): Promise<{ readonly receipts: readonly R[] } | 'conflict'>
}

export interface ResourceFilter {
  readonly types?: readonly string[]
  readonly owner?: string
}

export class Resources<R> {
  readonly #store: ResourceStore
  readonly #types: TypesOfResources
  readonly #submit: ResourceDependencies<R>['submit']
  /** Changes of one resource, one after another: none of them loses a race within this process. */
  readonly #turns = new Turns()

  constructor({ store, types, submit }: ResourceDependencies<R>) {
    this.#store = store
    this.#types = types
    this.#submit = submit
  }

  /**
   * @returns the resource as it is now (its last state if removed; null if a judge kept it from coming about), and a receipt
   *   per event: none when nothing changed. Inside a transaction that is the state before, and the receipts say `pending`.
   * @throws NotFound, also for what the caller may not see; Conflict, InvalidInput, and whatever publishing throws.
   */
  async change(
    caller: Principal,
    change: ResourceChange,
    { transaction, transactionId }: ChangeOptions = {},
  ): Promise<{ readonly resource: Resource | null; readonly receipts: readonly R[] }> {
    requireScope(caller, 'resources:write')
    checkChange(change)
    await this.#checkSight(caller, change)
    await this.#checkKind(caller, change)
    const keys = endsOf(change).flatMap((id) => (id === null ? [] : [JSON.stringify([caller.tenant, id])]))
    const receipts = await this.#turns.take(keys, (done) =>
      this.#apply(caller, change, { transaction, transactionId }, done),
    )
    const row = await this.#store.get(caller.tenant, endsOf(change)[0])
    return { resource: row && (await this.#complete(caller.tenant, row)), receipts }
  }

  /** @throws NotFound, also for a resource the caller may not see. */
  async get(caller: Principal, id: string): Promise<Resource> {
    return this.#complete(caller.tenant, await this.#read(caller, id))
  }

  /** Those the caller may see; a page may hold fewer than asked for. */
  async list(caller: Principal, filter: ResourceFilter, request: PageRequest = {}): Promise<Page<Resource>> {
    requireScope(caller, 'resources:read')
    const { tenant } = caller
    const { items, next } = await pageOf(
      request,
      (page) => this.#store.list({ tenant, ...filter }, page),
      (row) => row,
    )
    const seen = await Promise.all(items.map((row) => this.#sees(caller, row.id)))
    const visible = items.filter((_, index) => seen[index])
    return { items: await Promise.all(visible.map((row) => this.#complete(tenant, row))), next }
  }

  /**
   * The links from and to a resource that the caller may see, by their other ends.
   * @throws NotFound, also for a resource the caller may not see.
   */
  async links(
    caller: Principal,
    id: string,
    filter: { readonly relation?: string } = {},
    request: PageRequest = {},
  ): Promise<Page<Link>> {
    const { tenant } = caller
    await this.#read(caller, id)
    return paged(
      request,
      placeFrom,
      (after, limit) => this.#store.linkPage({ tenant, id, ...filter }, { after, limit }),
      (link) => placeText(placeOf(id, link)),
      viewOfLink,
    )
  }

  /** What a suspended operation would do now. */
  async derive(tenant: string, change: ResourceChange): Promise<Derived> {
    const [id, otherId] = endsOf(change)
    const [row, other, links] = await Promise.all([
      this.#store.get(tenant, id),
      otherId === null ? null : this.#store.get(tenant, otherId),
      this.#linksOf(tenant, change),
    ])
    return derive(change, { resource: alive(row), other: alive(other), links, last: row?.revision ?? 0 })
  }

  async #linksOf(tenant: string, change: ResourceChange): Promise<readonly Link[]> {
    if (change.do === 'remove') return this.#store.links(tenant, change.id, null)
    if (change.do !== 'link' && change.do !== 'unlink') return []
    const link = await this.#store.link(tenant, change)
    return link === null ? [] : [link]
  }

  /**
   * A race lost against another process, or against what a processor changes, is derived and judged again, at most three
   * times; a revision of the caller's is then found outdated.
   */
  async #apply(
    caller: Principal,
    change: ResourceChange,
    { transaction, transactionId }: ChangeOptions,
    done: () => void,
  ): Promise<readonly R[]> {
    for (let attempt = 1; attempt <= 3; attempt++) {
      const derived = await this.derive(caller.tenant, change)
      if (derived.events.length === 0) return []
      this.#checkProperties(derived)
      const events =
        transactionId === undefined ? derived.events : derived.events.map((each) => ({ ...each, transactionId }))
      const answer = await this.#submit({ ...derived, events, change, transaction }, caller, done)
      if (answer !== 'conflict') return answer.receipts
    }
    throw new Conflict('conflict', 'The resource was changed by others meanwhile.', { data: { id: endsOf(change)[0] } })
  }

  /** A caller bound to a resource names only what it sees: an owner or a link beyond that would widen its view. */
  async #checkSight(caller: Principal, change: ResourceChange): Promise<void> {
    if (caller.resource === null) return
    const own = alive(await this.#store.get(caller.tenant, caller.resource))
    for (const id of namedIn(change)) {
      if (id === own?.owner && id === ownerIn(change)) continue
      if (!(await this.#sees(caller, id))) throw new NotFound('resource', id)
    }
  }

  async #checkKind({ tenant }: Principal, change: ResourceChange): Promise<void> {
    if (!isOfSubscription(change)) return
    const row = await this.#store.get(tenant, change.id)
    if (row === null || this.#types.isSubscription(row.type)) return
    throw new InvalidInput('invalid_request', `${row.type} is not a type of subscriptions.`, {
      field: 'id',
      expected: 'a resource whose type is, or implements, subscription',
    })
  }

  #checkProperties({ graph }: Derived): void {
    for (const step of graph.steps)
      if (step.do === 'put')
        this.#types.checkProperties(step.type, JSON.parse(step.properties) as Record<string, unknown>)
  }

  async #sees(caller: Principal, id: string): Promise<boolean> {
    if (caller.resource === null) return true
    return visibleBecause(await this.#store.facts(caller.tenant, caller.resource, id, null)) !== null
  }

  async #read(caller: Principal, id: string): Promise<StoredResource> {
    requireScope(caller, 'resources:read')
    const row = (await this.#sees(caller, id)) ? await this.#store.get(caller.tenant, id) : null
    if (!row) throw new NotFound('resource', id)
    return row
  }

  async #complete(tenant: string, row: StoredResource): Promise<Resource> {
    const page = { after: null, limit: MOST_LINKS + 1 }
    const links = row.removedAt === null ? await this.#store.linkPage({ tenant, id: row.id }, page) : []
    return {
      ...viewOf(row),
      links: links.slice(0, MOST_LINKS).map(viewOfLink),
      moreLinks: links.length > MOST_LINKS,
    }
  }
}

const alive = (row: StoredResource | null): Found | null => (row && row.removedAt === null ? viewOf(row) : null)

/** What a resource shows of itself; an organisation may have as many as it has people. */
const MOST_LINKS = 1_000

const viewOf = (row: StoredResource): Found => ({
  id: row.id,
  type: row.type,
  owner: row.owner,
  status: row.status,
  revision: row.revision,
  properties: JSON.parse(row.properties) as Record<string, unknown>,
  createdAt: new Date(row.createdAt).toISOString(),
  updatedAt: new Date(row.updatedAt).toISOString(),
  removedAt: row.removedAt === null ? null : new Date(row.removedAt).toISOString(),
})

const viewOfLink = ({ relation, from, to, strong }: Link): Link => ({ relation, from, to, strong })

/** What must be there before the change, as far as the caller says it. */
function namedIn(change: ResourceChange): readonly string[] {
  const ends = change.do === 'create' ? [] : endsOf(change)
  const child = change.do === 'bind-to-domain' ? (change.childId ?? null) : null
  return [...ends, ownerIn(change), child].filter((id) => id !== null)
}

const ownerIn = (change: ResourceChange): string | null =>
  change.do === 'create' || change.do === 'update' ? (change.owner ?? null) : null
