/**
 * What a processor is: code that runs in order on an event.
 */
import type { Principal } from '../access/principal.js'
import type { JsonSchema } from '../event/catalogue.js'
import type { AnyEvent, EventInput, Priority } from '../event/envelope.js'
import type { Answered } from './operation-result.js'
import type { ProcessorOutcome } from './run.js'
import type { Verdict } from './verdict.js'

export type ProcessorKind = 'judge' | 'witness' | 'asynchronous'

// biome-ignore lint/suspicious/noConfusingVoidType: a processor written as `(event) => { ... }` answers void.
export type Answer = Verdict | Answered | undefined | void

export interface Processor {
  /** Unique; `module:name` by custom. */
  readonly name: string
  readonly kind: ProcessorKind
  /** Who brought it; default: what stands before the first `:` of the name, else nothing. */
  readonly module?: string
  readonly description?: string
  /** The name for people, by language tag (RFC 5646). */
  readonly titles?: Readonly<Record<string, string>>
  /** Event type patterns (`device.issued`, `credential.*`, `*`); none = all. */
  readonly types?: readonly string[]
  /**
   * Resource types it hears; a base type hears all that implement it; none = all. With some it hears no event whose
   * resource type is unknown.
   */
  readonly resourceTypes?: readonly string[]
  /** Ascending; equal orders run in registration order. Judges below 0 run before the event's own deed. Default 0. */
  readonly order?: number
  /** Milliseconds, more than 0; default 5,000 for judges and witnesses, 30,000 for asynchronous ones. */
  readonly deadline?: number
  /**
   * When it throws or misses its deadline. Default `reject`: a judge's event is refused, an asynchronous one is tried again. A
   * witness stops nobody: it may only say `continue`.
   */
  readonly onError?: 'reject' | 'continue'
  /** False: it refuses to be disabled. Default true. */
  readonly disableable?: boolean
  /** It may answer `close`: told to people, not enforced. Default false. */
  readonly closable?: boolean
  /** Default true. */
  readonly enabled?: boolean
  /** Defaults of its options; settings made at run time are laid over them. */
  readonly options?: Readonly<Record<string, unknown>>
  /** What the options may be. Members marked `writeOnly` (under `properties` and `items`) are sealed and shown to nobody. */
  readonly optionsSchema?: JsonSchema
  /**
   * What the schema cannot say of options; asked when they are set at run time.
   * @param at names them in an error: `options`.
   * @throws InvalidInput with the field
   */
  check?(options: Readonly<Record<string, unknown>>, at: string): Promise<void>
  /** Witnesses only: how often to try again after a throw. Default 0. */
  readonly retries?: number
  /** A further condition; must be quick and have no effect. */
  when?(event: AnyEvent, context: ProcessorContext): boolean
  /**
   * Asynchronous ones only: how soon the event should be worked on; the highest vote wins and only raises. Nothing = no
   * vote, and so is a throw. Must be quick and have no effect.
   */
  priority?(event: AnyEvent, context: ProcessorContext): Priority | null | undefined
  /** Judges answer a verdict (nothing = `proceed()`); others nothing; all may tell results. @throws Accepted: it succeeded */
  run(event: AnyEvent, context: ProcessorContext): Answer | Promise<Answer>
}

export interface ProcessorContext {
  /** Aborts at the deadline or when the task is cancelled. */
  readonly signal: AbortSignal
  readonly tenant: string
  /** Who published. */
  readonly principal: Principal
  readonly options: Readonly<Record<string, unknown>>
  /** What earlier processors of the event answered, as far as this run knows. */
  readonly results: readonly ProcessorOutcome[]
  /** A child: it inherits parent, root, transaction id and priority. A judge's child shares its parent's fate. */
  publish(child: EventInput): Promise<void>
}
