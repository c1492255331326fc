/**
 * The processors as operators see them, and change them at run time: enabling, order, event types, options.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Principal, requireScope } from '../access/principal.js'
import { checkKnownTypes } from '../event/known-types.js'
import { Mutex } from '../mutex.js'
import type { LineUp } from './line-up.js'
import { hasSecret, maskedOptions, type Options, unmasked } from './options.js'
import { type OverviewResource, overviewOf, type Predefined } from './overview.js'
import { checkFilter, fits, type ProcessorFilter } from './processor-filter.js'
import { type ProcessorView, viewOf } from './processor-view.js'
import { type ProcessorSetting, readSetting, SEALED } from './setting.js'
import {
  differences,
  laidOver,
  readSettingsFile,
  type SettingChange,
  type SettingsFile,
  setMembers,
} from './settings-file.js'

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

export interface ProcessorsDependencies {
  readonly lineUp: LineUp
  readonly store: ProcessorSettings
  /** Of the event types in the catalogue. */
  typeNames(): readonly string[]
  /** Whether the tenant accepts types that are not in the catalogue. */
  openTypes(tenant: string): boolean | Promise<boolean>
  /** The event types that refuse asynchronous processors. */
  refusing(): readonly string[]
  /** What the systems of the profiles run themselves. */
  readonly predefined: readonly Predefined[]
  /** Seals options that hold a secret. @param record what they belong to */
  readonly sealer: { seal(plain: string, record: string): string; open(sealed: string, record: string): string }
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

export interface ApplyOptions {
  /** Only tell what would change. */
  readonly dryRun?: boolean | undefined
  /** What the file does not name goes back to the configuration and the code. */
  readonly prune?: boolean | undefined
}

interface Together extends ApplyOptions {
  /** The event types there will be, if those of the catalogue change too. */
  readonly typeNames?: readonly string[] | undefined
}

interface Planned extends SettingChange {
  readonly setting: ProcessorSetting
}

export class Processors {
  readonly #dependencies: ProcessorsDependencies
  /** Changes take turns: each begins with what the one before it left. */
  readonly #turns = new Mutex()

  constructor(dependencies: ProcessorsDependencies) {
    this.#dependencies = dependencies
  }

  /** Lays what was set at run time over configuration and code, at start. @throws Fault `seal_broken` */
  async load(): Promise<void> {
    const { store, lineUp } = this.#dependencies
    for (const { name, enabled, order, types, options } of await store.settings()) {
      const setting = {
        enabled,
        order,
        types: types === null ? null : (JSON.parse(types) as string[]),
        options: options === null ? null : this.#opened(name, options),
      }
      if (!isDeepStrictEqual(setting, lineUp.setting(name))) lineUp.set(name, setting)
    }
  }

  /** Another process may have set something: it holds here too. @throws Fault `seal_broken` */
  refresh(): Promise<void> {
    return this.#turns.run(() => this.load())
  }

  /** By order. @throws InvalidInput `invalid_filter` */
  list(caller: Principal, filter: ProcessorFilter = {}): readonly ProcessorView[] {
    requireScope(caller, 'processors:read')
    checkFilter(filter)
    const { lineUp } = this.#dependencies
    return lineUp
      .list()
      .filter((placed) => {
        const hears = (type: string) => lineUp.hears(placed, type)
        const resourceLineage = (type: string) => lineUp.resourceLineage(type)
        return fits(this.#view(placed.processor.name), filter, { hears, resourceLineage })
      })
      .map(({ processor }) => this.#view(processor.name))
  }

  /** @throws NotFound */
  get(caller: Principal, name: string): ProcessorView {
    requireScope(caller, 'processors:read')
    return this.#view(name)
  }

  /** Resource types by event types by processors, those of other systems beside ours. @throws InvalidInput `invalid_filter` */
  overview(caller: Principal, filter: ProcessorFilter = {}): readonly OverviewResource[] {
    const { lineUp, predefined } = this.#dependencies
    return overviewOf({ views: this.list(caller), predefined, lineUp, filter })
  }

  /**
   * Holds at once, without a restart; null goes back to the configuration and the code.
   * @throws NotFound; InvalidInput with the field; Conflict `wrong_state` if it may not be disabled
   */
  configure(caller: Principal, name: string, patch: Partial<ProcessorSetting>): Promise<ProcessorView> {
    return this.#turns.run(async () => {
      requireScope(caller, 'processors:write')
      const { lineUp } = this.#dependencies
      lineUp.get(name)
      const setting = this.#restored(name, { ...lineUp.setting(name), ...readSetting(patch) })
      lineUp.check(name, setting)
      await this.#checkOptions(name, setting)
      await this.#checkTypes(caller, name, setting)
      const change = this.#planned(name, setting)
      if (change) await this.#set(caller, change)
      return this.#view(name)
    })
  }

  /** What was set at run time, secrets masked: `apply` of it changes nothing. */
  export(caller: Principal): SettingsFile {
    requireScope(caller, 'processors:read')
    const { lineUp } = this.#dependencies
    const entries = lineUp.settings().map(([name, setting]) => [name, setMembers(this.#masked(name, setting))] as const)
    return { processors: Object.fromEntries(entries.filter(([, setting]) => Object.keys(setting).length > 0)) }
  }

  /** What `apply` would change. @throws as `apply` */
  async diff(
    caller: Principal,
    file: unknown,
    { prune = false }: Pick<ApplyOptions, 'prune'> = {},
  ): Promise<readonly SettingChange[]> {
    requireScope(caller, 'processors:read')
    const plan = this.#plan(file, prune)
    for (const { processor, setting } of plan) await this.#checkTypes(caller, processor, setting, fieldIn(processor))
    return plan.map(told)
  }

  /**
   * Lays a file over what is set: all of it, or nothing when any of it is wrong. A masked secret stays what it is.
   * @throws InvalidInput `invalid_request` with a field such as `processors.acme:check.order`; Conflict `wrong_state`
   */
  apply(caller: Principal, file: unknown, options: ApplyOptions = {}): Promise<readonly SettingChange[]> {
    const { store } = this.#dependencies
    return this.applyWith(caller, file, options, async (rows) => {
      for (const row of rows) await store.put(row)
    })
  }

  /** The same, written by the caller together with what else must be true at once. @throws as `apply`, and as `write` */
  applyWith(
    caller: Principal,
    file: unknown,
    { dryRun = false, prune = false, typeNames }: Together,
    write: (rows: readonly StoredSetting[]) => Promise<void>,
  ): Promise<readonly SettingChange[]> {
    return this.#turns.run(async () => {
      requireScope(caller, 'processors:write')
      const plan = this.#plan(file, prune)
      for (const { processor, setting } of plan) {
        await this.#checkOptions(processor, setting, fieldIn(processor))
        await this.#checkTypes(caller, processor, setting, fieldIn(processor), typeNames)
      }
      if (!dryRun) {
        await write(plan.map((change) => this.#stored(caller, change)))
        for (const change of plan) await this.#adopt(caller, change)
      }
      return plan.map(told)
    })
  }

  #plan(file: unknown, prune: boolean): readonly Planned[] {
    const { lineUp } = this.#dependencies
    const { processors } = readSettingsFile(file)
    const names = [...Object.keys(processors), ...(prune ? lineUp.settings().map(([name]) => name) : [])]
    return [...new Set(names)].flatMap((name) => {
      const said = Object.hasOwn(processors, name) ? processors[name] : undefined
      const setting = this.#restored(name, laidOver(lineUp.setting(name), said, prune))
      lineUp.check(name, setting, fieldIn(name))
      return this.#planned(name, setting) ?? []
    })
  }

  /** What stays as it is may be what the rules have come to forbid: it must not keep the processor from being disabled. */
  async #checkOptions(
    name: string,
    setting: ProcessorSetting,
    at: (member: string) => string = (member) => member,
  ): Promise<void> {
    const { lineUp } = this.#dependencies
    const { options } = setting
    if (options === null || isDeepStrictEqual(options, lineUp.setting(name).options)) return
    await lineUp.checkOptions(name, setting, at)
  }

  /** What is set anew must be able to come. A type may have gone with its plug-in, and what stays as it is stays. */
  async #checkTypes(
    { tenant }: Principal,
    name: string,
    { types }: ProcessorSetting,
    at: (member: string) => string = (member) => member,
    typeNames = this.#dependencies.typeNames(),
  ): Promise<void> {
    const { lineUp, openTypes } = this.#dependencies
    if (types === null || !lineUp.has(name) || (await openTypes(tenant))) return
    const own = [...(lineUp.setting(name).types ?? []), ...(lineUp.get(name).processor.types ?? [])]
    checkKnownTypes(types, [...typeNames, ...own], at('types'))
  }

  #planned(name: string, setting: ProcessorSetting): Planned | null {
    const { lineUp } = this.#dependencies
    const mask = (options: Options) => maskedOptions(this.#schema(name), options)
    const differing = differences(lineUp.setting(name), setting, mask)
    return differing && { processor: name, registered: lineUp.has(name), ...differing, setting }
  }

  async #set(caller: Principal, change: Planned): Promise<void> {
    await this.#dependencies.store.put(this.#stored(caller, change))
    await this.#adopt(caller, change)
  }

  #stored({ id: updatedBy }: Principal, { processor: name, setting }: Planned): StoredSetting {
    const { enabled, order, types, options } = setting
    return {
      ...{ name, enabled, order, updatedAt: this.#dependencies.now(), updatedBy },
      types: types === null ? null : JSON.stringify(types),
      options: options === null ? null : this.#sealed(name, options),
    }
  }

  /** What is written holds here. */
  async #adopt({ tenant, id: actor }: Principal, { processor: name, before, after, setting }: Planned): Promise<void> {
    const { lineUp, audit, now } = this.#dependencies
    lineUp.set(name, setting)
    await audit({ tenant, at: now(), actor, action: 'processor.configure', object: name, detail: { ...after, before } })
  }

  #view(name: string): ProcessorView {
    const { lineUp, refusing } = this.#dependencies
    return viewOf(lineUp.get(name), lineUp, refusing())
  }

  #schema(name: string) {
    const { lineUp } = this.#dependencies
    return lineUp.has(name) ? lineUp.get(name).processor.optionsSchema : undefined
  }

  #masked(name: string, setting: ProcessorSetting): ProcessorSetting {
    return { ...setting, options: setting.options && maskedOptions(this.#schema(name), setting.options) }
  }

  /** A secret that came back masked is the one that is set. */
  #restored(name: string, setting: ProcessorSetting): ProcessorSetting {
    const { lineUp } = this.#dependencies
    const set = lineUp.setting(name).options ?? {}
    const effective = lineUp.has(name) ? lineUp.get(name).options : {}
    return { ...setting, options: setting.options && unmasked(this.#schema(name), setting.options, set, effective) }
  }

  #sealed(name: string, options: Options): string {
    const plain = JSON.stringify(options)
    if (!hasSecret(this.#schema(name), options)) return plain
    return JSON.stringify({ [SEALED]: this.#dependencies.sealer.seal(plain, recordOf(name)) })
  }

  #opened(name: string, text: string): Options {
    const stored = JSON.parse(text) as Options
    const sealed = stored[SEALED]
    if (typeof sealed !== 'string') return stored
    return JSON.parse(this.#dependencies.sealer.open(sealed, recordOf(name))) as Options
  }
}

const fieldIn =
  (processor: string) =>
  (member: string): string =>
    `processors.${processor}.${member}`

const recordOf = (name: string): string => `processor/${name}`

const told = ({ setting: _, ...change }: Planned): SettingChange => change
