/**
 * Runs: of a group several are leased at once, and each begins when the one before it has ended.
 */
import { childOf } from '../store/child-of.js'
import type { Lane, LeasedTask } from '../store/port.js'
import { keyOfLane } from './lanes.js'

export interface Run {
  readonly first: LeasedTask
  /** In their order. */
  readonly behind: readonly LeasedTask[]
}

/** What was leased in one look, by group; a group's come in their order. */
export function runsOf(leased: readonly LeasedTask[]): readonly Run[] {
  const runs = new Map<string | LeasedTask, LeasedTask[]>()
  for (const each of leased) childOf(runs, groupOf(each), () => []).push(each)
  return [...runs.values()].flatMap(([first, ...behind]) => (first === undefined ? [] : [{ first, behind }]))
}

/** Of each lane, whether anybody came from behind a head. */
export function depthsOf(runs: readonly Run[]): Iterable<{ readonly lane: Lane; readonly deep: boolean }> {
  const depths = new Map<string, { readonly lane: Lane; readonly deep: boolean }>()
  for (const { first, behind } of runs) {
    const key = keyOfLane(first.task)
    if (behind.length > 0 || !depths.has(key)) depths.set(key, { lane: first.task, deep: behind.length > 0 })
  }
  return depths.values()
}

/** One without a group is alone. */
const groupOf = (leased: LeasedTask): string | LeasedTask =>
  leased.task.groupKey === null ? leased : `${keyOfLane(leased.task)} ${leased.task.groupKey}`
