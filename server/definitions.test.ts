import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../cli/testing.js'
import { call, startWorld, type World } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-definitions-'))
const file = join(folder, 'all.yaml')
let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

const tocsin = (words: string, environment = {}, input = '') =>
  runCli(words.split(' '), {
    ...{ folder, input },
    environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.operator, ...environment },
  })

const FILE = `
types:
  acme.badge-lost: { title: A badge was lost, category: device, version: "1.0" }
subscriptions:
  siem:
    name: SIEM
    types: [acme.badge-lost]
    transport: webhook
    target: { url: "http://127.0.0.1:9/", headers: { authorization: "Bearer \${SIEM_TOKEN}" } }
`

it('a file is compared, applied, and written out without its secrets', async () => {
  writeFileSync(file, FILE)
  const unset = await tocsin('apply all.yaml')
  expect(unset).toMatchObject({ code: 2, err: expect.stringContaining('SIEM_TOKEN') })
  const secret = { SIEM_TOKEN: 's3cret' }
  const diff = await tocsin('diff all.yaml', secret)
  expect(diff).toMatchObject({ code: 0, err: '2 definitions would change.\n' })
  expect(diff.out.split('\n').filter((line) => !line.startsWith(' '))).toEqual([
    '+ type acme.badge-lost',
    '+ subscription siem',
    '',
  ])
  expect(await tocsin('apply all.yaml', secret)).toMatchObject({ out: diff.out, err: '2 definitions changed.\n' })
  expect(await tocsin('apply all.yaml --prune', secret)).toMatchObject({ code: 0, out: '', err: 'Nothing differs.\n' })
  const { out } = await tocsin('export')
  expect(out).toContain('acme.badge-lost')
  expect(out + diff.out).not.toContain('s3cret')
  expect(await tocsin('apply - --prune', {}, out)).toMatchObject({ code: 0, err: 'Nothing differs.\n' })
  const other = FILE.replace('category: device, version: "1.0"', 'category: device, caseOf: device.issued')
  expect(await tocsin('apply -', secret, other)).toMatchObject({
    code: 1,
    err: expect.stringContaining('changes incompatibly at caseOf'),
  })
  const newer = await tocsin('apply -', secret, other.replace('caseOf', 'version: "1.1", caseOf'))
  expect(newer.out).toContain('    affects default/siem (SIEM)')
})

it('what is wrong is told with its place, and by whom it may not be changed', async () => {
  const put = (body: unknown, key = world.keys.admin) => call(world, 'PUT', '/v1/definitions', { key, body })
  expect(await put({ subscription: {} })).toMatchObject({ status: 422, json: { field: 'subscription' } })
  expect(await put({ types: { x: { title: 'X', category: 'device' } } })).toMatchObject({ status: 403 })
  expect(await put({ subscriptions: { a: { name: 'A' } } })).toMatchObject({
    status: 422,
    json: { field: 'subscriptions.a.types' },
  })
  const mine = { siem: { name: 'Mine', types: ['user.*'], transport: 'pull' } }
  expect(await put({ subscriptions: mine }, world.other.key)).toMatchObject({
    json: { subscriptions: [{ change: 'add' }] },
  })
})
