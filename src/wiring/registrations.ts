/**
 * The registrations of other systems' classes: kept for all nodes, made into processors, and replaced without a restart.
 * What stays registered keeps its instance.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Principal, requireScope } from '../access/principal.js'
import type { Sealer } from '../access/sealer.js'
import { InvalidInput, NotFound } from '../errors.js'
import { isObject } from '../json-object.js'
import { Mutex } from '../mutex.js'
import type { LineUp } from '../pipeline/line-up.js'
import type { Processor } from '../pipeline/processor.js'
import { SEALED } from '../pipeline/setting.js'
import type { AuditEntry } from '../store/auditor.js'
import type { Store } from '../store/port.js'
import { Registered, type RegistrationView, unknownClass, viewOf } from './registered.js'
import type { ClassTable, HandlerClass, Registrar, Registration, RegistryAccess } from './registrar.js'

export interface RegistrationsDependencies {
  readonly registrars: readonly Registrar[]
  /** Of the program; they are there whatever the configuration says. */
  readonly classes: ClassTable
  /** Of the configuration. */
  readonly listed: ClassTable
  readonly lineUp: Pick<LineUp, 'replace' | 'has' | 'checkFit'>
  readonly store: Pick<Store['settings'], 'get' | 'put'>
  readonly sealer: Sealer
  readonly registry: RegistryAccess
  audit(entry: AuditEntry): Promise<void>
  /** Other processors are here than before. */
  changed(): void
  failed(error: unknown): void
  now(): number
}

/** What one system has registered. */
interface System {
  readonly registrar: Registrar
  classes: ReadonlyMap<string, HandlerClass>
  /** As it is stored; null: nothing is. */
  stored: string | null
  running: readonly Registered[]
  views: readonly RegistrationView[]
  /** As they are in the line-up. */
  processors: readonly Processor[]
}

interface Running {
  readonly registered: Registered
  /** Also why it could not be replaced. */
  readonly failure: string | null
}

/** A file of another system registers tens. */
const MOST = 1_000

export class Registrations {
  readonly #dependencies: RegistrationsDependencies
  readonly #systems: ReadonlyMap<string, System>
  readonly #program: Readonly<Record<string, HandlerClass>>
  /** Changes take turns. */
  readonly #turns = new Mutex()

  /** @throws InvalidInput `invalid_config` for a class that is named twice */
  constructor(dependencies: RegistrationsDependencies) {
    const { registrars, classes, listed } = dependencies
    this.#dependencies = dependencies
    this.#program = handlersOf(classes)
    this.#systems = new Map(
      registrars.map((registrar) => {
        const known = classesOf(registrar, { ...listed, ...this.#program })
        return [registrar.name, { registrar, classes: known, stored: null, running: [], views: [], processors: [] }]
      }),
    )
  }

  /** Starts what is registered, and what another node registered meanwhile. @throws Fault `seal_broken` */
  load(): Promise<void> {
    return this.#turns.run(async () => {
      for (const system of this.#systems.values()) {
        const stored = await this.#dependencies.store.get(keyOf(system.registrar))
        if (stored !== system.stored) await this.#apply(system, this.#opened(system.registrar, stored), stored)
      }
    })
  }

  /** Of all systems, or of one, in the order of its file. @throws NotFound */
  list(caller: Principal, name?: string): readonly RegistrationView[] {
    requireScope(caller, 'processors:read')
    const systems = name === undefined ? [...this.#systems.values()] : [this.#system(name)]
    return systems.flatMap(({ views }) => views)
  }

  /**
   * Takes the place of all that was registered for that system; holds at once, and within a second in other nodes.
   * @throws NotFound; InvalidInput `invalid_request` with a field such as `registrations[2].event`, and nothing is changed
   */
  replace(
    caller: Principal,
    name: string,
    registrations: readonly Registration[],
    { dryRun = false }: { readonly dryRun?: boolean | undefined } = {},
  ): Promise<readonly RegistrationView[]> {
    return this.#turns.run(async () => {
      requireScope(caller, 'processors:write')
      const system = this.#system(name)
      const checked = checkedBy(system.registrar, registrations)
      if (dryRun) return planned(system, checked)
      const { store, now } = this.#dependencies
      const stored = this.#sealed(system.registrar, checked)
      // What the line-up refuses is not kept.
      await this.#apply(system, checked, stored)
      await store.put(keyOf(system.registrar), stored, now(), caller.id)
      await this.#audit(caller, system)
      return system.views
    })
  }

  /**
   * Takes another table of the configuration. Who is registered with a class that changed, or could not be started, is started
   * anew; where that fails, the instance before goes on. @throws InvalidInput `invalid_config`, and nothing is changed
   */
  useClasses(listed: ClassTable): Promise<void> {
    return this.#turns.run(async () => {
      const table = { ...listed, ...this.#program }
      const systems = [...this.#systems.values()].map((system) => ({
        system,
        classes: classesOf(system.registrar, table),
      }))
      for (const { system, classes } of systems) {
        system.classes = classes
        await this.#apply(system, this.#opened(system.registrar, system.stored), system.stored)
      }
    })
  }

  /** Lets every instance go. */
  close(): Promise<void> {
    return this.#turns.run(async () => {
      const running = [...this.#systems.values()].flatMap((system) => system.running)
      await Promise.all(running.map((each) => each.leave()))
    })
  }

  #system(name: string): System {
    const system = this.#systems.get(name)
    if (system) return system
    throw new NotFound('system with registrations', name, [...this.#systems.keys()].sort().join(', ') || undefined)
  }

  #audit({ tenant, id: actor }: Principal, { registrar: { name }, views }: System): Promise<void> {
    const { audit, now } = this.#dependencies
    const detail = { registrations: views.map(({ class: of, event, data }) => ({ class: of, event, data })) }
    return audit({ tenant, at: now(), actor, action: 'registrations.replace', object: name, detail })
  }

  async #apply(system: System, registrations: readonly Registration[], stored: string | null): Promise<void> {
    const { running: before } = system
    const predecessors = predecessorsIn(before, registrations)
    // All at once: constructors, and what initialisers do before they wait, run in the order of the file.
    const running = await Promise.all(
      registrations.map((each, index) => this.#started(system, each, predecessors[index])),
    )
    try {
      this.#exchange(system, running)
    } finally {
      const all = new Set([...before, ...running.map(({ registered }) => registered)])
      for (const each of all) if (!system.running.includes(each)) void each.leave()
    }
    system.stored = stored
    this.#dependencies.changed()
  }

  async #started({ registrar, classes }: System, registration: Registration, before: Registered | undefined) {
    const { registry, lineUp, failed } = this.#dependencies
    const checkFit = (processor: Processor) => lineUp.checkFit(processor)
    const known = classes.get(registration.class)
    if (before && isSame(before.known, known)) return { registered: before, failure: null }
    const fresh = await Registered.start(registrar, registration, known, registry, checkFit, failed)
    const { failure } = fresh
    return { registered: before && known && failure !== null ? before : fresh, failure }
  }

  /** In one go: no event meets half of the old and half of the new. @throws as `LineUp.replace`, and nothing is changed */
  #exchange(system: System, running: readonly Running[]): void {
    const { lineUp, registry } = this.#dependencies
    const first = running.length === 0 ? [] : (system.registrar.before?.(registry) ?? [])
    const free = new Set(system.processors.map(({ name }) => name))
    const taken = new Set(first.map(({ name }) => name))
    const placed = running.map((each, index) => {
      const name = firstFree(
        nameOf(system, each),
        (wanted) => taken.has(wanted) || (lineUp.has(wanted) && !free.has(wanted)),
      )
      taken.add(name)
      return placedAs(name, system, each, index + 1)
    })
    const processors = [...first, ...placed.map(({ processor }) => processor)]
    lineUp.replace(system.processors, processors)
    system.processors = processors
    system.running = running.map(({ registered }) => registered)
    system.views = placed.map(({ view }) => view)
  }

  #sealed(registrar: Registrar, registrations: readonly Registration[]): string {
    const plain = JSON.stringify(registrations)
    if (registrations.every(({ data = '' }) => data === '')) return plain
    return JSON.stringify({ [SEALED]: this.#dependencies.sealer.seal(plain, placeOf(registrar)) })
  }

  #opened(registrar: Registrar, stored: string | null): readonly Registration[] {
    const value: unknown = JSON.parse(stored ?? '[]')
    const sealed = isObject(value) ? value[SEALED] : undefined
    if (typeof sealed !== 'string') return value as readonly Registration[]
    return JSON.parse(this.#dependencies.sealer.open(sealed, placeOf(registrar))) as readonly Registration[]
  }
}

const frameOf = ({ registrar }: System, { registered }: Running) => ({
  ...registrar.frame(registered.registration, registered.known),
  ...registered.frame,
})

const nameOf = (system: System, running: Running): string => frameOf(system, running).name

function placedAs(name: string, system: System, running: Running, position: number) {
  const { registered, failure } = running
  const { registration, run } = registered
  const processor: Processor = { ...frameOf(system, running), name, order: position, run }
  const state = registered.failure === null ? 'running' : 'failed'
  return { processor, view: viewOf(system.registrar, registration, processor, { position, state, failure }) }
}

/** Of equal names the later ones get a number. */
function firstFree(wanted: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}:${number}`
    if (!isTaken(name)) return name
  }
}

const keyOf = ({ name }: Registrar): string => `registrations.${name}`

const placeOf = ({ name }: Registrar) => ({ tenant: '', record: `registrations/${name}`, path: 'data' })

const handlersOf = (table: ClassTable): Readonly<Record<string, HandlerClass>> =>
  Object.fromEntries(
    Object.entries(table).map(([name, entry]) => [name, typeof entry === 'function' ? { load: () => entry } : entry]),
  )

/** @throws InvalidInput `invalid_config` */
function classesOf(registrar: Registrar, table: ClassTable): ReadonlyMap<string, HandlerClass> {
  const classes = new Map<string, HandlerClass>()
  for (const [text, entry] of Object.entries(handlersOf(table))) {
    const name = registrar.className(text)
    if (classes.has(name))
      throw new InvalidInput('invalid_config', `The class ${name} is in the table twice.`, {
        field: `classes.${text}`,
        expected: 'one entry for each class',
      })
    classes.set(name, entry)
  }
  return classes
}

const isSame = (one: HandlerClass | undefined, other: HandlerClass | undefined): boolean =>
  one === other || (one?.version !== undefined && one.version === other?.version)

/** In the place of each registration the instance it has already; one that failed is tried anew. */
function predecessorsIn(running: readonly Registered[], registrations: readonly Registration[]) {
  const free = new Set(running.filter(({ failure }) => failure === null))
  return registrations.map((registration) => {
    const kept = [...free].find((each) => isDeepStrictEqual(each.registration, registration))
    if (kept) free.delete(kept)
    return kept
  })
}

/** What would become of them, as far as it can be told without starting any. */
function planned({ registrar, classes, running }: System, registrations: readonly Registration[]) {
  const predecessors = predecessorsIn(running, registrations)
  return registrations.map((registration, index) => {
    const known = classes.get(registration.class)
    return viewOf(registrar, registration, registrar.frame(registration, known), {
      position: index + 1,
      state: known ? (predecessors[index] ? 'running' : 'new') : 'failed',
      failure: known ? null : unknownClass(registration),
    })
  })
}

function checkedBy(registrar: Registrar, registrations: readonly Registration[]): readonly Registration[] {
  if (registrations.length <= MOST)
    return registrations.map((registration, index) => checkedAt(registrar, registration, `registrations[${index}]`))
  throw new InvalidInput('invalid_request', `${registrations.length} registrations are too many.`, {
    field: 'registrations',
    expected: `at most ${MOST}`,
  })
}

function checkedAt(registrar: Registrar, registration: Registration, place: string): Registration {
  try {
    return registrar.check(registration)
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    const { code, message, field, expected } = error
    throw new InvalidInput(code, message, {
      field: field === undefined ? place : `${place}.${field}`,
      ...(expected !== undefined && { expected }),
    })
  }
}
