/**
 * Messages that name the subscriptions they are for: no judge sees them, nothing is matched, and nobody else hears them.
 * They are kept and leased like events: it is the same log and the same queue.
 */
import { type Principal, requireScope } from '../../access/principal.js'
import { Unavailable } from '../../errors.js'
import type { AnyEvent } from '../../event/envelope.js'
import { sha256 } from '../../intake/canonical.js'
import type { Admission, AdmissionResult, AdmittedReceipt, Candidate } from '../../store/port.js'
import type { EventRow, NewEvent } from '../../store/rows.js'
import type { Subscription } from '../../subscriptions/subscription.js'

/** The subscriptions of a tenant as they are at one version. */
export interface Addressees {
  readonly version: number
  readonly subscriptions: readonly Subscription[]
  subscription(id: string): Subscription | undefined
}

/** One subscription a message is for. */
export interface Address {
  readonly subscription: string
  /** Kept in order with those of the same partition key, or not. */
  readonly ordered: boolean
  /** Not before, milliseconds since 1970. */
  readonly wakeAt?: number
  /** After that nobody is told, milliseconds since 1970. */
  readonly expiresAt?: number
}

export interface AddressedMessage {
  /** With the source it names the message: another of the same name is not taken. */
  readonly id: string
  /** Milliseconds for which the name counts; afterwards another message may have it. Default: as long as it is kept. */
  readonly window?: number
  readonly source: string
  /** One of the catalogue with `addressed`. */
  readonly type: string
  readonly subject?: string
  /** Whom it is about as well: erasing what is told of one reaches the message too. */
  readonly superOwner?: string
  readonly partitionKey?: string
  /** What it says and whom it is for, by the subscriptions as they are; asked again if they change before it is written. */
  tell(addressees: Addressees): {
    /** JSON, of any size that the protocol allows. */
    readonly data: Readonly<Record<string, unknown>>
    readonly to: readonly Address[]
  }
}

export type Sent =
  | { readonly status: 'sent'; readonly sequence: number; readonly receivedAt: number }
  /** The name was used: this is the message that has it. */
  | { readonly status: 'known'; readonly event: EventRow }

export interface AddressedDependencies {
  /** In a commit that it shares. */
  add(admission: Admission): Promise<AdmissionResult>
  addressees(tenant: string): Addressees | Promise<Addressees>
  /** Reads the subscriptions again, at this version or a later one. */
  reload(tenant: string, version: number): Promise<void>
  find(tenant: string, id: string, source: string): Promise<readonly EventRow[]>
  toBody(event: AnyEvent): string
  /** Told after each commit. */
  admitted(tenant: string, receipts: readonly AdmittedReceipt[]): void
  now(): number
}

const PATIENCE = 20

export class Addressed {
  readonly #dependencies: AddressedDependencies
  /** By name: what is being sent whose name counts for a while. */
  readonly #sending = new Map<string, Promise<unknown>>()

  constructor(dependencies: AddressedDependencies) {
    this.#dependencies = dependencies
  }

  /** Answers when it is kept. @throws AccessDenied, Unavailable; and what `tell` throws */
  async send(caller: Principal, message: AddressedMessage): Promise<Sent> {
    requireScope(caller, 'events:publish')
    const { window, id, source } = message
    if (window === undefined) return this.#send(caller, message, this.#dependencies.now())
    const name = JSON.stringify([caller.tenant, source, id])
    const before = this.#sending.get(name) ?? Promise.resolve()
    const sending = before.catch(() => undefined).then(() => this.#sendWithin(caller, message, window))
    this.#sending.set(name, sending)
    return sending.finally(() => {
      if (this.#sending.get(name) === sending) this.#sending.delete(name)
    })
  }

  /**
   * Time lies in stretches as long as the window, and in each the name is taken once: so a message that counts is of this
   * stretch or of the one before. Only two nodes that are sent it in the same moment, as a stretch ends, may both take it.
   */
  async #sendWithin(caller: Principal, message: AddressedMessage, window: number): Promise<Sent> {
    const now = this.#dependencies.now()
    const stretch = Math.floor(now / window)
    const named = (index: number) => `${message.id}~${index}`
    const [before] = await this.#dependencies.find(caller.tenant, named(stretch - 1), message.source)
    if (before && before.receivedAt > now - window) return { status: 'known', event: before }
    return this.#send(caller, { ...message, id: named(stretch) }, now)
  }

  async #send(caller: Principal, message: AddressedMessage, now: number): Promise<Sent> {
    const { tenant } = caller
    const { add, addressees, reload, admitted } = this.#dependencies
    for (let attempt = 0; attempt < PATIENCE; attempt++) {
      const known = addressees(tenant)
      const present = known instanceof Promise ? await known : known
      const { data, to } = message.tell(present)
      const event = this.#eventOf(caller, message, data, now)
      const entry = { event, candidates: to.map(candidateAt), results: [] }
      const result = await add({ tenant, events: [entry], change: null, subscriptionVersion: present.version })
      if (result.status === 'admitted') {
        admitted(tenant, result.events)
        return { status: 'sent', sequence: result.events[0]?.sequence ?? 0, receivedAt: event.receivedAt }
      }
      if (result.status === 'duplicate' || result.status === 'mismatch') return { status: 'known', event: result.event }
      if (result.status === 'stale') await reload(tenant, result.version)
    }
    throw new Unavailable('unavailable', 'The subscriptions change faster than the message can be addressed.', {
      retryAfter: 1,
    })
  }

  #eventOf(
    { tenant, id: principal }: Principal,
    { id, source, type, subject, superOwner, partitionKey = id }: AddressedMessage,
    data: Readonly<Record<string, unknown>>,
    receivedAt: number,
  ): NewEvent {
    const { toBody } = this.#dependencies
    const time = new Date(receivedAt).toISOString()
    const event: { -readonly [Name in keyof AnyEvent]: AnyEvent[Name] } = { id, source, type, time, tenant, data }
    if (subject !== undefined) event.subject = subject
    if (superOwner !== undefined) event.superOwner = superOwner
    const body = toBody(event)
    // One literal: spreads cost as much as all else here.
    return {
      tenant,
      source,
      id,
      type,
      subject: subject ?? null,
      partitionKey,
      superOwner: superOwner ?? null,
      transactionId: null,
      parentId: null,
      rootId: null,
      priority: 'normal',
      receivedAt,
      executeAt: null,
      expiresAt: null,
      state: 'addressed',
      processedOrder: null,
      hash: sha256(body),
      principal,
      body,
      deed: null,
    }
  }
}

export const candidateAt = ({ subscription, ordered, wakeAt, expiresAt }: Address): Candidate => ({
  subscription,
  order: ordered ? 'strict' : 'none',
  priority: 'normal',
  wakeAt: wakeAt ?? null,
  expiresAt: expiresAt ?? null,
  scope: 'tenant',
  lease: false,
  likeness: null,
  locks: false,
  under: null,
})
