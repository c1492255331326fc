/**
 * Registrations: classes that another system's configuration file names, each for an event and with data of its own.
 * A profile's registrar says how they become processors; `registrations.ts` keeps the list and replaces it while it runs.
 */
import type { Principal } from '../access/principal.js'
import type { Processor } from '../pipeline/processor.js'
import type { Isolated } from '../plugins/isolate.js'
import type { ResourceChange } from '../registry/change.js'
import type { ResourceFilter, Resources } from '../registry/resources.js'

export interface Registration {
  /** The class, as that system's file names it. */
  readonly class: string
  /** The event, as that system names it; absent: every event. */
  readonly event?: string
  /** Handed to the instance when it is made. Sealed when it is kept. */
  readonly data?: string
}

/** What stands behind the name of a class here. */
export interface HandlerClass {
  /** Answers the class, or a promise of it; asked once for each instance. */
  load(): unknown
  /** Its instances work from the queue: the publisher does not wait for them. Default false. */
  readonly asynchronous?: boolean | undefined
  /** Milliseconds its start and each call may take. Default: 5,000 to start, and what processors of its kind have. */
  readonly deadline?: number | undefined
  /** The id of the resource whose view its look-ups in the registry have. Default: the whole tenant's. */
  readonly resource?: string | undefined
  /** Makes an instance in a process of its own, as `instanceOf` asks for; absent: its instances are made here. */
  isolate?<Begun>(begin: (made: unknown) => Promise<Begun>, answering?: readonly string[]): Promise<Isolated<Begun>>
  /** Another one than before: instances of the former are replaced when the table is read again. */
  readonly version?: string | undefined
}

/** Classes by the names that files use. */
export type ClassTable = Readonly<Record<string, HandlerClass | (new (...given: never[]) => object)>>

/** The registry, as instances may ask for it. */
export interface RegistryAccess {
  get: Resources<unknown>['get']
  list(
    caller: Principal,
    filter: ResourceFilter,
    page?: { readonly cursor?: string; readonly limit?: number },
  ): ReturnType<Resources<unknown>['list']>
  change(caller: Principal, change: ResourceChange): ReturnType<Resources<unknown>['change']>
}

export interface Started {
  /** What only the instance knows of its processor: which options it takes. */
  readonly frame?: Pick<Processor, 'options' | 'optionsSchema'>
  run: Processor['run']
  /** Once it is registered no more and its last call has ended. */
  close?(): void | Promise<void>
}

export interface Registrar {
  /** That of its profile, such as `fim-cm`. */
  readonly name: string
  readonly title: string
  /** One spelling for all that mean the same class. */
  className(text: string): string
  /** In one spelling for all that mean the same. @throws InvalidInput `invalid_request`: the member, what would be right */
  check(registration: Registration): Registration
  /** The processor but for what it runs; of equal names the later ones get a number. */
  frame(registration: Registration, known: HandlerClass | undefined): Omit<Processor, 'run'>
  /** Makes one instance. @throws whatever its code throws: the registration is then a processor that fails, and says so */
  start(registration: Registration, known: HandlerClass, registry: RegistryAccess): Promise<Started>
  /** What people may see of the data. */
  shown(data: string): string
  /** Processors that are there, before all others, while anything is registered. */
  before?(registry: RegistryAccess): readonly Processor[]
}
