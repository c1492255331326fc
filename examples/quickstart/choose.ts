/** Which event to look at closely: one that door control got at a second attempt, and that the directory may not see. */
import { type Entry, keyOf, type Ledger } from './ledger.js'
import type { Arrival } from './receiver.js'

export function chosenFrom({ entries }: Ledger, arrivals: readonly Arrival[]): Entry | undefined {
  const refused = new Set(arrivals.filter(({ status }) => status === 503).map(keyOf))
  const hidden = entries.filter(({ fates }) => fates.directory === 'not visible')
  return hidden.find((entry) => refused.has(keyOf(entry))) ?? hidden[0]
}
