/**
 * Questions on a real terminal.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../server/testing.js'
import { isLacking, named } from '../test/faults/tools.js'
import { CTRL_C, onTerminal, SCRIPT, type Turns } from '../test/terminal.js'
import { runCli } from './testing.js'

const SECRET = 'canary of a typed secret'

let world: World
let url = ''
const heard: { readonly type: unknown; readonly secret: unknown }[] = []
const receiver = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  heard.push({ type: JSON.parse(body).type, secret: request.headers['x-secret'] })
  response.end()
})

beforeAll(async () => {
  world = await startWorld()
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
  world.hub.use({
    name: 'mail:check',
    kind: 'judge',
    types: ['user.*'],
    optionsSchema: {
      type: 'object',
      additionalProperties: false,
      required: ['host'],
      properties: {
        host: { type: 'string', description: 'Of the mail server.' },
        port: { type: 'integer', minimum: 1, maximum: 65_535, default: 25 },
        password: { type: 'string', writeOnly: true },
      },
    },
    run: () => {},
  })
})
afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await world.close()
})

const converse = (words: readonly string[], turns: Turns) =>
  onTerminal({ words, turns, server: world.url, key: world.keys.operator })

describe.skipIf(isLacking(SCRIPT))(named('on a terminal', SCRIPT), () => {
  it('a subscription is asked for, refused fields again, secrets unseen, and tested by the real path', async () => {
    const { code, screen, unasked } = await converse(
      ['subscriptions', 'create', '--transport', 'webhook'],
      [
        ['name (webhook): ', 'guided'],
        ['types (*): ', 'user.created, user.delted'],
        ['url: ', 'https://10.0.0.1/'],
        ['another field? headers', 'hedders'],
        ['There is no field hedders', 'headers'],
        ['headers, NAME=VALUE', `x-secret=${SECRET}`],
        ['headers, NAME=VALUE', ''],
        ['another field? publicHeaders', 'signature'],
        ['signature, one of v1, v1a', 'v2'],
        ['It must be one of v1, v1a', 'v1'],
        ['another field? publicHeaders', ''],
        ['No event type is called "user.delted"', 'user.created'],
        ['target_refused', url],
        ['send a test event now (yes)', ''],
      ],
    )
    expect({ code, unasked }, screen).toEqual({ code: 0, unasked: [] })
    expect(screen).not.toContain(SECRET)
    expect(screen).toMatch(/secret\s+whsec_/)
    expect(screen).toMatch(/outcome\s+delivered/)
    expect(heard).toEqual([{ type: 'tocsin.target.tested', secret: SECRET }])
    const { items } = await world.hub.subscriptions.list(world.hub.local, {})
    expect(items).toMatchObject([{ name: 'guided', types: ['user.created'], target: { url, signature: 'v1' } }])
  }, 60_000)

  it('a flag that is refused is asked again, or left out', async () => {
    const paced = ['--name', 'paced', '--types', '*', '--delays', '5s,8d', '--rate', '10001', '--duplicates', 'drop']
    const { code, screen, unasked } = await converse(
      ['subscriptions', 'create', '--transport', 'pull', ...paced],
      [
        ['a field? queue (none): ', ''],
        ['[field: retry.delays[1]]', '5000, 60000'],
        ['rate (none): ', ''],
        ['duplicates, one of keep, remove (none): ', 'remove'],
      ],
    )
    expect({ code, unasked }, screen).toEqual({ code: 0, unasked: [] })
    const { items } = await world.hub.subscriptions.list(world.hub.local, {})
    const made = items.find(({ name }) => name === 'paced')
    expect(made).toMatchObject({ retry: { delays: [5_000, 60_000] }, duplicates: 'remove' })
    expect(made).not.toHaveProperty('rate')
  }, 60_000)

  it('nothing is asked with --yes, and nothing done when it is ended', async () => {
    const quiet = await converse(['subscriptions', 'create', '--transport', 'webhook', '--yes'], [])
    expect(quiet.code, quiet.screen).toBe(1)
    expect(quiet.screen).toMatch(/invalid_request.*name/)
    const ended = await converse(['subscriptions', 'create'], [['transport, one of ', CTRL_C]])
    expect(ended, ended.screen).toMatchObject({ code: 2, unasked: [] })
    expect(ended.screen).toContain('nothing was done')
  }, 60_000)

  it('the inputs of a processor are asked for', async () => {
    const { code, screen, unasked } = await converse(
      ['processors', 'set', 'mail:check'],
      [
        ['host: ', 'mail.example.org'],
        ['port (25): ', '0'],
        ['It must be a whole number from 1 to 65535', '587'],
        ['password (none): ', SECRET],
      ],
    )
    expect({ code, unasked }, screen).toEqual({ code: 0, unasked: [] })
    expect(screen).not.toContain(SECRET)
    const { options } = world.hub.processors.get(world.hub.local, 'mail:check')
    expect(options).toMatchObject({ host: 'mail.example.org', port: 587 })
    const again = await converse(
      ['processors', 'set', 'mail:check'],
      [
        ['host (mail.example.org): ', ''],
        ['port (587): ', '25'],
        ['password (kept): ', ''],
      ],
    )
    expect(again.code, again.screen).toBe(0)
    expect(world.hub.processors.get(world.hub.local, 'mail:check').options).toMatchObject({
      host: 'mail.example.org',
      port: 25,
    })
  }, 60_000)
})

describe('in a pipe', () => {
  it('nobody is asked', async () => {
    const environment = { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.admin }
    const created = await runCli(['subscriptions', 'create', '--transport', 'log'], { folder: '.', environment })
    expect(created).toMatchObject({ code: 1, err: expect.stringContaining('field: name') })
    const set = await runCli(['processors', 'set', 'mail:check'], { folder: '.', environment })
    expect(set).toMatchObject({ code: 2, err: expect.stringContaining('nothing to set') })
  })
})
