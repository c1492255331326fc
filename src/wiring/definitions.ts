/**
 * What an operator lays down about an instance as one file: event types, resource types, processors, subscriptions. Written
 * out, compared, applied: all of it or nothing.
 */
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { may, type Principal, requireScope } from '../access/principal.js'
import { Conflict, InvalidInput, isTocsinError, messageOf } from '../errors.js'
import type { TypeCatalogue, TypeDefinition } from '../event/catalogue.js'
import { LINEAR } from '../event/linear-pattern.js'
import { hint } from '../event/nearest.js'
import type { ResourceTypeDefinition, ResourceTypes } from '../event/resource-types.js'
import { readEventTypes, readResourceTypes, type TypeChange, typeChanges } from '../event/type-file.js'
import { uniqueByText } from '../event/unique-items.js'
import type { Processors } from '../pipeline/processors.js'
import type { SettingChange, SettingsFile } from '../pipeline/settings-file.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Configuration, Store } from '../store/port.js'
import { fitsType } from '../subscriptions/match-index.js'
import type { Subscription, SubscriptionSpec } from '../subscriptions/subscription.js'
import type { SubscriptionChange } from '../subscriptions/subscription-file.js'
import type { SubscriptionPlan, Subscriptions } from '../subscriptions/subscriptions.js'
import { allSubscriptions } from './parts.js'

export interface DefinitionsFile {
  readonly types?: Readonly<Record<string, Omit<TypeDefinition, 'name'>>>
  readonly resourceTypes?: Readonly<Record<string, Omit<ResourceTypeDefinition, 'name'>>>
  readonly processors?: SettingsFile['processors']
  /** By id, without secrets. */
  readonly subscriptions?: Readonly<Record<string, SubscriptionSpec>>
}

/** Subscriptions that hear what changes incompatibly, or goes. */
export interface Affected {
  readonly tenant: string
  readonly id: string
  readonly name: string
}

export interface DefinitionChanges {
  readonly types: readonly (TypeChange & { readonly affects: readonly Affected[] })[]
  readonly resourceTypes: readonly (TypeChange & { readonly affects: readonly Affected[] })[]
  readonly processors: readonly SettingChange[]
  readonly subscriptions: readonly SubscriptionChange[]
}

export interface DefinitionsOptions {
  /** What the sections of the file do not name goes; a section that is not there is left alone. */
  readonly prune?: boolean | undefined
  readonly dryRun?: boolean | undefined
}

interface Parts {
  readonly catalogue: TypeCatalogue
  readonly resourceTypes: ResourceTypes
  readonly processors: Processors
  readonly subscriptions: Subscriptions
  readonly store: Store
  audit(entry: AuditEntry): Promise<void>
  /** The types are others from now on. */
  changed(): void
  now(): number
}

const SECTIONS = ['types', 'resourceTypes', 'processors', 'subscriptions'] as const

/** The name under which the instance's own types are kept. */
const SETTING = 'types'

interface OwnTypes {
  readonly types: readonly TypeDefinition[]
  readonly resourceTypes: readonly ResourceTypeDefinition[]
}

/**
 * Reads the types that were defined at run time, now and whenever it is called; answers whether they have changed. What the
 * code has come to define itself is the code's.
 */
export function typesReader({ catalogue, resourceTypes, store }: Pick<Parts, 'catalogue' | 'resourceTypes' | 'store'>) {
  let known: string | null = null
  return async (): Promise<boolean> => {
    const text = await store.settings.get(SETTING)
    if (text === known) return false
    known = text
    const own: OwnTypes = text === null ? { types: [], resourceTypes: [] } : (JSON.parse(text) as OwnTypes)
    catalogue.replaceOwn(own.types.filter(({ name }) => !catalogue.isCoded(name)))
    resourceTypes.replaceOwn(own.resourceTypes.filter(({ name }) => !resourceTypes.isCoded(name)))
    return true
  }
}

export class Definitions {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** The sections the caller may read; `apply` of it changes nothing. No secret is in it. */
  async export(caller: Principal): Promise<DefinitionsFile> {
    requireScope(caller, 'subscriptions:read')
    const { catalogue, resourceTypes, processors, subscriptions } = this.#parts
    const isReader = may(caller, 'types:read')
    return {
      ...(isReader && { types: byName(catalogue.own), resourceTypes: byName(resourceTypes.own) }),
      ...(may(caller, 'processors:read') && processors.export(caller)),
      subscriptions: await subscriptions.export(caller),
    }
  }

  /** What `apply` would change. @throws as `apply` */
  diff(
    caller: Principal,
    file: unknown,
    { prune }: Pick<DefinitionsOptions, 'prune'> = {},
  ): Promise<DefinitionChanges> {
    return this.apply(caller, file, { prune, dryRun: true })
  }

  /**
   * @throws InvalidInput `invalid_request` with a field such as `types.acme.lost.version`; AccessDenied for a section the caller
   *   may not change; Conflict if somebody changed a subscription meanwhile. Then nothing was changed.
   */
  async apply(caller: Principal, file: unknown, options: DefinitionsOptions = {}): Promise<DefinitionChanges> {
    const { prune = false, dryRun = false } = options
    requireScope(caller, 'subscriptions:write')
    const said = sectionsOf(file)
    const types = await this.#planTypes(caller, said, prune)
    const plan = await this.#planSubscriptions(caller, said.subscriptions, prune, types.catalogue)
    const write = (rows: Configuration['processors']) => this.#write(caller, types, plan, rows)
    const typeNames = types.catalogue.list().map(({ name }) => name)
    const processors = await this.#applyProcessors(caller, said.processors, { prune, dryRun, typeNames }, write)
    if (!dryRun) {
      this.#adopt(types)
      await this.#auditTypes(caller, types)
      await this.#parts.subscriptions.planned(caller, plan)
    }
    return { types: types.types, resourceTypes: types.resourceTypes, processors, subscriptions: plan.changes }
  }

  #applyProcessors(
    caller: Principal,
    said: unknown,
    options: DefinitionsOptions & { readonly typeNames: readonly string[] },
    write: (rows: Configuration['processors']) => Promise<void>,
  ): Promise<readonly SettingChange[]> {
    const { processors } = this.#parts
    if (said !== undefined) return processors.applyWith(caller, { processors: said }, options, write)
    return (options.dryRun === true ? Promise.resolve() : write([])).then(() => [])
  }

  async #write(
    { id: by }: Principal,
    types: PlannedTypes,
    { rows: subscriptions }: SubscriptionPlan,
    processors: Configuration['processors'],
  ): Promise<void> {
    const { store, now } = this.#parts
    const setting = { name: SETTING, value: JSON.stringify(types.own), at: now(), by }
    const settings = types.types.length + types.resourceTypes.length > 0 ? [setting] : []
    const result = await store.configure({ settings, processors, subscriptions })
    if (result.status === 'done') return
    throw new Conflict('conflict', `The subscription ${result.subscription} was changed meanwhile.`, {
      field: `subscriptions.${result.subscription}`,
    })
  }

  async #planTypes(caller: Principal, said: Sections, prune: boolean): Promise<PlannedTypes> {
    const { catalogue, resourceTypes } = this.#parts
    const types = said.types === undefined ? null : readEventTypes(said.types)
    const ofResources = said.resourceTypes === undefined ? null : readResourceTypes(said.resourceTypes)
    checkAll('types', types ?? [], (name) => catalogue.isCoded(name))
    checkAll('resourceTypes', ofResources ?? [], (name) => resourceTypes.isCoded(name))
    const changes = types ? typeChanges('types', catalogue.own, types, prune) : []
    const changesOfResources = ofResources ? typeChanges('resourceTypes', resourceTypes.own, ofResources, prune) : []
    if (changes.length + changesOfResources.length > 0) requireScope(caller, 'types:write')
    const own = {
      types: after(catalogue.own, types ?? [], changes),
      resourceTypes: after(resourceTypes.own, ofResources ?? [], changesOfResources),
    }
    const next = inFile('types', own.types, () => catalogue.with(own.types))
    inFile('resourceTypes', own.resourceTypes, () => resourceTypes.with(own.resourceTypes))
    const all =
      changes.some(isBreak) || changesOfResources.some(isBreak) ? await allSubscriptions(this.#parts.store) : []
    return {
      own,
      catalogue: next,
      types: changes.map((change) => ({
        ...change,
        affects: isBreak(change) ? hearing(all, change.name, catalogue) : [],
      })),
      resourceTypes: changesOfResources.map((change) => ({
        ...change,
        affects: isBreak(change) ? asking(all, change.name, resourceTypes) : [],
      })),
    }
  }

  async #planSubscriptions(
    caller: Principal,
    said: unknown,
    prune: boolean,
    catalogue: TypeCatalogue,
  ): Promise<SubscriptionPlan> {
    if (said === undefined) return { changes: [], rows: { create: [], update: [], remove: [] } }
    return this.#parts.subscriptions.plan(caller, said, { prune, catalogue })
  }

  #adopt({ own, types, resourceTypes: ofResources }: PlannedTypes): void {
    if (types.length + ofResources.length === 0) return
    const { catalogue, resourceTypes, changed } = this.#parts
    catalogue.replaceOwn(own.types)
    resourceTypes.replaceOwn(own.resourceTypes)
    changed()
  }

  async #auditTypes({ tenant, id: actor }: Principal, { types, resourceTypes }: PlannedTypes): Promise<void> {
    const { audit, now } = this.#parts
    const entry = (noun: string, { name, change, breaks }: TypeChange): AuditEntry => ({
      ...{ tenant, at: now(), actor, object: name },
      action: `${noun}.${change}`,
      detail: { breaks },
    })
    for (const change of types) await audit(entry('type', change))
    for (const change of resourceTypes) await audit(entry('resource-type', change))
  }
}

interface PlannedTypes {
  readonly own: OwnTypes
  readonly catalogue: TypeCatalogue
  readonly types: DefinitionChanges['types']
  readonly resourceTypes: DefinitionChanges['resourceTypes']
}

type Sections = Readonly<Partial<Record<(typeof SECTIONS)[number], unknown>>>

function sectionsOf(file: unknown): Sections {
  if (typeof file !== 'object' || file === null || Array.isArray(file))
    throw new InvalidInput('invalid_request', 'The file is no object.', { expected: SECTIONS.join(', ') })
  for (const name of Object.keys(file)) {
    if (SECTIONS.some((section) => section === name)) continue
    throw new InvalidInput('invalid_request', `${name} is no part of the file.${hint(name, SECTIONS)}`, {
      field: name,
      expected: SECTIONS.join(', '),
    })
  }
  return file
}

/** @throws InvalidInput for a type of the code, and for a schema that is none */
function checkAll(
  section: string,
  definitions: readonly (TypeDefinition | ResourceTypeDefinition)[],
  isCoded: (name: string) => boolean,
): void {
  for (const { name, schema } of definitions) {
    if (isCoded(name))
      throw new InvalidInput('invalid_request', `${name} is defined by the code.`, {
        field: `${section}.${name}`,
        expected: 'a name of its own',
      })
    if (schema === undefined) continue
    const { $id: _, ...anonymous } = schema
    try {
      const ajv = new Ajv2020({ strict: false, code: { regExp: LINEAR } })
      uniqueByText(ajv)
      // A schema that refers to itself without end fails whatever it is given.
      addFormats.default(ajv).compile(anonymous)({})
    } catch (error) {
      throw new InvalidInput('invalid_request', `This is no JSON Schema: ${messageOf(error)}.`, {
        field: `${section}.${name}.schema`,
        expected: 'a JSON Schema, draft 2020-12',
      })
    }
  }
}

/** What a catalogue says of its list is said of the file. */
function inFile<Result>(section: string, own: readonly { readonly name: string }[], work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    if (!isTocsinError(error) || error.code !== 'invalid_config') throw error
    const [, member = ''] = /\.(\w+)$/.exec(error.field ?? '') ?? []
    const name = own.find((each) => error.message.startsWith(`${each.name} `))?.name
    const field = [section, name, member].filter(Boolean).join('.')
    throw new InvalidInput('invalid_request', error.message, {
      field,
      ...(error.expected !== undefined && { expected: error.expected }),
    })
  }
}

function after<Definition extends { readonly name: string }>(
  present: readonly Definition[],
  said: readonly Definition[],
  changes: readonly TypeChange[],
): readonly Definition[] {
  const removed = new Set(changes.flatMap(({ name, change }) => (change === 'remove' ? [name] : [])))
  const names = new Set(said.map(({ name }) => name))
  return [...present.filter(({ name }) => !removed.has(name) && !names.has(name)), ...said]
}

const isBreak = ({ breaks }: TypeChange): boolean => breaks !== null

const told = ({ tenant, id, spec: { name } }: Subscription): Affected => ({ tenant, id, name })

const hearing = (all: readonly Subscription[], type: string, catalogue: TypeCatalogue): readonly Affected[] =>
  all.filter(({ spec }) => spec.types.some((pattern) => fitsType(pattern, catalogue.lineage(type)))).map(told)

const asking = (all: readonly Subscription[], type: string, types: ResourceTypes): readonly Affected[] =>
  all.filter(({ spec }) => spec.source?.type !== undefined && types.lineage(type).includes(spec.source.type)).map(told)

const byName = <Definition extends { readonly name: string }>(definitions: readonly Definition[]) =>
  Object.fromEntries(definitions.map(({ name, ...members }) => [name, members] as const))
