/**
 * Which filters of tasks SQL stores answer without a walk through the tasks.
 */
import type { TaskFilter } from '../port.js'

/** The few that failed have an index of their own. */
export const asksFailed = ({ states }: TaskFilter): boolean =>
  states !== undefined && states.length > 0 && states.every((state) => state === 'refused' || state === 'exhausted')

/** What is counted as it happens need not be counted again, however many there are. */
export const isTallied = ({ tenant: _, subscription: __, states: ___, local: ____, ...rest }: TaskFilter): boolean =>
  Object.values(rest).every((value) => value === undefined)
