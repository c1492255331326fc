import type { Lane } from '../port.js'
import type { TaskRow } from '../rows.js'
import { TenantTurns } from '../turn-rules.js'
import { taskKey } from './changes.js'

/** What one process remembers between transactions. Nothing of it decides what is true. */
export interface Memory {
  /** What each contended lane owes its tasks above NORMAL; worth nothing after a restart, so never written. */
  readonly credits: Map<string, number>
  readonly turns: TenantTurns
  /** Tasks as they were leased here: what will be asked when they are settled is asked before they are read again. */
  readonly leases: Map<string, TaskRow>
  /** Where something was leased last, so perhaps next. */
  lane: Lane | null
  /** Since `at`, events received before `to` have been found to have no ended task left that retention would take. */
  swept: { readonly at: number; readonly to: number }
}

export const emptyMemory = (): Memory => ({
  credits: new Map(),
  turns: new TenantTurns(),
  leases: new Map(),
  lane: null,
  swept: { at: 0, to: 0 },
})

/** Leases that are never settled must not fill the memory. */
const MOST_LEASES = 100_000

export function remember({ leases }: Memory, task: TaskRow): void {
  if (leases.size >= MOST_LEASES) leases.clear()
  leases.set(taskKey(task), task)
}

/** A task of an old event was made or opened again. */
export function sweepAgain(memory: Memory): void {
  memory.swept = { at: 0, to: 0 }
}
