/**
 * What the keys are called, for who may see them; others read ids.
 */
import { useMay } from '../session.js'
import { api, ask } from './client.js'
import { useAsk } from './use-ask.js'

/** Who acts without a key. */
const OURSELVES: Readonly<Record<string, string>> = { tocsin: 'Tocsin itself', local: 'this program' }

export function useKeyNames(): (id: string) => string {
  const may = useMay('keys:read')
  const { data } = useAsk(
    () => (may ? ask(api.GET('/v1/keys', { params: { query: { limit: '1000' } } })) : Promise.resolve(null)),
    [may],
  )
  return (id) => OURSELVES[id] ?? data?.items.find((key) => key.id === id)?.name ?? id
}
