import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLogger } from '../src/index.js'
import { createServer } from './app.js'
import { call, startWorld, type World } from './testing.js'

interface Line {
  readonly msg: string
  readonly [field: string]: unknown
}

let lines: readonly Line[]
let world: World
beforeEach(async () => {
  lines = []
  const destination = {
    write: (text: string) => {
      lines = [...lines, JSON.parse(text)]
    },
  }
  world = await startWorld({}, { log: createLogger({ level: 'info', pretty: false }, destination) })
})
afterEach(() => world.close())

const requests = () => lines.filter(({ msg }) => msg === 'request')

describe('the log', () => {
  it('has one line a request, that says who did what and how it ended', async () => {
    await call(world, 'GET', '/v1/resources/mia', { key: world.keys.operator })
    expect(requests()).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        msg: 'request',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        operation: 'getResource',
        method: 'GET',
        route: '/v1/resources/:id',
        status: 404,
        ms: expect.any(Number),
        tenant: 'default',
        principal: expect.any(String),
        code: 'not_found',
      },
    ])
  })

  it('has no key, no body, no query and no id', async () => {
    const secret = 'tiger-tiger-burning-bright'
    await call(world, 'POST', `/v1/keys?name=${secret}`, {
      key: world.keys.operator,
      body: { name: secret, roles: ['x'] },
    })
    await call(world, 'GET', `/v1/resources/${secret}`, { key: secret, headers: { cookie: secret } })
    const text = JSON.stringify(lines)
    expect(requests()).toHaveLength(2)
    expect(text).not.toContain(secret)
    expect(text).not.toContain(world.keys.operator)
  })

  it('tells of a failure what the caller is not told', async () => {
    const app = createServer(world.hub)
    app.get('/boom', { config: { scope: 'open' } }, () => Promise.reject(new Error('the disk is gone')))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const answer = await call({ url }, 'GET', '/boom')
    await app.close()
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } })
    expect(answer.text).not.toContain('disk')
    expect(requests()).toMatchObject([
      { level: 'error', requestId: answer.json.requestId, err: { message: 'the disk is gone' } },
    ])
  })

  it('is quiet about probes', async () => {
    await call(world, 'GET', '/healthz')
    expect(requests()).toEqual([])
  })
})
