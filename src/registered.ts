/**
 * One registration with its instance: how it is started, called and let go.
 */
import { messageOf, ProcessorFailed } from './errors.js'
import type { Processor } from './pipeline/processor.js'
import type { HandlerClass, Registrar, Registration, RegistryAccess, Started } from './registrar.js'

export interface RegistrationView {
  /** The registrar, such as `fim-cm`. */
  readonly system: string
  /** From 1, in the order of the file. */
  readonly position: number
  readonly class: string
  /** Null: every event. */
  readonly event: string | null
  /** Masked where it may hold a secret. */
  readonly data: string | null
  readonly processor: string
  readonly kind: Processor['kind']
  /** `failed`: it could not be started, and every event it is registered for says so. `new`: of a dry run. */
  readonly state: 'running' | 'failed' | 'new'
  readonly failure: string | null
}

/** Milliseconds an instance may take to be made, unless its class has a deadline: one that hangs holds up nothing else. */
const STARTS_WITHIN = 5_000

export class Registered {
  readonly registration: Registration
  /** Why it could not be started. */
  readonly failure: string | null
  readonly #started: Started
  readonly #failed: (error: unknown) => void
  #calls = 0
  #leaving = false

  private constructor(
    registration: Registration,
    { started, failure }: { started: Started; failure: string | null },
    failed: (error: unknown) => void,
  ) {
    this.registration = registration
    this.failure = failure
    this.#started = started
    this.#failed = failed
  }

  /** Never throws: what cannot be started is a processor that fails and tells why. @param failed told what a close threw */
  static async start(
    registrar: Registrar,
    registration: Registration,
    known: HandlerClass | undefined,
    registry: RegistryAccess,
    failed: (error: unknown) => void,
  ): Promise<Registered> {
    if (!known) return new Registered(registration, failing(unknownClass(registration)), failed)
    try {
      const started = await inTime(registrar.start(registration, known, registry), known.deadline ?? STARTS_WITHIN)
      return new Registered(registration, { started, failure: null }, failed)
    } catch (error) {
      return new Registered(registration, failing(withoutData(messageOf(error), registration)), failed)
    }
  }

  /** What it says of its processor itself. */
  get frame(): NonNullable<Started['frame']> {
    return this.#started.frame ?? {}
  }

  /** What its processor does. */
  readonly run: Processor['run'] = async (event, context) => {
    this.#calls += 1
    try {
      return await this.#started.run(event, context)
    } finally {
      this.#calls -= 1
      this.#endIfIdle()
    }
  }

  /** It ends after its last call. */
  leave(): void {
    this.#leaving = true
    this.#endIfIdle()
  }

  #endIfIdle(): void {
    if (!this.#leaving || this.#calls > 0) return
    void (async () => this.#started.close?.())().catch(this.#failed)
  }
}

export const unknownClass = ({ class: name }: Registration): string =>
  `The class ${name} is not in the table of classes.`

/** As people may see it. */
export function viewOf(
  registrar: Registrar,
  registration: Registration,
  { name: processor, kind }: Pick<Processor, 'name' | 'kind'>,
  about: Pick<RegistrationView, 'position' | 'state' | 'failure'>,
): RegistrationView {
  const { class: of, event = null, data } = registration
  const shown = data === undefined ? null : registrar.shown(data)
  return { system: registrar.name, ...about, class: of, event, data: shown, processor, kind }
}

/** It fails at every event, so that whoever publishes and whoever watches is told. */
function failing(failure: string): { started: Started; failure: string } {
  const run = () => {
    throw new ProcessorFailed('processor_failed', `It was not started: ${failure}`)
  }
  return { started: { run }, failure }
}

/** An initialiser may tell what it was given; that may be a secret. */
const withoutData = (message: string, { data = '' }: Registration): string =>
  data.trim() === '' ? message : message.replaceAll(data, '***')

function inTime(starting: Promise<Started>, limit: number): Promise<Started> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`Its initialiser did not end within ${limit} ms.`))
    const timer = setTimeout(late, limit)
    starting.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
