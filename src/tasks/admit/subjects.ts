/**
 * What the registry knows of what an event is about: its type, for those that choose by it, and its state before the event,
 * where the publisher told none. A tenant without resources pays nothing for it.
 */
import type { AnyEvent } from '../../event/envelope.js'
import type { Received } from '../../intake/intake.js'
import { isObject, type JsonObject } from '../../json-object.js'
import type { LineUp } from '../../pipeline/line-up.js'
import type { GraphChange } from '../../registry/graph.js'
import { stateOf } from '../../registry/state.js'
import type { Store } from '../../store/port.js'
import type { ResourceRow } from '../../store/rows.js'

export interface SubjectsDependencies {
  readonly store: Pick<Store, 'registry' | 'features'>
  readonly lineUp: Pick<LineUp, 'needsResourceType'>
  /** Whether events of the type may tell the state before them. */
  tellsBefore(type: string): boolean
  now(): number
}

export interface Introduced extends Received {
  /** Undefined: nobody asked. */
  readonly resourceType: string | null | undefined
}

/** Milliseconds another node may have a tenant's first resource before this one notices. */
const FRESH = 1_000

export class Subjects {
  readonly #dependencies: SubjectsDependencies
  readonly #peopled = new Set<string>()
  /** Tenants without resources, and when they were last asked. */
  readonly #empty = new Map<string, number>()
  /** What is asked right now. */
  readonly #asking = new Map<string, Promise<boolean>>()

  constructor(dependencies: SubjectsDependencies) {
    this.#dependencies = dependencies
  }

  /** The tenant has resources from now on. */
  changed(tenant: string): void {
    this.#peopled.add(tenant)
    this.#empty.delete(tenant)
  }

  /** A promise only if the registry is asked. @param change what its own operation does to the graph. */
  introduce(received: Received, tenant: string, change: GraphChange | null): Introduced | Promise<Introduced> {
    const { event } = received
    const { subject } = event
    if (subject === undefined) return { resourceType: null, ...received }
    const made = typeIn(change, subject)
    if (made !== null) return { resourceType: made, ...received }
    const { lineUp, tellsBefore } = this.#dependencies
    const asksBefore = tellsBefore(event.type) && lacksBefore(event)
    if (!asksBefore && !lineUp.needsResourceType(event.type)) return { resourceType: undefined, ...received }
    const known = this.#hasResources(tenant)
    if (known === false) return { resourceType: null, ...received }
    return this.#lookUp(received, tenant, subject, asksBefore, known)
  }

  async #lookUp(
    received: Received,
    tenant: string,
    subject: string,
    asksBefore: boolean,
    known: true | Promise<boolean>,
  ): Promise<Introduced> {
    const { event } = received
    const row = (await known) ? await this.#dependencies.store.registry.get(tenant, subject) : null
    return { ...received, event: asksBefore ? withBefore(event, row) : event, resourceType: row?.type ?? null }
  }

  /** For who chooses processors; null if it does not matter, too. */
  async resourceType(tenant: string, type: string, subject: string | null): Promise<string | null> {
    if (subject === null || !this.#dependencies.lineUp.needsResourceType(type)) return null
    return this.#typeOf(tenant, subject)
  }

  async #typeOf(tenant: string, subject: string): Promise<string | null> {
    return (await this.#dependencies.store.registry.get(tenant, subject))?.type ?? null
  }

  #hasResources(tenant: string): boolean | Promise<boolean> {
    if (this.#peopled.has(tenant)) return true
    const { store, now } = this.#dependencies
    const asked = this.#empty.get(tenant)
    if (asked !== undefined && (!store.features.shared || now() - asked < FRESH)) return false
    return this.#asking.get(tenant) ?? this.#ask(tenant)
  }

  /** Once at a time, however many events come meanwhile: each needs the answer, and none may overtake another. */
  #ask(tenant: string): Promise<boolean> {
    const { store, now } = this.#dependencies
    const told = (resources: readonly ResourceRow[]): boolean => {
      if (resources.length > 0) this.changed(tenant)
      else if (!this.#peopled.has(tenant)) this.#empty.set(tenant, now())
      return this.#peopled.has(tenant)
    }
    const asking = store.registry
      .list({ tenant }, { after: null, limit: 1 })
      .then(told)
      .finally(() => this.#asking.delete(tenant))
    this.#asking.set(tenant, asking)
    return asking
  }
}

function typeIn(change: GraphChange | null, subject: string): string | null {
  for (const step of change?.steps ?? []) if (step.do === 'put' && step.id === subject) return step.type
  return null
}

/** Bytes have no members to tell. */
const hasMembers = (data: unknown): data is JsonObject => isObject(data) && !(data instanceof Uint8Array)

const lacksBefore = ({ data }: AnyEvent): boolean =>
  data === undefined || (hasMembers(data) && data.before === undefined)

function withBefore(event: AnyEvent, row: ResourceRow | null): AnyEvent {
  if (row === null || row.removedAt !== null) return event
  const before = stateOf({ ...row, properties: JSON.parse(row.properties) as Record<string, unknown> })
  return { ...event, data: { ...(hasMembers(event.data) && event.data), before } }
}
