/**
 * What is kept of a capture: its mapping, the password apart and sealed, and how far its beginning is. As JSON texts among the
 * settings of the instance.
 */
import type { Sealer } from '../../access/sealer.js'
import { type CaptureSpec, type Connection, type Method, objectName } from './mapping.js'
import type { SchemaChange } from './row-reader.js'

export interface Stored {
  readonly name: string
  /** Whose events they become. */
  readonly tenant: string
  /** Without the password. */
  readonly spec: CaptureSpec
  readonly sealed: string | null
  readonly method: Method
  /** Another with each new beginning: part of the ids of its events. */
  readonly incarnation: string
  /** `beginning`: the rows that are there are still to be told. */
  readonly phase: 'beginning' | 'running' | 'ended' | 'removing'
  /** Tables that were captured and are not any more: what still comes of them is passed over. */
  readonly former: readonly string[]
  /** Replica identities that we changed, as they were. */
  readonly identities: Readonly<Record<string, string>>
  /** Milliseconds; of this incarnation. */
  readonly begunAt: number
  readonly revision: number
}

/** How it is doing, as its leader last said. */
export interface Progress {
  readonly state: 'running' | 'waiting' | 'held' | 'ended'
  /** Why it is not running. */
  readonly code: string | null
  readonly message: string | null
  readonly field: string | null
  /** Milliseconds. */
  readonly at: number
  readonly node: string
  /** Events since the beginning of this incarnation. */
  readonly admitted: number
  readonly skipped: number
  /** The newest last. */
  readonly schema: readonly (SchemaChange & { readonly at: number })[]
}

/** Which rows are known: what of each table's, of whose and which database. */
export interface Known {
  readonly tenant: string
  readonly database: string
  /** By table, the key and the columns, as one text. */
  readonly tables: Readonly<Record<string, string>>
}

export interface Counts {
  /** Rows of the source that were compared. */
  readonly rows: number
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  /** What was told of them; in a dry run, what would be. */
  readonly events: number
}

/** A look at the source for what was missed, asked for or done. Times in milliseconds. */
export interface Reconciliation {
  readonly id: string
  readonly tables: readonly string[]
  readonly dryRun: boolean
  readonly state: 'waiting' | 'running' | 'done' | 'failed'
  readonly code: string | null
  readonly message: string | null
  readonly field: string | null
  readonly askedAt: number
  readonly endedAt: number | null
  /** By table; of those that are done. */
  readonly counts: Readonly<Record<string, Counts>>
}

export interface Settings {
  get(name: string): Promise<string | null>
  put(name: string, value: string, at: number, by: string): Promise<void>
}

const INDEX = 'captures'
const keyOf = (name: string): string => `capture/${name}`
const progressKey = (name: string): string => `capture/${name}/progress`
const reconciliationKey = (name: string): string => `capture/${name}/reconciliation`
/** It outlives the capture: what is known of rows is for a later one of this name too. */
const knownKey = (name: string): string => `capture/${name}/known`

const parsed = <Value>(text: string | null, otherwise: Value): Value =>
  text === null ? otherwise : ((JSON.parse(text) as Value | null) ?? otherwise)

export class CaptureStore {
  readonly #settings: Settings
  readonly #sealer: Sealer
  readonly #now: () => number

  constructor(settings: Settings, sealer: Sealer, now: () => number) {
    this.#settings = settings
    this.#sealer = sealer
    this.#now = now
  }

  async list(): Promise<readonly Stored[]> {
    const names = parsed<readonly string[]>(await this.#settings.get(INDEX), [])
    const all = await Promise.all(names.map((name) => this.get(name)))
    return all.filter((stored) => stored !== null)
  }

  async get(name: string): Promise<Stored | null> {
    return parsed<Stored | null>(await this.#settings.get(keyOf(name)), null)
  }

  async put(stored: Stored, by: string): Promise<void> {
    await this.#settings.put(keyOf(stored.name), JSON.stringify(stored), this.#now(), by)
    await this.#index((names) => [...new Set([...names, stored.name])].sort(), by)
  }

  async remove(name: string, by: string): Promise<void> {
    await this.#index((names) => names.filter((each) => each !== name), by)
    await this.#settings.put(keyOf(name), 'null', this.#now(), by)
    await this.forgetProgress(name)
    await this.#settings.put(reconciliationKey(name), 'null', this.#now(), by)
  }

  async progress(name: string): Promise<Progress | null> {
    return parsed<Progress | null>(await this.#settings.get(progressKey(name)), null)
  }

  putProgress(name: string, progress: Progress): Promise<void> {
    return this.#settings.put(progressKey(name), JSON.stringify(progress), this.#now(), 'capture')
  }

  /** Of a new beginning nothing is known. */
  forgetProgress(name: string): Promise<void> {
    return this.#settings.put(progressKey(name), 'null', this.#now(), 'capture')
  }

  async reconciliation(name: string): Promise<Reconciliation | null> {
    return parsed<Reconciliation | null>(await this.#settings.get(reconciliationKey(name)), null)
  }

  putReconciliation(name: string, reconciliation: Reconciliation, by: string): Promise<void> {
    return this.#settings.put(reconciliationKey(name), JSON.stringify(reconciliation), this.#now(), by)
  }

  async known(name: string): Promise<Known | null> {
    return parsed<Known | null>(await this.#settings.get(knownKey(name)), null)
  }

  putKnown(name: string, known: Known | null, by: string): Promise<void> {
    return this.#settings.put(knownKey(name), JSON.stringify(known), this.#now(), by)
  }

  /** The mapping as it is kept. */
  sealed(name: string, tenant: string, { connection, ...rest }: CaptureSpec): Pick<Stored, 'spec' | 'sealed'> {
    const { password, ...open } = connection
    return {
      spec: { ...rest, connection: open },
      sealed: password === undefined ? null : this.#sealer.seal(password, placeOf(name, tenant)),
    }
  }

  /** With its password. @throws Fault `seal_broken` */
  connection({ name, tenant, spec, sealed }: Stored): Connection {
    if (sealed === null) return spec.connection
    return { ...spec.connection, password: this.#sealer.open(sealed, placeOf(name, tenant)) }
  }

  async #index(change: (names: readonly string[]) => readonly string[], by: string): Promise<void> {
    const names = parsed<readonly string[]>(await this.#settings.get(INDEX), [])
    const next = change(names)
    if (next.join() !== names.join()) await this.#settings.put(INDEX, JSON.stringify(next), this.#now(), by)
  }
}

const placeOf = (name: string, tenant: string) => ({ tenant, record: `capture/${name}`, path: 'connection.password' })

export const sourceOf = ({ name, spec }: Pick<Stored, 'name' | 'spec'>): string => spec.source ?? `/capture/${name}`

export const objectOf = ({ name }: Pick<Stored, 'name'>): string => objectName(name)
