/**
 * The processors as operators see them, and change them at run time: enabling, order, event types, options.
 */
import { type Principal, requireScope } from '../access/principal.js'
import { InvalidInput } from '../errors.js'
import { deadlineOf } from './call.js'
import type { LineUp, Placed, ProcessorSetting } from './line-up.js'
import type { ProcessorKind } from './processor.js'

export interface StoredSetting {
  readonly name: string
  readonly enabled: boolean | null
  readonly order: number | null
  readonly types: string | null
  readonly options: string | null
  readonly updatedAt: number
  readonly updatedBy: string
}

/** What this folder needs of a store. */
export interface ProcessorSettings {
  settings(): Promise<readonly StoredSetting[]>
  put(row: StoredSetting): Promise<void>
}

export interface ProcessorView {
  readonly name: string
  readonly kind: ProcessorKind
  readonly description: string | null
  readonly enabled: boolean
  readonly disableable: boolean
  readonly order: number
  /** Empty: every type. */
  readonly types: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
  /** Milliseconds. */
  readonly deadline: number
  readonly onError: 'reject' | 'continue'
}

export interface ProcessorsDependencies {
  readonly lineUp: LineUp
  readonly store: ProcessorSettings
  audit(entry: {
    tenant: string
    at: number
    actor: string
    action: string
    object: string
    detail: Readonly<Record<string, unknown>>
  }): Promise<void>
  now(): number
}

export class Processors {
  readonly #dependencies: ProcessorsDependencies

  constructor(dependencies: ProcessorsDependencies) {
    this.#dependencies = dependencies
  }

  /** Lays stored settings over the code's own, at start. */
  async load(): Promise<void> {
    for (const { name, enabled, order, types, options } of await this.#dependencies.store.settings()) {
      this.#dependencies.lineUp.set(name, {
        enabled,
        order,
        types: types === null ? null : (JSON.parse(types) as string[]),
        options: options === null ? null : (JSON.parse(options) as Record<string, unknown>),
      })
    }
  }

  list(caller: Principal): readonly ProcessorView[] {
    requireScope(caller, 'processors:read')
    return this.#dependencies.lineUp.list().map(viewOf)
  }

  /** Holds at once, without a restart. @throws NotFound, InvalidInput, Conflict `wrong_state` if it may not be disabled */
  async configure(caller: Principal, name: string, setting: Partial<ProcessorSetting>): Promise<ProcessorView> {
    requireScope(caller, 'processors:write')
    const { lineUp, store, audit, now } = this.#dependencies
    lineUp.get(name)
    checkSetting(setting)
    const { enabled, order, types, options } = lineUp.set(name, setting)
    await store.put({
      name,
      enabled,
      order,
      types: types === null ? null : JSON.stringify(types),
      options: options === null ? null : JSON.stringify(options),
      updatedAt: now(),
      updatedBy: caller.id,
    })
    const { tenant, id: actor } = caller
    await audit({ tenant, at: now(), actor, action: 'processor.configure', object: name, detail: { ...setting } })
    return viewOf(lineUp.get(name))
  }
}

const viewOf = (placed: Placed): ProcessorView => {
  const { processor, enabled, order, types, options } = placed
  return {
    name: processor.name,
    kind: processor.kind,
    description: processor.description ?? null,
    enabled,
    disableable: processor.disableable ?? true,
    order,
    types,
    options,
    deadline: deadlineOf(placed),
    onError: processor.onError ?? 'reject',
  }
}

function checkSetting({ order, types }: Partial<ProcessorSetting>): void {
  if (order !== undefined && order !== null && !Number.isSafeInteger(order)) {
    throw new InvalidInput('invalid_request', 'The order is not a whole number.', {
      field: 'order',
      expected: 'an integer',
    })
  }
  const wrong = types?.findIndex((type) => typeof type !== 'string' || type.trim() === '') ?? -1
  if (wrong >= 0)
    throw new InvalidInput('invalid_request', 'An event type is empty.', {
      field: `types[${wrong}]`,
      expected: 'an event type pattern',
    })
}
