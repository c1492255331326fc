/**
 * The world before anything happens: eight customers, the directory of one of them, and the things the stories are about.
 *
 * Who may see what follows from it. The directory belongs to Northgate, so it sees what Northgate owns. Eastfield is linked
 * with the directory as a partner, so it sees what Eastfield owns too. Guests are linked one by one, for a while.
 */
import type { Api } from './api.js'
import { each } from './each.js'
import type { Story, Thing } from './story.js'

export const DIRECTORY = 'northgate-directory'

const NORTHGATE = 'northgate'
const PARTNER = 'eastfield'
export const CUSTOMERS = [
  NORTHGATE,
  PARTNER,
  'southbank',
  'westhaven',
  'ashford',
  'brookside',
  'claymore',
  'dunmere',
] as const
export type Customer = (typeof CUSTOMERS)[number]

/** Deals the customers out in turn. */
export const customerOf = (index: number): Customer => CUSTOMERS[index % CUSTOMERS.length] ?? NORTHGATE

/** Our own model of visibility for what a customer owns; Tocsin's is in `src/registry/visibility.ts`. */
export const northgateSees = (owner: Customer): boolean => owner === NORTHGATE || owner === PARTNER

const FOUNDATION: readonly Thing[] = [
  ...CUSTOMERS.map((id) => ({ id, type: 'customer', owner: null })),
  { id: DIRECTORY, type: 'directory', owner: NORTHGATE },
]

/** Registers it all. Nobody has subscribed yet, so nobody is told. */
export async function furnish(api: Api, stories: readonly Story[]): Promise<void> {
  const register = (thing: Thing) => api.call('POST', '/v1/resources', thing)
  await each(FOUNDATION, 8, register)
  await api.call('PUT', `/v1/resources/${PARTNER}/links/partner/${DIRECTORY}`)
  await each(
    stories.flatMap(({ cast }) => cast),
    32,
    register,
  )
}
