/**
 * Who runs on which event, in which order: the registered processors under the settings made at run time.
 */
import { Conflict, InvalidInput, NotFound } from '../errors.js'
import { checkOptions, compile, type Options } from './options.js'
import type { Processor } from './processor.js'
import { checkOrder, checkPatterns, NO_SETTING, type ProcessorSetting } from './setting.js'

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
  readonly options: Options
}

export interface Places {
  readonly judges: readonly Placed[]
  readonly witnesses: readonly Placed[]
  readonly asynchronous: readonly Placed[]
}

/** The type itself and the native type it is a case of. */
export type Lineage = (type: string) => readonly string[]

export class LineUp {
  readonly #registered = new Map<string, Processor>()
  /** What the configuration file says; what was set at run time lies over it. */
  readonly #fromFile = new Map<string, ProcessorSetting>()
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

  /**
   * @throws Conflict `already_exists`, `wrong_state` when the configuration disables what may not be; InvalidInput with the
   *   field, also for a type that refuses asynchronous processors; TypeError.
   */
  register(processor: Processor): () => void {
    this.replace([], [processor])
    return () => {
      if (this.#registered.get(processor.name) === processor) this.#registered.delete(processor.name)
      this.#forget()
    }
  }

  /**
   * Some leave and others come, between two events. Of equal names the new one takes the old one's place.
   * Nothing changes when any is wrong. @throws as `register`
   */
  replace(leaving: readonly Processor[], coming: readonly Processor[]): void {
    const free = leaving.filter((each) => this.#registered.get(each.name) === each).map(({ name }) => name)
    for (const processor of coming) this.#checkNew(processor, free)
    const names = coming.map(({ name }) => name)
    for (const name of free) if (!names.includes(name)) this.#registered.delete(name)
    for (const processor of coming) this.#registered.set(processor.name, processor)
    this.#forget()
  }

  /** What `register` would say of it, but for a name that is taken. @throws as `register` */
  checkFit(processor: Processor): void {
    checkProcessor(processor)
    this.#checkTypes(processor, processor.types ?? [], 'types')
    this.#checkFile(processor, this.#fromFile.get(processor.name) ?? NO_SETTING)
  }

  /** What the file leaves out, such as a secret, may have been given at run time. */
  #checkFile(processor: Processor, file: ProcessorSetting): void {
    const { options } = this.setting(processor.name)
    const at = fileField(processor.name)
    try {
      this.#check(processor, file, NO_SETTING, at)
    } catch (error) {
      if (options === null) throw error
      this.#check(processor, file, { ...NO_SETTING, options }, at)
    }
  }

  #checkNew(processor: Processor, free: readonly string[]): void {
    this.checkFit(processor)
    if (this.#registered.has(processor.name) && !free.includes(processor.name))
      throw new Conflict('already_exists', `A processor named ${JSON.stringify(processor.name)} is registered already.`)
  }

  /** Patterns pass types over that refuse asynchronous processors; who names one is told. */
  #checkTypes({ name, kind }: Processor, types: readonly string[], field: string): void {
    if (kind !== 'asynchronous') return
    const index = types.findIndex((type) => this.#known.refusesAsynchronous?.(type))
    if (index < 0) return
    const message = `The event type ${types[index]} refuses asynchronous processors, and ${name} is one.`
    throw new InvalidInput('invalid_request', message, {
      field: `${field}[${index}]`,
      expected: 'types that may be processed later, or a judge or witness',
    })
  }

  /** What the configuration file says; its processor may come later. @throws as `check`, if it is here already */
  setFromFile(name: string, setting: Partial<ProcessorSetting>): void {
    const whole = { ...NO_SETTING, ...setting }
    const processor = this.#registered.get(name)
    if (processor) this.#checkFile(processor, whole)
    this.#fromFile.set(name, whole)
    this.#forget()
  }

  /** Everything that was set at run time, by name. */
  settings(): readonly (readonly [string, ProcessorSetting])[] {
    return [...this.#settings]
  }

  has(name: string): boolean {
    return this.#registered.has(name)
  }

  /** What was set at run time; nothing: no setting. */
  setting(name: string): ProcessorSetting {
    return this.#settings.get(name) ?? NO_SETTING
  }

  /** Replaces what was set at run time: what is left out is not set. Its processor may come later. */
  set(name: string, setting: Partial<ProcessorSetting>): void {
    this.#settings.set(name, { ...NO_SETTING, ...setting })
    this.#forget()
  }

  /**
   * Whether a setting may be made at run time; that of a processor that is not here is only found out when it comes.
   * @param at names the field in an error: `at('order')`.
   * @throws Conflict `wrong_state` if it may not be disabled; InvalidInput with the field
   */
  check(name: string, setting: ProcessorSetting, at: (member: string) => string = (member) => member): void {
    const processor = this.#registered.get(name)
    if (processor) this.#check(processor, this.#fromFile.get(name) ?? NO_SETTING, setting, at)
  }

  /** What the processor itself says of options that are set at run time. @throws InvalidInput with the field */
  async checkOptions(name: string, setting: ProcessorSetting, at: (member: string) => string): Promise<void> {
    const processor = this.#registered.get(name)
    const file = this.#fromFile.get(name) ?? NO_SETTING
    await processor?.check?.({ ...processor.options, ...file.options, ...setting.options }, at('options'))
  }

  #check(
    processor: Processor,
    file: ProcessorSetting,
    setting: ProcessorSetting,
    at: (member: string) => string,
  ): void {
    const { name, disableable, options } = processor
    if (disableable === false && (setting.enabled ?? file.enabled) === false)
      throw new Conflict('wrong_state', `The processor ${name} cannot be disabled.`, { field: at('enabled') })
    this.#checkTypes(processor, setting.types ?? file.types ?? [], at('types'))
    if (file.options === null && setting.options === null) return
    checkOptions(processor, { ...options, ...file.options, ...setting.options }, at('options'))
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
    const content = about === null ? [] : this.resourceLineage(about)
    const listening = this.#listening(type).filter(({ processor }) => isAbout(processor.resourceTypes, content))
    const kind = (wanted: Processor['kind']) => listening.filter((placed) => placed.processor.kind === wanted)
    return {
      judges: kind('judge').sort(byOrder),
      witnesses: kind('witness').sort(byOrder),
      asynchronous: this.#known.refusesAsynchronous?.(type) ? [] : kind('asynchronous').sort(byOrder),
    }
  }

  /** Whether its event types take this one in, whatever the event is about. */
  covers({ types }: Placed, type: string): boolean {
    return hears(types, this.#lineage(type))
  }

  /** Whether it would run on events of this type: some refuse asynchronous ones. */
  hears(placed: Placed, type: string): boolean {
    const isRefused = placed.processor.kind === 'asynchronous' && this.#known.refusesAsynchronous?.(type) === true
    return !isRefused && this.covers(placed, type)
  }

  /** The resource type itself and all that it implements. */
  resourceLineage(resourceType: string): readonly string[] {
    return this.#known.resourceLineage?.(resourceType) ?? [resourceType]
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
    const file = this.#fromFile.get(processor.name) ?? NO_SETTING
    const setting = this.setting(processor.name)
    return {
      processor,
      enabled: processor.disableable === false || (setting.enabled ?? file.enabled ?? processor.enabled ?? true),
      order: setting.order ?? file.order ?? processor.order ?? 0,
      types: setting.types ?? file.types ?? processor.types ?? [],
      options: { ...processor.options, ...file.options, ...setting.options },
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

const fileField = (name: string) => (member: string) => `processors.${name}.${member}`

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
  if (processor.order !== undefined) checkOrder(processor.order, 'order')
  if (processor.types !== undefined) checkPatterns(processor.types, 'types')
  if (processor.optionsSchema !== undefined) compile(processor.name, processor.optionsSchema)
  if (processor.priority !== undefined && processor.kind !== 'asynchronous')
    throw new TypeError('Only an asynchronous processor votes on the priority.')
  checkFailing(processor)
}

/** What is to happen when it fails. */
function checkFailing({ kind, deadline, onError, retries }: Processor): void {
  if (deadline !== undefined && !(deadline > 0 && Number.isFinite(deadline)))
    throw wrong('deadline', 'A deadline is a time.', 'milliseconds, more than 0')
  if (onError !== undefined && !ON_ERROR.includes(onError))
    throw wrong('onError', 'A failure is met in one of two ways.', ON_ERROR.join(' or '))
  if (onError === 'reject' && kind === 'witness')
    throw wrong('onError', 'What a witness hears is true already, so its failure stops nobody.', 'continue, or retries')
  if (retries === undefined) return
  if (kind !== 'witness') throw wrong('retries', 'Only a witness says how often it is tried again.', 'nothing')
  if (!Number.isSafeInteger(retries) || retries < 0) throw wrong('retries', 'Retries are counted.', 'an integer from 0')
}

const ON_ERROR: readonly string[] = ['reject', 'continue']

const wrong = (field: string, message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field, expected })
