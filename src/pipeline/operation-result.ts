/**
 * What a processor may tell of what it did: one result an operation, each a row of its own.
 */
export const OPERATION_STATES = ['executed', 'exception', 'not-executed', 'blocked', 'cancelled'] as const
export type OperationState = (typeof OPERATION_STATES)[number]

export interface OperationResult {
  readonly state: OperationState
  readonly code?: string
  readonly message?: string
  /** Why, for people; free of secrets. At most 4 KiB are kept. */
  readonly cause?: string
}

/** The answer of a processor that has results to tell and no verdict. */
export interface Answered {
  /** At most 1,000. */
  readonly results: readonly OperationResult[]
}
