/**
 * Events that are neither ordinary nor messages to one subscription are few: they have an index of their own.
 */
import type { EventState } from '../rows.js'

/** Written as the index has it. */
export const RARE = "state NOT IN ('admitted', 'addressed')"

export const isRare = (states: readonly EventState[] | undefined): boolean =>
  states !== undefined && !states.includes('admitted') && !states.includes('addressed')
