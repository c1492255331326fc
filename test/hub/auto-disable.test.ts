/**
 * A receiver that goes on failing is told of, and in the end disabled.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createGround, type Ground, STORES, user } from './ground.js'

describe.each(STORES)('a receiver that goes on failing on %s', (kind) => {
  let ground: Ground | undefined
  afterEach(() => ground?.remove())

  it('is told of on the way, with the cause, and disabled at the end', async () => {
    ground = createGround(kind)
    const hub = await ground.open({ config: { egress: { allow: ['127.0.0.0/8'] } } })
    const server = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const heard: { readonly type: string; readonly data: unknown }[] = []
    hub.handle('operator', ({ type, data }) => void heard.push({ type, data }))
    const common = { transport: 'local', target: { handler: 'operator' } }
    await hub.subscriptions.create(hub.local, { name: 'operator', types: ['tocsin.target.*'], ...common })
    const { id } = await hub.subscriptions.create(hub.local, {
      name: 'broken',
      types: ['user.*'],
      transport: 'webhook',
      target: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      retry: { firstDelay: 1, maxDelay: 1 },
      disableAfter: 4,
    })
    await hub.publish(user('a'))
    await expect.poll(() => heard).toHaveLength(3)
    const cause = { subscription: id, code: '503', eventType: user('a').type }
    expect(heard).toMatchObject([
      { type: 'tocsin.target.failing', data: { ...cause, percent: 50, failures: 2 } },
      { type: 'tocsin.target.failing', data: { ...cause, percent: 70, failures: 3 } },
      { type: 'tocsin.target.disabled', data: { ...cause, reason: 'It failed 4 times in a row, last with 503.' } },
    ])
    expect(await hub.subscriptions.get(hub.local, id)).toMatchObject({ state: 'disabled', disableAfter: 4 })
    server.closeAllConnections()
    server.close()
    await hub.close()
  })
})
