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

/** What the line-up must know of types; what is left out does not hold. */
export interface KnownTypes {
  /** The resource type itself and all that it implements. Default: itself alone. */
  resourceLineage?(resourceType: string): readonly string[]
  /** What events of a type are about when the registry does not know their subject. */
  resourceType?(type: string): string | null
  /** Whether an event type refuses asynchronous processors. */
  refusesAsynchronous?(type: string): boolean
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
  readonly #known: KnownTypes
  /** By event type and resource type, forgotten whenever anything changes. */
  readonly #places = new Map<string, Places>()
  /** Whether the resource type matters, by event type. */
  readonly #choosy = new Map<string, boolean>()

  constructor(lineage: Lineage, known: KnownTypes = {}) {
    this.#lineage = lineage
    this.#known = known
  }

  /** @throws Conflict `already_exists`; InvalidInput for a type that refuses asynchronous processors */
  register(processor: Processor): () => void {
    checkProcessor(processor)
    this.checkTypes(processor, processor.types ?? [])
    if (this.#registered.has(processor.name)) {
      throw new Conflict('already_exists', `A processor named ${JSON.stringify(processor.name)} is registered already.`)
    }
    this.#registered.set(processor.name, processor)
    this.#forget()
    return () => {
      if (this.#registered.get(processor.name) === processor) this.#registered.delete(processor.name)
      this.#forget()
    }
  }

  /** @throws InvalidInput with `types[i]` for a type that refuses asynchronous processors; patterns pass such types over. */
  checkTypes({ name, kind }: Pick<Processor, 'name' | 'kind'>, types: readonly string[]): void {
    if (kind !== 'asynchronous') return
    const index = types.findIndex((type) => this.#known.refusesAsynchronous?.(type))
    if (index < 0) return
    const message = `The event type ${types[index]} refuses asynchronous processors, and ${name} is one.`
    throw new InvalidInput('invalid_request', message, {
      field: `types[${index}]`,
      expected: 'types that may be processed later, or a judge or witness',
    })
  }

  /** A setting may come before its processor is registered, as from a file. */
  set(name: string, setting: Partial<ProcessorSetting>): ProcessorSetting {
    const merged = { ...NO_SETTING, ...this.#settings.get(name), ...setting }
    const processor = this.#registered.get(name)
    if (processor?.disableable === false && merged.enabled === false) {
      throw new Conflict('wrong_state', `The processor ${name} cannot be disabled.`, { field: 'enabled' })
    }
    this.#settings.set(name, merged)
    this.#forget()
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

  /**
   * The enabled ones for an event; `when` is asked later, with the event at hand.
   * @param resourceType what the registry knows its subject as; null: not known, so what the event type says counts.
   */
  for(type: string, resourceType: string | null = null): Places {
    const key = resourceType === null ? type : `${type}\n${resourceType}`
    return this.#places.get(key) ?? this.#keep(this.#places, key, this.#placesFor(type, resourceType))
  }

  /** Whether it matters to the choice what an event of this type is about. */
  needsResourceType(type: string): boolean {
    const choosy = () => this.#listening(type).some(({ processor }) => (processor.resourceTypes ?? []).length > 0)
    return this.#choosy.get(type) ?? this.#keep(this.#choosy, type, choosy())
  }

  /** Open tenants may send any type name: the memory stays bounded. */
  #keep<Value>(memory: Map<string, Value>, key: string, value: Value): Value {
    if (memory.size > 10_000) memory.clear()
    memory.set(key, value)
    return value
  }

  #placesFor(type: string, resourceType: string | null): Places {
    const about = resourceType ?? this.#known.resourceType?.(type) ?? null
    const content = about === null ? [] : (this.#known.resourceLineage?.(about) ?? [about])
    const listening = this.#listening(type).filter(({ processor }) => isAbout(processor.resourceTypes, content))
    const kind = (wanted: Processor['kind']) => listening.filter((placed) => placed.processor.kind === wanted)
    return {
      judges: kind('judge').sort(byOrder),
      witnesses: kind('witness'),
      asynchronous: this.#known.refusesAsynchronous?.(type) ? [] : kind('asynchronous').sort(byOrder),
    }
  }

  #listening(type: string): readonly Placed[] {
    const lineage = this.#lineage(type)
    return [...this.#registered.values()]
      .map((processor) => this.#place(processor))
      .filter((placed) => placed.enabled && hears(placed.types, lineage))
  }

  #forget(): void {
    this.#places.clear()
    this.#choosy.clear()
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

/** Nobody asked for: everything. Asked for: one of them must be the type itself or one that it implements. */
const isAbout = (wanted: readonly string[] = [], content: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((type) => content.includes(type))

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
