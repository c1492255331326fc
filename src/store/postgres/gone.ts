/**
 * What the event of a local task is about was a resource that has been removed since.
 */
import type { TaskRow } from '../rows.js'
import { isLocalLane } from '../task-rules.js'
import { brief } from './brief.js'
import type { Session } from './session.js'

/** By the subject as it is: a digest stands for a long one, so that it is not found. */
export const goneOf = (task: string): string => `EXISTS (SELECT 1 FROM resources AS r
  WHERE r.tenant = ${task}.tenant AND r.key = ${task}.subject AND r.removed_sequence > ${task}.sequence)::int`

type Asking = Pick<TaskRow, 'tenant' | 'subscription' | 'sequence' | 'subject'>

/** @param found what `goneOf` answered. */
export const isGoneAs = async (session: Session, task: Asking, found: boolean): Promise<boolean> =>
  found || (isLong(task.subject) && isGone(session, task))

export const isGone = async (session: Session, task: Asking): Promise<boolean> =>
  isLocalLane(task.subscription) && task.subject !== null && (await session.isRemoved(task, brief(task.subject)))

export const isLong = (subject: string | null): boolean => subject !== null && brief(subject) !== subject
