/**
 * What a processor is: code that runs in order on an event.
 */
import type { Principal } from '../access/principal.js'
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { Verdict } from './verdict.js'

export type ProcessorKind = 'judge' | 'witness' | 'asynchronous'

// biome-ignore lint/suspicious/noConfusingVoidType: a processor written as `(event) => { ... }` answers void.
export type Answer = Verdict | undefined | void

export interface Processor {
  /** Unique; `module:name` by custom. */
  readonly name: string
  readonly kind: ProcessorKind
  readonly description?: string
  /** Event type patterns (`device.issued`, `credential.*`, `*`); none = all. */
  readonly types?: readonly string[]
  /** Ascending; equal orders run in registration order. Judges below 0 run before the event's own deed. Default 0. */
  readonly order?: number
  /** Milliseconds; default 5,000 for judges and witnesses, 30,000 for asynchronous ones. */
  readonly deadline?: number
  /** When it throws or misses its deadline. Judges default to `reject`. Asynchronous ones: `reject` = retry. */
  readonly onError?: 'reject' | 'continue'
  /** False: it refuses to be disabled. Default true. */
  readonly disableable?: boolean
  /** Default true. */
  readonly enabled?: boolean
  /** Defaults of its options; settings made at run time are laid over them. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Witnesses only: how often to try again after a throw. Default 0. */
  readonly retries?: number
  /** A further condition; must be quick and have no effect. */
  when?(event: AnyEvent, context: ProcessorContext): boolean
  /** Judges answer a verdict (nothing = `proceed()`); what others answer is ignored. */
  run(event: AnyEvent, context: ProcessorContext): Answer | Promise<Answer>
}

export interface ProcessorContext {
  /** Aborts at the deadline or when the task is cancelled. */
  readonly signal: AbortSignal
  readonly tenant: string
  /** Who published. */
  readonly principal: Principal
  readonly options: Readonly<Record<string, unknown>>
  /** A child: it inherits parent, root, transaction id and priority. A judge's child shares its parent's fate. */
  publish(child: EventInput): Promise<void>
}
