/**
 * The ways out, what each is called and what it asks for.
 */
import { useMay } from '../session.js'
import { api, ask } from './client.js'
import { useAsk } from './use-ask.js'

export function useTransports() {
  const may = useMay('types:read')
  return useAsk(async () => (may ? (await ask(api.GET('/v1/transports'))).items : []), [may]).data
}
