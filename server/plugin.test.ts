import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Hub, InvalidInput, type Plugin, type PluginReply, type PluginRequest } from '../src/index.js'
import { createServer } from './app.js'
import { call, startWorld, type World } from './testing.js'

const json = (body: unknown): PluginReply => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
const told = (request: PluginRequest) => ({
  url: request.url,
  params: request.params,
  body: Buffer.from(request.body).toString(),
  caller: request.caller?.name ?? null,
  connection: request.connection,
})
const refusing = async () => {
  throw new InvalidInput('invalid_request', 'No.', { field: 'it' })
}
const about = (operationId: string) => ({ operationId, summary: operationId })
const OWN_FORMAT = { refuse: (error: { code: string }) => ({ status: 499, body: `<error>${error.code}</error>` }) }

const PLUGIN: Plugin = {
  name: 'test',
  routes: [
    { ...about('told'), method: 'POST', path: '/test/:name', scope: 'own', handle: async (it) => json(told(it)) },
    { ...about('kept'), method: 'GET', path: '/kept', scope: 'events:read', handle: async (it) => json(told(it)) },
    { ...about('bad'), method: 'PUT', path: '/bad', scope: 'own', handle: refusing },
    { ...about('worse'), method: 'PUT', path: '/worse', scope: 'own', handle: refusing, ...OWN_FORMAT },
    {
      ...about('types'),
      method: 'DELETE',
      path: '/test/:name',
      scope: 'own',
      handle: async (_, hub: Hub) => json(hub.types.list(hub.local).length > 0),
    },
  ],
}

let world: World
beforeAll(async () => {
  world = await startWorld({ bodyLimit: 4096 }, { plugins: [PLUGIN] })
})
afterAll(() => world.close())

describe('a route of a plug-in', () => {
  it('is given what was sent: path, headers, bytes, and where they came from', async () => {
    const answer = await call(world, 'POST', '/test/a%2Fb?x=1&x=2', {
      raw: 'any thing',
      headers: { 'content-type': 'text/plain', 'X-Own': '1' },
    })
    expect(answer).toMatchObject({
      status: 200,
      json: {
        ...{ url: '/test/a%2Fb?x=1&x=2', params: { name: 'a/b' }, body: 'any thing', caller: null },
        connection: { address: '127.0.0.1', secure: false, certificate: null },
      },
    })
  })

  it('that names a scope is called with a key that allows it', async () => {
    expect((await call(world, 'GET', '/kept')).status).toBe(401)
    expect((await call(world, 'GET', '/kept', { key: world.keys.publisher })).status).toBe(403)
    expect(await call(world, 'GET', '/kept', { key: world.keys.reader })).toMatchObject({
      status: 200,
      json: { caller: 'reader', body: '' },
    })
  })

  it('refuses with a problem, or in its own words', async () => {
    const large = 'x'.repeat(5000)
    expect(await call(world, 'PUT', '/bad')).toMatchObject({ status: 422, json: { code: 'invalid_request' } })
    expect(await call(world, 'PUT', '/bad', { raw: large })).toMatchObject({ status: 413, json: { code: 'too_large' } })
    expect(await call(world, 'PUT', '/worse')).toMatchObject({ status: 499, text: '<error>invalid_request</error>' })
    expect(await call(world, 'PUT', '/worse', { raw: large })).toMatchObject({ text: '<error>too_large</error>' })
  })

  it('stands beside those of other methods, and has the hub', async () => {
    expect(await call(world, 'DELETE', '/test/x')).toMatchObject({ status: 200, text: 'true' })
    expect((await call(world, 'GET', '/test/x')).headers.get('allow')).toBe('POST, DELETE')
  })

  it('cannot take a path of ours', async () => {
    const handle = async () => json(null)
    const routes = [{ ...about('mine'), method: 'GET' as const, path: '/v1/mine', scope: 'own' as const, handle }]
    const hub: Hub = { ...world.hub, routes: [{ plugin: 'greedy', routes }] }
    await expect(createServer(hub).ready()).rejects.toThrow(TypeError)
  })
})
