/**
 * What a publisher is told. Read from rows: the receipt of a duplicate shows the present state.
 */
import type { EventState } from '../../store/rows.js'

export type ReceiptState = EventState | 'pending'

export interface ProcessorResult {
  readonly processor: string
  readonly kind: 'judge' | 'witness' | 'asynchronous'
  readonly order: number
  readonly state: 'running' | 'executed' | 'exception' | 'not-executed' | 'blocked' | 'cancelled'
  readonly verdict: string | null
  readonly code: string | null
  readonly message: string | null
}

export interface Receipt {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly tenant: string
  readonly state: ReceiptState
  /** The same event was already there; nothing was done again. */
  readonly duplicate: boolean
  /** Zero-padded decimal; with `epoch` the place in the log. Null while pending. */
  readonly sequence: string | null
  readonly transactionId: string | null
  /** Subscriptions that will be told. */
  readonly tasks: number
  readonly results: readonly ProcessorResult[]
  /** Names of processors that will run, or run again, after the publisher was answered. */
  readonly queued: readonly string[]
}
