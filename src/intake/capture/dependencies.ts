/**
 * What a capture at work asks of the hub.
 */
import type { Principal } from '../../access/principal.js'
import type { TocsinError } from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import type { CapturedRowStore } from './captured-rows.js'
import type { Expressions } from './rule.js'
import type { Egress } from './source.js'
import type { CaptureStore } from './stored.js'

export interface RunnerDependencies {
  readonly store: CaptureStore
  readonly capturedRows: CapturedRowStore
  readonly egress: Egress
  readonly expressions: Expressions
  readonly node: string
  /** In the order given; see `Publisher.publishInOrder`. */
  publish(
    events: readonly EventInput[],
    caller: Principal,
  ): Promise<{ readonly taken: number; readonly refused: TocsinError | null }>
  /** One node at a time; `lost` is aborted when another may lead. */
  lead<Result>(name: string, work: (lost: AbortSignal) => Promise<Result>): Promise<Result | null>
  /** An event for operators. */
  tell(tenant: string, event: EventInput): void
  /** What the process should say of it, once. */
  log(fields: object, message: string): void
  now(): number
  newIncarnation(): string
}
