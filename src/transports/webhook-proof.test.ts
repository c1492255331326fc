/**
 * A receiver is asked before it is subscribed: each way, by receivers that are really there.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { EgressClient } from '../access/egress/client.js'
import { createPolicy } from '../access/egress/guard.js'
import { newSigningKey, verify } from '../formats/standard-webhooks.js'
import { webhookTransport } from './webhook.js'

const servers: Server[] = []
const clients: EgressClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
  for (const server of servers.splice(0)) server.close()
})

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

async function setUp(answer: Answer, requireProof = false) {
  const server = createServer(async (request, response) => answer(request, response, await text(request)))
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  clients.push(egress)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const key = newSigningKey('v1')
  const transport = webhookTransport({ egress, version: '1.2.3', requireProof })
  const prove = async (proof?: string, more: object = {}) =>
    transport.prove?.({ url, ...more, ...(proof !== undefined && { proof }) }, [key])
  return { prove, key }
}

const refused = { code: 'target_refused', field: 'target.proof', data: { reason: 'unproven' } }

describe('the handshake by OPTIONS', () => {
  const allows =
    (allowed: string, status = 200) =>
    (request: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(request.method === 'OPTIONS' ? status : 405, { 'webhook-allowed-origin': allowed }).end()

  it.each(['*', hostname(), `other.example, ${hostname()}`])('is passed by who allows %s', async (allowed) => {
    const { prove } = await setUp(allows(allowed))
    await prove('options')
  })

  it.each<[string, Answer]>([
    ['allows another', allows('other.example')],
    ['allows none', (_, response) => void response.end()],
    ['does not know it', allows('*', 405)],
    ['sends elsewhere', allows('*', 307)],
    ['goes away', (request) => void request.socket.destroy()],
  ])('is not passed by who %s', async (_what, answer) => {
    const { prove } = await setUp(answer)
    await expect(prove('options')).rejects.toMatchObject(refused)
  })

  it('names us', async () => {
    let origin: unknown
    const { prove } = await setUp((request, response) => {
      origin = request.headers['webhook-request-origin']
      response.writeHead(200, { 'webhook-allowed-origin': '*' }).end()
    })
    await prove('options')
    expect(origin).toBe(hostname().toLowerCase())
  })
})

describe('the challenge', () => {
  it('is signed as events are, and passed by who says it back', async () => {
    for (const form of ['alone', 'as JSON']) {
      const { prove, key } = await setUp((request, response, body) => {
        verify(request.headers, body, [key.secret], { now: Date.now() })
        const { challenge } = JSON.parse(body)
        response.end(form === 'alone' ? challenge : JSON.stringify({ challenge }))
      })
      await prove('challenge')
      // It is no event, and waits for none.
      await prove('challenge', { maxBatch: 10 })
    }
  })

  it.each<[string, Answer]>([
    ['says nothing', (_, response) => void response.end()],
    ['says all it got', (_, response, body) => void response.end(`${body} ${body}`)],
    ['says another', (_, response) => void response.end('{"challenge":"x"}')],
    ['says it and refuses', (_, response, body) => void response.writeHead(403).end(JSON.parse(body).challenge)],
    ['goes away', (request) => void request.socket.destroy()],
  ])('is not passed by who %s', async (_what, answer) => {
    const { prove } = await setUp(answer)
    await expect(prove('challenge')).rejects.toMatchObject(refused)
  })
})

it('is asked for where the operator demands it, and nowhere else', async () => {
  let asked = false
  const answer: Answer = (_, response) => {
    asked = true
    response.end()
  }
  await (await setUp(answer)).prove()
  expect(asked).toBe(false)
  const strict = await setUp(answer, true)
  await expect(strict.prove()).rejects.toMatchObject({ code: 'invalid_request', field: 'target.proof' })
})
