import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressClient } from './client.js'
import { createPolicy, type Lookup } from './guard.js'

const servers: { close(): void }[] = []
afterEach(() => servers.splice(0).forEach((server) => void server.close()))

async function listener() {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined).end('hello')
  }).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, reached: () => connections }
}

const to =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))

const client = (allow: readonly string[], lookup?: Lookup) =>
  new EgressClient({ policy: createPolicy({ allow, allowHttp: true }), ...(lookup && { lookup }) })

async function reach(egress: EgressClient, port: number, host: string, secure = true): Promise<unknown> {
  const socket = egress.socket(secure)
  const [answer] = await Promise.race([once(socket.connect(port, host), 'data'), once(socket, 'error')]).catch(
    (error: unknown) => [error],
  )
  socket.destroy()
  return answer instanceof Buffer ? answer.toString() : answer
}

describe('a guarded socket', () => {
  it('reaches what the operator opened, by address and by name', async () => {
    const { port } = await listener()
    expect(await reach(client(['127.0.0.0/8']), port, '127.0.0.1')).toBe('hello')
    expect(await reach(client(['127.0.0.0/8'], to('127.0.0.1')), port, 'db.example.org', false)).toBe('hello')
  })

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254', '2130706433', 'localhost'])(
    'does not reach %s',
    async (host) => {
      const { port, reached } = await listener()
      expect(await reach(client([]), port, host)).toMatchObject({ code: 'blocked' })
      expect(reached()).toBe(0)
    },
  )

  it('does not reach a name that leads inside by one of its addresses', async () => {
    const { port, reached } = await listener()
    expect(await reach(client([], to('93.184.216.34', '127.0.0.1')), port, 'db.example.org')).toMatchObject({
      code: 'blocked',
    })
    expect(reached()).toBe(0)
  })

  it('speaks without TLS only where the operator opened the network', async () => {
    const open = client(['127.0.0.0/8'], to('93.184.216.34'))
    await expect(open.checkHost('db.example.org', false, 'target.url')).rejects.toMatchObject({
      code: 'target_refused',
      field: 'target.url',
    })
    await open.checkHost('db.example.org', true)
    await open.checkHost('127.0.0.1', false)
    await expect(open.checkHost('10.0.0.1', true)).rejects.toMatchObject({ code: 'target_refused', field: 'host' })
  })
})
