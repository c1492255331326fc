/**
 * Publishes over HTTP: the server with its store, against the same server whose hub answers at once.
 */
import type { AddressInfo } from 'node:net'
import { child } from '../child.js'
import type { Contest, Figures } from '../contest.js'
import { withHub } from '../place.js'
import { createServer, type Hub, type Receipt } from '../tocsin.js'
import type { Load } from './load.js'

const CONNECTIONS = 50

export const http = (count: number): Contest => ({
  lines: [{ work: `HTTP publishes, ${CONNECTIONS} connections`, unit: '1/s', figure: 'rate', goal: 0.6 }],
  ours: () => withHub((hub) => loaded(hub, count)),
  against: {
    'same route without a store': () => withHub((hub) => loaded({ ...hub, publish: async () => RECEIPT }, count)),
  },
})

const RECEIPT: Receipt = {
  id: '018f0000-0000-7000-8000-000000000000',
  source: '/hr',
  type: 'user.updated',
  tenant: 'default',
  state: 'admitted',
  duplicate: false,
  sequence: '00000000000000000001',
  transactionId: null,
  tasks: 0,
  results: [],
  queued: [],
}

async function loaded(hub: Hub, count: number): Promise<Figures> {
  const { key } = await hub.keys.create(hub.local, { name: 'bench', roles: ['publisher'] })
  const app = createServer(hub)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const load = await child(new URL('./load.ts', import.meta.url))
  const rate = Number(await load.ask({ port, key, connections: CONNECTIONS, count } satisfies Load))
  await load.close()
  await app.close()
  return { rate }
}
