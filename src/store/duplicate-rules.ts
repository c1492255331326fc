/**
 * Which of several like tasks is worked on: the newest. What every store decides alike about it.
 */
import type { Priority } from '../event/envelope.js'
import type { FinishedState, TaskRow } from './rows.js'
import { RANKS } from './task-rules.js'

/** A date of its own keeps a task out until it has come; a pause after a failed attempt does not. */
export const isCompared = ({ likeness, wakeAt, attempts }: TaskRow): boolean =>
  likeness !== null && (wakeAt === null || attempts > 0)

export const betterOf = (a: Priority, b: Priority): Priority => (RANKS[b] < RANKS[a] ? b : a)

export const duplicateOf = ({
  sequence,
}: TaskRow): { state: FinishedState; code: string | null; message: string | null } => ({
  state: 'cancelled',
  code: 'duplicate',
  message: `The newer event ${sequence} says the same.`,
})
