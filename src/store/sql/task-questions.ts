/**
 * Which filters of tasks SQL stores answer without a walk through the tasks.
 */
import type { TaskFilter } from '../port.js'

/** The few that failed have an index of their own. */
export const asksFailed = ({ states }: TaskFilter): boolean =>
  states !== undefined && states.length > 0 && states.every((state) => state === 'refused' || state === 'exhausted')

/** What is counted as it happens need not be counted again, however many there are. */
export const isTallied = (filter: TaskFilter): boolean =>
  Object.entries(filter).every(([name, value]) => value === undefined || TALLIED.includes(name))

const TALLIED = ['tenant', 'subscription', 'states', 'local', 'subscribed']
