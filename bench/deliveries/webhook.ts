import { Pool } from 'undici'
import { child } from '../child.js'
import { post } from '../spine/webhooks.js'
import { HOST, type Way } from './way.js'

export const webhook: Way = {
  name: 'signed webhooks',
  transport: 'webhook',
  against: 'undici Pool.dispatch',
  count: 10_000,
  inFlight: 50,
  goal: 0.6,
  atLeast: 17_000,
  async open() {
    const receiver = await child(new URL('../spine/receiver.ts', import.meta.url))
    const url = `http://${HOST}:${receiver.hello}`
    return {
      target: async () => ({ url: `${url}/` }),
      async client() {
        const pool = new Pool(url, { connections: webhook.inFlight, pipelining: 1 })
        return { send: (event) => post(pool, event), close: () => pool.close() }
      },
      close: receiver.close,
    }
  },
}

/** Without a row for each event. */
export const webhookFromLog: Way = { ...webhook, name: 'signed webhooks, from the log', delivery: 'log' }
