/**
 * One endpoint that is bad, and five that are good: the good ones do not feel it.
 */
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Api, apiOf, publish, subscribe } from '../faults/client.js'
import { type Instance, initInstance, makeFolder, removeFolder, type Server, serve } from '../faults/instance.js'
import { until } from '../faults/random.js'
import { openReceiver, type Receiver } from '../faults/receiver.js'
import { rawReceiver } from '../raw-receiver.js'

const GOOD = ['/1', '/2', '/3', '/4', '/5']
const EVENTS = 100
/** Milliseconds; a neighbour that holds up others does so for its timeout of 15 seconds. */
const PROMPT = 10_000

/** One for all: the good endpoints live in this process too, and ten megabytes made for each answer would hold them up. */
const BODY = Buffer.alloc(10_000_000, 'x')
const answer = (status: string) => (socket: Socket) => {
  socket.write(`HTTP/1.1 ${status}\r\ncontent-length: ${BODY.length}\r\n\r\n`)
  socket.end(BODY)
}
const BAD: Readonly<Record<string, (socket: Socket) => void>> = {
  'never answers': () => undefined,
  'resets the connection': (socket) => socket.resetAndDestroy(),
  'answers 10 MB': answer('200 OK'),
  'refuses with 10 MB': answer('500 No'),
}

let instance: Instance
let receiver: Receiver
let server: Server

beforeAll(async () => {
  instance = await initInstance(makeFolder())
  receiver = await openReceiver()
  server = await serve(instance)
  for (const path of GOOD) await subscribe(apiOf(server, instance), receiver.url + path)
}, 120_000)
afterAll(async () => {
  await server.kill()
  await receiver.close()
  removeFolder(instance.folder)
})

let round = 0

/** Milliseconds until the good endpoints have everything. Each event has its own subject, so that none waits for another. */
async function spread(api: Api): Promise<number> {
  round += 1
  const ids = Array.from({ length: EVENTS }, (_, number) => `r${round}.${number}`)
  const started = Date.now()
  await Promise.all(ids.map((id) => publish(api, { id, subject: id })))
  await until('the good endpoints have all', () => GOOD.every((path) => ids.every((id) => receiver.took(path, id))))
  return Date.now() - started
}

describe('five good endpoints', () => {
  it.each(Object.keys(BAD))('are told promptly beside one that %s', { timeout: 120_000 }, async (manner) => {
    const bad = await rawReceiver({ ...(BAD[manner] && { onRequest: BAD[manner] }) })
    const api = apiOf(server, instance)
    const id = await subscribe(api, `http://127.0.0.1:${bad.port}/`)
    const took = await spread(api)
    expect(took).toBeLessThan(PROMPT)
    expect(bad.connections()).toBeGreaterThan(0)
    expect((await api.call('DELETE', `/v1/subscriptions/${id}`)).status).toBe(204)
    await bad.close()
  })

  it('are told although the bad one may take every worker for longer than the test', { timeout: 120_000 }, async () => {
    await server.stop()
    server = await serve(instance, { set: { 'delivery.workers': 5 } })
    const bad = await rawReceiver({})
    await subscribe(apiOf(server, instance), `http://127.0.0.1:${bad.port}/`, { concurrency: 5, timeout: 300_000 })
    await spread(apiOf(server, instance))
    expect(bad.connections()).toBeGreaterThan(0)
    await bad.close()
  })
})
