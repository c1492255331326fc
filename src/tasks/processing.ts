/**
 * The switches of processing, for the whole instance: whether asynchronous processors run later or in the publishing call,
 * and whether the queue is worked off at all. What an operator sets is laid over the configuration, at once.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { InvalidInput } from '../errors.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Store } from '../store/port.js'
import { PROCESSORS } from './local.js'

export interface Switches {
  /** False: everything is worked on in the publishing call. */
  readonly asynchronous: boolean
  /** True: events are accepted and queued, and nothing is worked off the queue. */
  readonly stopped: boolean
}

export interface ProcessingDependencies {
  readonly store: Pick<Store, 'settings' | 'features'>
  /** What the configuration says. */
  readonly defaults: Switches
  audit(entry: AuditEntry): Promise<void>
  /** Tasks may be due. */
  wake(): void
  failed(error: unknown): void
  now(): number
}

/** Milliseconds after which a switch set by another node is seen. */
const FRESH = 1_000

const NAMES = ['asynchronous', 'stopped'] as const
const keyOf = (name: (typeof NAMES)[number]): string => `processing.${name}`

export class Processing {
  readonly #dependencies: ProcessingDependencies
  #switches: Switches
  #timer: NodeJS.Timeout | undefined
  /** How often something was set here: counted before it is written and after. */
  #sets = 0

  constructor(dependencies: ProcessingDependencies) {
    this.#dependencies = dependencies
    const { asynchronous, stopped } = dependencies.defaults
    this.#switches = { asynchronous, stopped }
  }

  get asynchronous(): boolean {
    return this.#switches.asynchronous
  }

  /** The subscriptions of which nothing is worked off now. */
  get closed(): readonly string[] {
    return this.#switches.stopped ? STOPPED : NONE
  }

  /** Reads what was set before, and goes on reading where others may set it. */
  async start(): Promise<void> {
    await this.#load()
    if (!this.#dependencies.store.features.shared) return
    this.#timer = setInterval(() => this.refresh(), FRESH)
    this.#timer.unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Another node may have set one. */
  refresh(): void {
    void this.#load().catch(this.#dependencies.failed)
  }

  get(caller: Principal): Switches {
    requireScope(caller, 'processors:read')
    return this.#switches
  }

  /** Holds at once in this process, within a second elsewhere. @throws InvalidInput `invalid_request` */
  async set(caller: Principal, change: Partial<Switches>): Promise<Switches> {
    requireScope(caller, 'processors:write')
    checkChange(change)
    const { store, audit, now, wake } = this.#dependencies
    this.#sets += 1
    for (const name of NAMES) {
      const value = change[name]
      if (value !== undefined) await store.settings.put(keyOf(name), JSON.stringify(value), now(), caller.id)
    }
    this.#sets += 1
    this.#switches = { ...this.#switches, ...change }
    const { tenant, id: actor } = caller
    await audit({ tenant, at: now(), actor, action: 'processing.set', object: 'processing', detail: { ...change } })
    wake()
    return this.#switches
  }

  async #load(): Promise<void> {
    const { store, defaults, wake } = this.#dependencies
    const sets = this.#sets
    const [asynchronous, stopped] = await Promise.all(NAMES.map((name) => store.settings.get(keyOf(name))))
    // Something was set meanwhile: what was read may be what was before.
    if (sets !== this.#sets) return
    const wasStopped = this.#switches.stopped
    this.#switches = {
      asynchronous: asynchronous === null ? defaults.asynchronous : asynchronous === 'true',
      stopped: stopped === null ? defaults.stopped : stopped === 'true',
    }
    if (wasStopped && !this.#switches.stopped) wake()
  }
}

const STOPPED: readonly string[] = [PROCESSORS]
const NONE: readonly string[] = []

function checkChange(change: Partial<Switches>): void {
  for (const [name, value] of Object.entries(change)) {
    const isKnown = NAMES.some((each) => each === name)
    if (isKnown && (value === undefined || typeof value === 'boolean')) continue
    throw new InvalidInput('invalid_request', `${name} is no switch of processing.`, {
      field: name,
      expected: isKnown ? 'true or false' : NAMES.join(', '),
    })
  }
}
