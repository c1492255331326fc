/**
 * Who runs on which event, in which order: the registered processors under the settings made at run time.
 */
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import type { Processor } from './processor.js'

/** What an operator changed; null keeps the code's own value. */
export interface ProcessorSetting {
  readonly enabled: boolean | null
  readonly order: number | null
  readonly types: readonly string[] | null
  readonly options: Readonly<Record<string, unknown>> | null
}

/** A processor as it runs now. */
export interface Placed {
  readonly processor: Processor
  readonly enabled: boolean
  readonly order: number
  readonly types: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

export interface Places {
  readonly judges: readonly Placed[]
  /** In registration order. */
  readonly witnesses: readonly Placed[]
  readonly asynchronous: readonly Placed[]
}

/** The type itself and the native type it is a case of. */
export type Lineage = (type: string) => readonly string[]

const NO_SETTING: ProcessorSetting = { enabled: null, order: null, types: null, options: null }

export class LineUp {
  readonly #registered = new Map<string, Processor>()
  readonly #settings = new Map<string, ProcessorSetting>()
  readonly #lineage: Lineage
  /** By event type, forgotten whenever anything changes. */
  readonly #places = new Map<string, Places>()

  constructor(lineage: Lineage) {
    this.#lineage = lineage
  }

  /** @throws Conflict `already_exists` */
  register(processor: Processor): () => void {
    checkProcessor(processor)
    if (this.#registered.has(processor.name)) {
      throw new Conflict('already_exists', `A processor named ${JSON.stringify(processor.name)} is registered already.`)
    }
    this.#registered.set(processor.name, processor)
    this.#places.clear()
    return () => {
      if (this.#registered.get(processor.name) === processor) this.#registered.delete(processor.name)
      this.#places.clear()
    }
  }

  /** A setting may come before its processor is registered, as from a file. */
  set(name: string, setting: Partial<ProcessorSetting>): ProcessorSetting {
    const merged = { ...NO_SETTING, ...this.#settings.get(name), ...setting }
    const processor = this.#registered.get(name)
    if (processor?.disableable === false && merged.enabled === false) {
      throw new Conflict('wrong_state', `The processor ${name} cannot be disabled.`, { field: 'enabled' })
    }
    this.#settings.set(name, merged)
    this.#places.clear()
    return merged
  }

  get(name: string): Placed {
    const processor = this.#registered.get(name)
    if (!processor) throw new NotFound('processor', name)
    return this.#place(processor)
  }

  /** All, by kind and order. */
  list(): readonly Placed[] {
    return [...this.#registered.values()].map((processor) => this.#place(processor)).sort(byOrder)
  }

  /** The enabled ones for a type; `when` is asked later, with the event at hand. */
  for(type: string): Places {
    const known = this.#places.get(type)
    if (known) return known
    const lineage = this.#lineage(type)
    const listening = [...this.#registered.values()]
      .map((processor) => this.#place(processor))
      .filter((placed) => placed.enabled && hears(placed.types, lineage))
    const kind = (wanted: Processor['kind']) => listening.filter((placed) => placed.processor.kind === wanted)
    const places = {
      judges: kind('judge').sort(byOrder),
      witnesses: kind('witness'),
      asynchronous: kind('asynchronous').sort(byOrder),
    }
    // Open tenants may send any type name: the memory stays bounded.
    if (this.#places.size > 10_000) this.#places.clear()
    this.#places.set(type, places)
    return places
  }

  #place(processor: Processor): Placed {
    const setting = this.#settings.get(processor.name) ?? NO_SETTING
    return {
      processor,
      enabled: processor.disableable === false || (setting.enabled ?? processor.enabled ?? true),
      order: setting.order ?? processor.order ?? 0,
      types: setting.types ?? processor.types ?? [],
      options: { ...processor.options, ...setting.options },
    }
  }
}

/** Sort is stable: equal orders stay in registration order. */
const byOrder = (one: Placed, other: Placed): number => one.order - other.order

/** Tocsin's own events are heard only by who names them: a judge of everything must not hold up what tells of failures. */
const isOwn = (lineage: readonly string[]): boolean => lineage[0]?.startsWith('tocsin.') === true

const hears = (patterns: readonly string[], lineage: readonly string[]): boolean =>
  isOwn(lineage)
    ? patterns.some((pattern) => pattern.startsWith('tocsin.') && matchesType(pattern, lineage[0] ?? ''))
    : patterns.length === 0 || patterns.some((pattern) => lineage.some((name) => matchesType(pattern, name)))

/** `*`, an exact name, or a prefix such as `credential.*`. */
export const matchesType = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))

const KINDS = ['judge', 'witness', 'asynchronous']

function checkProcessor(processor: Processor): void {
  if (typeof processor.run !== 'function') throw new TypeError('A processor needs a function `run`.')
  if (!KINDS.includes(processor.kind)) throw new TypeError(`A processor's kind is one of ${KINDS.join(', ')}.`)
  if (!/^[\w.:-]{1,128}$/.test(processor.name ?? '')) {
    throw new InvalidInput('invalid_request', 'A processor needs a name.', {
      field: 'name',
      expected: '1 to 128 letters, digits or any of _ . : -',
    })
  }
  if (processor.order !== undefined && !Number.isInteger(processor.order)) {
    throw new InvalidInput('invalid_request', 'The order is not a whole number.', {
      field: 'order',
      expected: 'an integer',
    })
  }
}
