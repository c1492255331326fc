/**
 * Who wants an event: one tenant's subscriptions, found by type, then by resource, in time that grows with those
 * that match and not with those there are.
 *
 * Live events reach `active` subscriptions, and `paused` ones too: their tasks are kept, held. Not `catching-up`
 * ones and not those that read the log themselves (the cursor tells them in order, so a paused one that has not caught up is left out as well), and not
 * `disabled` ones: what happens meanwhile they can only be told by a replay.
 */
import { InvalidInput } from '../errors.js'
import type { AnyEvent } from '../event/envelope.js'
import { type CompiledFilters, compileFilters } from './filter.js'
import { redact, type TypeLookup } from './redact.js'
import { type Filter, readsLog, type Subscription } from './subscription.js'
import { viewOf, type WireView } from './wire-view.js'

export interface MatchTypes extends TypeLookup {
  /** A resource's type itself and all that it implements. */
  implemented(resourceType: string): readonly string[]
}

export interface About {
  /** The principal that published. */
  readonly principal: string
  /** The type of the resource the event is about; null if it is none or not known. */
  readonly resourceType: string | null
}

/** Its filters are compiled when first tried: reading ten thousand subscriptions again must not compile them all. */
class Entry {
  readonly place: number
  readonly subscription: Subscription
  #filters: CompiledFilters | undefined

  constructor(place: number, subscription: Subscription) {
    this.place = place
    this.subscription = subscription
  }

  holds(view: WireView): boolean {
    this.#filters ??= compiled(this.subscription)
    return this.#filters(view)
  }
}

/** A filter stored by another version that this one refuses is no match; it must not stop the tenant's events. */
function compiled({ spec }: Subscription): CompiledFilters {
  try {
    return compileFilters(spec.filters)
  } catch (error) {
    if (error instanceof InvalidInput) return () => false
    throw error
  }
}

/** The entries of one pattern of types, by what they ask of the resource. */
interface Bucket {
  readonly byId: Map<string, Entry[]>
  readonly byType: Map<string, Entry[]>
  readonly rest: Entry[]
}

export class MatchIndex {
  /** Of the tenant's subscriptions when this was made. */
  readonly version: number
  /** Some subscription asks for the type of the resource: `about.resourceType` must be looked up. */
  readonly needsResourceType: boolean
  /** All of the tenant, in the order given, whatever their state. */
  readonly subscriptions: readonly Subscription[]
  readonly #types: MatchTypes
  readonly #byId: ReadonlyMap<string, Subscription>
  /** Those that read the log themselves: they are no candidates. */
  readonly #readers: readonly Subscription[]
  readonly #exact = new Map<string, Bucket>()
  /** By what stands before the `*`: `credential.`, and nothing for all. */
  readonly #prefixes = new Map<string, Bucket>()
  /** What `#bucketsOf` found, by event type. */
  readonly #found = new Map<string, readonly Bucket[]>()

  constructor(subscriptions: readonly Subscription[], types: MatchTypes, version = 0) {
    this.version = version
    this.subscriptions = subscriptions
    this.#types = types
    this.#byId = new Map(subscriptions.map((subscription) => [subscription.id, subscription]))
    const live = subscriptions.filter(hearsLive)
    this.#readers = subscriptions.filter(readsLog)
    this.needsResourceType = live.some(({ spec }) => spec.source?.type !== undefined)
    live.forEach((subscription, place) => {
      this.#add(new Entry(place, subscription))
    })
  }

  /** In the order the subscriptions were given. Whether they may see the event is not asked here. */
  candidates(event: AnyEvent, about: About): readonly Subscription[] {
    const look = new Look(event, about, this.#types)
    const found = new Set<Entry>()
    for (const bucket of this.#bucketsFor(event.type, look.lineage)) gather(bucket, look, found)
    if (found.size === 0) return []
    return [...found].sort((one, other) => one.place - other.place).map((entry) => entry.subscription)
  }

  subscription(id: string): Subscription | undefined {
    return this.#byId.get(id)
  }

  /** Whether some subscription asks for events of the type at all; one that reads the log itself too. */
  hears(type: string): boolean {
    const lineage = this.#types.lineage(type)
    if (this.#bucketsFor(type, lineage).length > 0) return true
    return this.#readers.some(({ spec }) => spec.types.some((pattern) => fitsType(pattern, lineage)))
  }

  #add(entry: Entry): void {
    for (const pattern of entry.subscription.spec.types) put(this.#bucketFor(pattern), entry)
  }

  #bucketFor(pattern: string): Bucket {
    if (pattern === '*') return bucketAt(this.#prefixes, '')
    return pattern.endsWith('.*') ? bucketAt(this.#prefixes, pattern.slice(0, -1)) : bucketAt(this.#exact, pattern)
  }

  #bucketsFor(type: string, lineage: readonly string[]): readonly Bucket[] {
    const known = this.#found.get(type)
    if (known) return known
    const buckets = this.#bucketsOf(lineage)
    // Open tenants may send any type name: the memory stays bounded.
    if (this.#found.size >= 10_000) this.#found.clear()
    this.#found.set(type, buckets)
    return buckets
  }

  #bucketsOf(lineage: readonly string[]): readonly Bucket[] {
    const buckets = lineage.flatMap((type) => [
      this.#exact.get(type),
      ...prefixesOf(type).map((prefix) => this.#prefixes.get(prefix)),
    ])
    return [this.#prefixes.get(''), ...buckets].filter((bucket) => bucket !== undefined)
  }
}

const hearsLive = ({ state, cursor, ...rest }: Subscription): boolean =>
  !readsLog(rest) && (state === 'active' || (state === 'paused' && cursor === null))

/** What one match works out once, when first asked for. */
class Look {
  readonly event: AnyEvent
  readonly about: About
  readonly lineage: readonly string[]
  readonly #types: MatchTypes
  #resourceTypes: readonly string[] | undefined
  #full: WireView | undefined
  /** By the classes of fields that are seen. */
  readonly #redacted = new Map<string, WireView>()

  constructor(event: AnyEvent, about: About, types: MatchTypes) {
    this.event = event
    this.about = about
    this.#types = types
    this.lineage = types.lineage(event.type)
  }

  get resourceTypes(): readonly string[] {
    const { resourceType } = this.about
    this.#resourceTypes ??= resourceType === null ? [] : this.#types.implemented(resourceType)
    return this.#resourceTypes
  }

  view({ redaction, sees = [] }: Subscription['spec']): WireView {
    if (redaction === 'none') {
      this.#full ??= viewOf(this.event)
      return this.#full
    }
    const key = sees.join(' ')
    const known = this.#redacted.get(key)
    if (known) return known
    const view = viewOf(redact(this.event, redaction, this.#types, sees))
    this.#redacted.set(key, view)
    return view
  }
}

function bucketAt(buckets: Map<string, Bucket>, key: string): Bucket {
  const known = buckets.get(key)
  if (known) return known
  const fresh: Bucket = { byId: new Map(), byType: new Map(), rest: [] }
  buckets.set(key, fresh)
  return fresh
}

function put(bucket: Bucket, entry: Entry): void {
  const { source, filters } = entry.subscription.spec
  const id = source?.id ?? subjectIn(filters)
  if (id !== undefined) push(bucket.byId, id, entry)
  else if (source?.type !== undefined) push(bucket.byType, source.type, entry)
  else bucket.rest.push(entry)
}

/** A filter that names the one subject is as good as `source.id`: it is found and not tried. */
const subjectIn = (filters: readonly Filter[]): string | undefined =>
  filters.flatMap((filter) => ('exact' in filter ? (filter.exact.subject ?? []) : []))[0]

function push(entries: Map<string, Entry[]>, key: string, entry: Entry): void {
  const known = entries.get(key)
  if (known) known.push(entry)
  else entries.set(key, [entry])
}

/** `a.b.c` is in `a.` and `a.b.`. */
function prefixesOf(type: string): readonly string[] {
  const prefixes: string[] = []
  for (let dot = type.indexOf('.'); dot !== -1; dot = type.indexOf('.', dot + 1)) prefixes.push(type.slice(0, dot + 1))
  return prefixes
}

function gather({ byId, byType, rest }: Bucket, look: Look, found: Set<Entry>): void {
  for (const entry of rest) consider(entry, look, found)
  const { subject } = look.event
  if (byId.size > 0 && subject !== undefined) for (const entry of byId.get(subject) ?? []) consider(entry, look, found)
  if (byType.size === 0) return
  for (const type of look.resourceTypes) for (const entry of byType.get(type) ?? []) consider(entry, look, found)
}

function consider(entry: Entry, look: Look, found: Set<Entry>): void {
  const { spec, owner } = entry.subscription
  if (found.has(entry)) return
  if (spec.notSelf && owner === look.about.principal) return
  if (spec.source !== undefined && !fitsSource(spec.source, look.event, look.resourceTypes)) return
  if (spec.relation !== undefined && !fitsRelation(spec.relation, look.event, look.lineage)) return
  if (spec.filters.length === 0 || entry.holds(look.view(spec))) found.add(entry)
}

/** Both must hold when both are named. */
export const fitsSource = (
  source: NonNullable<Subscription['spec']['source']>,
  event: AnyEvent,
  resourceTypes: readonly string[],
): boolean =>
  (source.id === undefined || source.id === event.subject) &&
  (source.type === undefined || resourceTypes.includes(source.type))

const LINKING = ['resource.linked', 'resource.unlinked']

/** A subscription with a relation hears of links alone. */
export const fitsRelation = (relation: string, { data }: AnyEvent, lineage: readonly string[]): boolean =>
  lineage.some((type) => LINKING.includes(type)) && relationOf(data) === relation

export const relationOf = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'relation' in data ? data.relation : undefined

/** A pattern as `match-index.ts` finds it. */
export const fitsType = (pattern: string, lineage: readonly string[]): boolean =>
  lineage.some(
    (type) => pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  )
