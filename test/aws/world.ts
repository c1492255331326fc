/**
 * A server in a test, and the stock clients of AWS that speak to it.
 */
import { SNSClient } from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { profilesFor } from '../../profiles/index.js'
import { createServer } from '../../server/app.js'
import { type ConfigInput, createHub, type Hub, type Role, resolveConfig, type Scope } from '../../src/index.js'
import { groundOf, type Kind } from '../grounds.js'

export { STORES, until } from '../grounds.js'

/** Who may do all there is to do with queues and topics. */
export const ADMIN: readonly Role[] = ['admin']

export async function startAws(kind: Kind, config: ConfigInput = {}) {
  const ground = await groundOf(kind, config)
  const plugins = profilesFor(resolveConfig(ground.config))
  const open = async () => {
    const hub = await createHub({ config: ground.config, plugins })
    const app = createServer(hub)
    const url = await app.listen({ host: '127.0.0.1', port })
    return { hub, app, url }
  }
  let port = 0
  let { hub, app, url } = await open()
  port = Number(new URL(url).port)
  const clients: { destroy(): void }[] = []

  /** An access key, as the clients take it. */
  async function credentials(roles = ADMIN, scopes: readonly Scope[] = [], tenant = 'default') {
    const as = { ...hub.local, tenant }
    const made = await hub.keys.create(as, { name: 'client', roles, scopes, kind: 'sigv4' })
    return { accessKeyId: made.id, secretAccessKey: made.secretAccessKey ?? '' }
  }

  const options = (keys: { accessKeyId: string; secretAccessKey: string }) => ({
    ...{ endpoint: url, region: 'us-east-1', credentials: keys, maxAttempts: 1 },
  })
  const kept = <Client extends { destroy(): void }>(client: Client): Client => {
    clients.push(client)
    return client
  }
  const admin = await credentials()
  return {
    get hub(): Hub {
      return hub
    },
    url,
    admin,
    credentials,
    sqs: (keys = admin) => kept(new SQSClient(options(keys))),
    sns: (keys = admin) => kept(new SNSClient(options(keys))),
    /** With what is kept, at the same address. */
    async restart() {
      await app.close()
      await hub.close()
      ;({ hub, app } = await open())
    },
    async close() {
      for (const client of clients) client.destroy()
      await app.close()
      await hub.close()
      ground.remove()
    },
  }
}

export type Aws = Awaited<ReturnType<typeof startAws>>

/** Whether it comes true in one of so many attempts. */
export async function oneOf(attempts: number, holds: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt++) if (await holds()) return true
  return false
}
