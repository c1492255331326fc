/**
 * Processors in another process, through the hub: declared in the configuration or by a plug-in, set at run time.
 */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Writable } from 'node:stream'
import pino from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHub, type Hub } from '../../src/index.js'

const secretOf = (letter: string) => `whsec_${Buffer.alloc(32, letter).toString('base64')}`
const SECRET = secretOf('s')
const user = { type: 'user.created', source: '/hr', subject: 'ada', data: { name: 'Ada' } }

let server: Server
let hub: Hub
let logged: string
let asked: string[]
let answer: { status: number; body: string }

async function open(url: string): Promise<Hub> {
  const stream = new Writable({
    write(chunk, _, done) {
      logged += String(chunk)
      done()
    },
  })
  return createHub({
    database: 'memory',
    log: pino({ level: 'trace' }, stream),
    config: {
      egress: { allow: ['127.0.0.0/8'] },
      httpProcessors: { 'acme:check': { kind: 'judge', url, secret: SECRET, types: ['user.*'] } },
      processors: { 'acme:check': { order: 7 } },
    },
    plugins: [
      {
        name: 'acme',
        httpProcessors: [{ name: 'acme:later', kind: 'asynchronous', url, secret: secretOf('l'), order: 1 }],
      },
    ],
  })
}

beforeEach(async () => {
  asked = []
  logged = ''
  answer = { status: 204, body: '' }
  server = createServer((request, response) => {
    asked.push(String(request.url))
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  hub = await open(`http://127.0.0.1:${(server.address() as AddressInfo).port}/check`)
})

afterEach(async () => {
  await hub.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

describe('a processor in another process', () => {
  it('judges and works later', async () => {
    const receipt = await hub.publish(user)
    expect(receipt.results).toMatchObject([{ processor: 'acme:check', order: 7, verdict: 'continue' }])
    await expect.poll(() => asked).toHaveLength(2)
  })

  it('refuses, and fails closed, and its secret is nowhere to be read', async () => {
    answer = { status: 200, body: JSON.stringify({ verdict: 'reject', code: 'no', message: 'No.' }) }
    await expect(hub.publish(user)).rejects.toMatchObject({ code: 'rejected', data: { reason: 'no' } })
    answer = { status: 500, body: '' }
    const error = await hub.publish(user).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'processor_answer', status: 502 })
    const views = [hub.processors.list(hub.local), hub.processors.overview(hub.local), hub.processors.export(hub.local)]
    expect(JSON.stringify([views, error, String(error), logged])).not.toContain(SECRET.slice(6, 30))
    expect(hub.processors.get(hub.local, 'acme:check').options).toMatchObject({ secret: '***' })
  })

  it('is pointed elsewhere at run time, with the fields checked', async () => {
    const { url } = hub.processors.get(hub.local, 'acme:check').options
    await hub.processors.configure(hub.local, 'acme:check', { options: { url: `${url}/other`, secret: '***' } })
    await hub.publish({ ...user, skipNotify: true })
    expect(asked).toEqual(['/check/other'])
    await expect(
      hub.processors.configure(hub.local, 'acme:check', { options: { url: 'gopher://x' } }),
    ).rejects.toMatchObject({ field: 'options.url' })
    await expect(
      hub.processors.configure(hub.local, 'acme:check', { options: { secret: 'hunter2' } }),
    ).rejects.toMatchObject({ field: 'options.secret', message: expect.not.stringContaining('hunter2') })
    const inside = { options: { url: 'https://10.0.0.1/check' } }
    await expect(hub.processors.configure(hub.local, 'acme:check', inside)).rejects.toMatchObject({
      ...{ code: 'target_refused', field: 'options.url' },
    })
    for (const dryRun of [true, false])
      await expect(
        hub.processors.apply(hub.local, { processors: { 'acme:check': inside } }, { dryRun }),
      ).rejects.toMatchObject({ code: 'target_refused', field: 'processors.acme:check.options.url' })
  })

  it('is not asked once it is disabled', async () => {
    await hub.processors.configure(hub.local, 'acme:check', { enabled: false })
    await hub.processors.configure(hub.local, 'acme:later', { enabled: false })
    expect((await hub.publish(user)).results).toEqual([])
    expect(asked).toEqual([])
  })
})
