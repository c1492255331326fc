/**
 * One registration with its instance: how it is started, called and let go.
 */
import { messageOf, ProcessorFailed } from '../errors.js'
import type { Processor } from '../pipeline/processor.js'
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
  /** Why it could not be started, or not be replaced when its class changed: then the one before goes on. */
  readonly failure: string | null
}

/** Milliseconds an instance may take to be made, unless its class has a deadline: one that hangs holds up nothing else. */
const STARTS_WITHIN = 5_000

export class Registered {
  readonly registration: Registration
  /** Its class as it was when it was started; none: nobody knew it. */
  readonly known: HandlerClass | undefined
  /** Why it could not be started. */
  readonly failure: string | null
  readonly #started: Started
  readonly #failed: (error: unknown) => void
  #calls = 0
  #leaving = false

  private constructor(
    { registration, known }: Pick<Registered, 'registration' | 'known'>,
    { started, failure }: { started: Started; failure: string | null },
    failed: (error: unknown) => void,
  ) {
    this.registration = registration
    this.known = known
    this.failure = failure
    this.#started = started
    this.#failed = failed
  }

  /**
   * Never throws: what cannot be started is a processor that fails and tells why.
   * @param checkFit what is wrong with the processor as its instance describes it. @param failed told what a close threw
   */
  static async start(
    registrar: Registrar,
    registration: Registration,
    known: HandlerClass | undefined,
    registry: RegistryAccess,
    checkFit: (processor: Processor) => void,
    failed: (error: unknown) => void,
  ): Promise<Registered> {
    const what = { registration, known }
    if (!known) return new Registered(what, failing(unknownClass(registration)), failed)
    try {
      const starting = registrar.start(registration, known, registry)
      // A process has limits of its own, and waits for its turn.
      const started = await (known.isolate ? starting : inTime(starting, known.deadline ?? STARTS_WITHIN, failed))
      const registered = new Registered(what, { started, failure: null }, failed)
      try {
        if (started.frame) checkFit({ ...registrar.frame(registration, known), ...started.frame, run: registered.run })
      } catch (error) {
        await registered.leave()
        throw error
      }
      return registered
    } catch (error) {
      return new Registered(what, failing(withoutData(messageOf(error), registration)), failed)
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
      if (this.#leaving && this.#calls === 0) void this.#close()
    }
  }

  /** It ends after its last call, which is not waited for. Never rejects. */
  async leave(): Promise<void> {
    this.#leaving = true
    if (this.#calls === 0) await this.#close()
  }

  async #close(): Promise<void> {
    try {
      await this.#started.close?.()
    } catch (error) {
      this.#failed(error)
    }
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

/** One that is too late is let go of. */
function inTime(starting: Promise<Started>, limit: number, failed: (error: unknown) => void): Promise<Started> {
  return new Promise((resolve, reject) => {
    const late = () => {
      reject(new Error(`Its initialiser did not end within ${limit} ms.`))
      starting.then((started) => started.close?.()).catch(failed)
    }
    const timer = setTimeout(late, limit)
    starting.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
