/**
 * One call of a processor: with its context, inside its deadline.
 * A processor that answers at once costs neither a timer nor an abort controller.
 */
import type { Principal } from '../access/principal.js'
import { ProcessorFailed } from '../errors.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import { Deadline } from './deadline.js'
import { given } from './given.js'
import type { Placed } from './line-up.js'
import type { Answer, ProcessorContext } from './processor.js'
import type { ProcessorOutcome } from './run.js'
import { type StopSignal, toAbortSignal } from './stop.js'

export interface Circumstances {
  readonly tenant: string
  readonly principal: Principal
  /** Aborts the call from outside: cancelled, or shutting down. */
  readonly signal?: StopSignal
  /** What earlier processors of the event answered. */
  readonly results?: readonly ProcessorOutcome[]
  /** What `context.publish` does. */
  publish(child: EventInput): Promise<void>
}

const DEADLINES = { judge: 5_000, witness: 5_000, asynchronous: 30_000 } as const

export const deadlineOf = (placed: Placed): number => placed.processor.deadline ?? DEADLINES[placed.processor.kind]

class CallContext implements ProcessorContext {
  readonly options: Readonly<Record<string, unknown>>
  readonly #circumstances: Circumstances
  #controller: AbortController | null = null

  constructor(circumstances: Circumstances, placed: Placed) {
    this.#circumstances = circumstances
    this.options = placed.options
  }

  /** Aborted from outside. */
  get outer(): StopSignal | undefined {
    return this.#circumstances.signal
  }

  get tenant(): string {
    return this.#circumstances.tenant
  }

  get principal(): Principal {
    return this.#circumstances.principal
  }

  get results(): readonly ProcessorOutcome[] {
    return this.#circumstances.results ?? []
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    const outer = this.#circumstances.signal
    return outer ? AbortSignal.any([toAbortSignal(outer), this.#controller.signal]) : this.#controller.signal
  }

  /** A processor may take it out of its context: `(event, { publish }) => ...`. */
  get publish(): (child: EventInput) => Promise<void> {
    return this.#circumstances.publish
  }

  abort(reason: Error): void {
    this.#controller ??= new AbortController()
    this.#controller.abort(reason)
  }
}

/** For those that are asked something and not run. */
export const contextOf = (circumstances: Circumstances, placed: Placed): ProcessorContext =>
  new CallContext(circumstances, placed)

/**
 * Asks `when`, then runs. Null: it did not want the event. A promise only if the processor answered one.
 * @throws ProcessorFailed `processor_timeout`; whatever the processor throws.
 */
export function call(placed: Placed, event: AnyEvent, circumstances: Circumstances): Answer | null | Promise<Answer> {
  const context = new CallContext(circumstances, placed)
  const { processor } = placed
  const heard = given(event)
  if (processor.when && !processor.when(heard, context)) return null
  const answer = processor.run(heard, context)
  // From JavaScript null may come: it says nothing, like undefined.
  return isThenable(answer) ? inTime(Promise.resolve(answer), placed, context) : (answer ?? undefined)
}

/** Other libraries' promises too: they must keep the deadline like our own. */
const isThenable = (answer: Answer | Promise<Answer>): answer is Promise<Answer> =>
  typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'

function inTime(answer: Promise<Answer>, placed: Placed, context: CallContext): Promise<Answer> {
  const { outer } = context
  // No `race` and no `finally`: every answer that is not given at once passes here.
  return new Promise((resolve, reject) => {
    const deadline = new Deadline(deadlineOf(placed), () => {
      const error = tooLate(placed)
      // First: a processor that answers when it is told to stop is late all the same.
      fail(error)
      context.abort(error)
    })
    const end = () => {
      deadline.end()
      outer?.removeEventListener('abort', stop)
    }
    const fail = (error: unknown) => {
      end()
      reject(error)
    }
    const stop = () => fail(outer?.reason)
    outer?.addEventListener('abort', stop, { once: true })
    answer.then((value) => {
      end()
      resolve(value)
    }, fail)
  })
}

function tooLate(placed: Placed): ProcessorFailed {
  const { name } = placed.processor
  const deadline = deadlineOf(placed)
  return new ProcessorFailed('processor_timeout', `The processor ${name} did not answer within ${deadline} ms.`, {
    data: { processor: name, deadline },
  })
}
