import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Role } from '../../src/index.js'
import { type Aws, startAws } from '../../test/aws/world.js'

const TOPIC = 'own-routes'
const ROUTES = [
  ['GET', '/aws/queues', []],
  ['GET', '/aws/topics', []],
  ['PUT', `/aws/topics/${TOPIC}`, ['reader']],
  ['DELETE', `/aws/topics/${TOPIC}`, ['reader']],
] as const

let aws: Aws

beforeAll(async () => {
  aws = await startAws('memory')
  await aws.hub.resources.change(aws.hub.local, { do: 'create', id: 'card-1', type: 'device' })
})
afterAll(() => aws.close())

async function ask(method: string, path: string, roles: readonly Role[] | null, resource?: string): Promise<number> {
  const bound = resource === undefined ? {} : { resource }
  const made = roles && (await aws.hub.keys.create(aws.hub.local, { name: 'k', roles, ...bound }))
  const headers = { 'content-type': 'application/json', ...(made && { authorization: `Bearer ${made.key}` }) }
  const body = method === 'PUT' ? { body: JSON.stringify({ types: ['user.*'] }) } : {}
  return (await fetch(aws.url + path, { method, headers, ...body })).status
}

describe.each(ROUTES)('%s %s', (method, path, refused) => {
  it('asks for a key', async () => {
    expect(await ask(method, path, null)).toBe(401)
  })

  it.each(['operator', 'admin', 'reader'] as const)('as %s', async (role) => {
    await ask('PUT', `/aws/topics/${TOPIC}`, ['admin'])
    expect(await ask(method, path, [role])).toBe((refused as readonly string[]).includes(role) ? 403 : 200)
  })

  it.each([
    ['publisher', undefined],
    ['subscriber', 'card-1'],
    ['admin', 'card-1'],
  ] as const)('refuses a %s bound to %s, who does not see the whole tenant', async (role, resource) => {
    expect(await ask(method, path, [role], resource)).toBe(403)
  })
})
