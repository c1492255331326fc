/**
 * The subscriptions the caller may see, by id: pages name them everywhere.
 */
import { useMay } from '../session.js'
import { api, ask, type Subscription } from './client.js'
import { useAsk } from './use-ask.js'

/** More than these are named by their id. */
const MOST = '1000'

export const listSubscriptions = async (): Promise<readonly Subscription[]> =>
  (await ask(api.GET('/v1/subscriptions', { params: { query: { limit: MOST } } }))).items

/** Built in: the hub's own processing. */
const LOCAL: Readonly<Record<string, string>> = {
  'local.witnesses': 'witnesses',
  'local.processors': 'asynchronous processors',
}

export const nameAmong = (all: readonly Subscription[] | undefined, id: string): string =>
  LOCAL[id] ?? all?.find((each) => each.id === id)?.name ?? id

export interface Named {
  readonly all: readonly Subscription[] | undefined
  nameOf(id: string): string
  again(): void
}

export function useSubscriptions(): Named {
  const may = useMay('subscriptions:read')
  const { data, again } = useAsk(() => (may ? listSubscriptions() : Promise.resolve(undefined)), [may])
  return { all: data, again, nameOf: (id) => nameAmong(data, id) }
}

/** Whether a pattern of a subscription takes a type by its name; whether it is told also depends on what the type is a case of. */
export const takes = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)))
