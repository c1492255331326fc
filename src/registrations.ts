/**
 * The registrations of other systems' classes: kept for all nodes, made into processors, and replaced without a restart.
 * What stays registered keeps its instance.
 */
import { isDeepStrictEqual } from 'node:util'
import { type Principal, requireScope } from './access/principal.js'
import type { Sealer } from './access/sealer.js'
import { InvalidInput, NotFound } from './errors.js'
import type { LineUp } from './pipeline/line-up.js'
import { isObject, SEALED } from './pipeline/setting.js'
import { Registered, type RegistrationView, unknownClass, viewOf } from './registered.js'
import type { ClassTable, HandlerClass, Registrar, Registration, RegistryAccess } from './registrar.js'
import type { AuditEntry } from './store/auditor.js'
import type { Store } from './store/port.js'

export interface RegistrationsDependencies {
  readonly registrars: readonly Registrar[]
  readonly classes: ClassTable
  readonly lineUp: Pick<LineUp, 'register' | 'has'>
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
  readonly classes: ReadonlyMap<string, HandlerClass>
  /** As it is stored; null: nothing is. */
  stored: string | null
  running: readonly Registered[]
  views: readonly RegistrationView[]
  /** Take the processors away again. */
  leave: readonly (() => void)[]
}

/** A file of another system registers tens. */
const MOST = 1_000

export class Registrations {
  readonly #dependencies: RegistrationsDependencies
  readonly #systems: ReadonlyMap<string, System>
  /** Changes take turns. */
  #turn: Promise<unknown> = Promise.resolve()

  /** @throws InvalidInput `invalid_config` for a class that is named twice */
  constructor(dependencies: RegistrationsDependencies) {
    const { registrars, classes } = dependencies
    this.#dependencies = dependencies
    this.#systems = new Map(registrars.map((registrar) => [registrar.name, systemOf(registrar, classes)]))
  }

  /** Starts what is registered, and what another node registered meanwhile. @throws Fault `seal_broken` */
  load(): Promise<void> {
    return this.#inTurn(async () => {
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
    return this.#inTurn(async () => {
      requireScope(caller, 'processors:write')
      const system = this.#system(name)
      const checked = checkedBy(system.registrar, registrations)
      if (dryRun) return planned(system, checked)
      const { store, now } = this.#dependencies
      const stored = this.#sealed(system.registrar, checked)
      await store.put(keyOf(system.registrar), stored, now(), caller.id)
      await this.#apply(system, checked, stored)
      await this.#audit(caller, system)
      return system.views
    })
  }

  /** Lets every instance go. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      for (const { running } of this.#systems.values()) for (const each of running) each.leave()
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
    const { registrar, classes, running: before } = system
    const { registry, failed, changed } = this.#dependencies
    const kept = keptOf(before, registrations)
    // All at once: constructors, and what initialisers do before they wait, run in the order of the file.
    const running = await Promise.all(
      registrations.map(
        (each, index) => kept[index] ?? Registered.start(registrar, each, classes.get(each.class), registry, failed),
      ),
    )
    this.#exchange(system, running)
    system.stored = stored
    for (const each of before) if (!running.includes(each)) each.leave()
    changed()
  }

  /** In one go: no event meets half of the old and half of the new. */
  #exchange(system: System, running: readonly Registered[]): void {
    const { lineUp, registry } = this.#dependencies
    for (const leave of system.leave) leave()
    const first = running.length === 0 ? [] : (system.registrar.before?.(registry) ?? [])
    const leaveFirst = first.map((processor) => lineUp.register(processor))
    const placed = running.map((each, index) => this.#place(system, each, index + 1))
    system.running = running
    system.views = placed.map(({ view }) => view)
    system.leave = [...leaveFirst, ...placed.map(({ leave }) => leave)]
  }

  #place({ registrar, classes }: System, registered: Registered, position: number) {
    const { registration, failure, run } = registered
    const frame = { ...registrar.frame(registration, classes.get(registration.class)), ...registered.frame }
    const processor = { ...frame, name: this.#nameFor(frame.name), order: position, run }
    const state = failure === null ? 'running' : 'failed'
    return {
      leave: this.#dependencies.lineUp.register(processor),
      view: viewOf(registrar, registration, processor, { position, state, failure }),
    }
  }

  #nameFor(wanted: string): string {
    const { lineUp } = this.#dependencies
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}:${number}`
      if (!lineUp.has(name)) return name
    }
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

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => {})
    return done
  }
}

const keyOf = ({ name }: Registrar): string => `registrations.${name}`

const placeOf = ({ name }: Registrar) => ({ tenant: '', record: `registrations/${name}`, path: 'data' })

function systemOf(registrar: Registrar, table: ClassTable): System {
  const classes = new Map<string, HandlerClass>()
  for (const [text, entry] of Object.entries(table)) {
    const name = registrar.className(text)
    if (classes.has(name))
      throw new InvalidInput('invalid_config', `The class ${name} is in the table twice.`, {
        field: `classes.${text}`,
        expected: 'one entry for each class',
      })
    classes.set(name, typeof entry === 'function' ? { load: () => entry } : entry)
  }
  return { registrar, classes, stored: null, running: [], views: [], leave: [] }
}

/** In the place of each registration the instance that goes on; one that failed is tried anew. */
function keptOf(running: readonly Registered[], registrations: readonly Registration[]) {
  const free = new Set(running.filter(({ failure }) => failure === null))
  return registrations.map((registration) => {
    const kept = [...free].find((each) => isDeepStrictEqual(each.registration, registration))
    if (kept) free.delete(kept)
    return kept
  })
}

/** What would become of them, as far as it can be told without starting any. */
function planned({ registrar, classes, running }: System, registrations: readonly Registration[]) {
  const kept = keptOf(running, registrations)
  return registrations.map((registration, index) => {
    const known = classes.get(registration.class)
    return viewOf(registrar, registration, registrar.frame(registration, known), {
      position: index + 1,
      state: known ? (kept[index] ? 'running' : 'new') : 'failed',
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
