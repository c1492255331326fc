import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samples as actividCms } from '../profiles/activid-cms/samples.js'
import { samples as aps } from '../profiles/aps/samples.js'
import { samples as czechidm } from '../profiles/czechidm/samples.js'
import { samples as fimCm } from '../profiles/fim-cm/samples.js'
import { samples as uwRegistry } from '../profiles/uw-registry/samples.js'
import { resolveConfig } from '../src/index.js'
import { type Instance, serve } from './main.js'
import { call } from './testing.js'

const SYSTEMS = { 'activid-cms': actividCms, 'fim-cm': fimCm, 'uw-registry': uwRegistry, aps, czechidm }

let folder: string
let instance: Instance
let key: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-profiles-'))
  const database = join(folder, 'tocsin.db')
  instance = await serve(
    resolveConfig({ database, store: { thread: 'main' }, log: { level: 'silent' }, server: { port: 0 } }),
  )
  key = (await instance.hub.keys.create(instance.hub.local, { name: 'p', roles: ['publisher'] })).key
})
afterAll(async () => {
  await instance.close()
  rmSync(folder, { recursive: true })
})

describe('the server as it is started', () => {
  it.each(Object.entries(SYSTEMS))('reads what %s sends', async (name, samples) => {
    const [body] = samples(1, () => 0.5)
    const answer = await call(instance, 'POST', `/v1/translate/${name}`, { key, body })
    expect(answer).toMatchObject({ status: 207, json: { results: [{ status: 202 }] } })
  })

  it('answers on the profiles’ own routes as OpenAPI says', async () => {
    const { key: admin } = await instance.hub.keys.create(instance.hub.local, { name: 'a', roles: ['admin'] })
    const fits = shapes((await call(instance, 'GET', '/openapi.json')).json)
    const said = async (method: string, path: string, body?: object, template = path) => {
      const answer = await call(instance, method, path, { key: admin, ...(body && { body }) })
      fits(template, method, answer)
      return answer.json
    }
    const topic = '/uw-registry/topics/idreg-dev-v1-idattribute'
    const ofTopic = '/uw-registry/topics/{topic}'
    await said('GET', '/uw-registry/topics')
    const pulled = { name: 'mine', transport: 'pull', format: 'data', payload: 'full' }
    await said('POST', `${topic}/consumers`, pulled, `${ofTopic}/consumers`)
    await said('POST', `${topic}/test`, { regid: '9136CCB8F66711D5BE060004AC494FFE' }, `${ofTopic}/test`)
    await said('GET', `${topic}/consumers`, undefined, `${ofTopic}/consumers`)
    await said('PUT', '/aws/topics/mine', { types: ['user.*'] }, '/aws/topics/{name}')
    await said('GET', '/aws/topics')
    await said('GET', '/aws/queues')
    await said('DELETE', '/aws/topics/mine', undefined, '/aws/topics/{name}')
    const resources = '/aps/2/resources'
    const type = 'http://example.org/context/1.0'
    await said('POST', resources, { aps: { id: 'one', type }, limit: 5 })
    await said('POST', resources, { aps: { id: 'two', type } })
    await said('PUT', `${resources}/one`, { aps: { status: 'aps:ready' }, limit: 6 }, `${resources}/{id}`)
    await said('POST', `${resources}/one/peer`, { aps: { id: 'two' } }, `${resources}/{id}/{relation}`)
    await said('GET', `${resources}/one/peer`, undefined, `${resources}/{id}/{relation}`)
    await said('GET', `${resources}/one`, undefined, `${resources}/{id}`)
    await said('GET', resources)
    await said('DELETE', `${resources}/one/peer/two`, undefined, `${resources}/{id}/{relation}/{to}`)
    await said('DELETE', `${resources}/two`, undefined, `${resources}/{id}`)
  })
})

interface Described {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, object>> }>>>
  >
}

/** Fails where an answer is another than the document says. */
function shapes(document: unknown) {
  const ajv = addFormats.default(new Ajv({ strict: false, schemas: [{ ...(document as object), $id: 'openapi' }] }))
  const { paths } = document as Described
  return (path: string, method: string, { status, json }: { status: number; json: unknown }): void => {
    const told = paths[path]?.[method.toLowerCase()]?.responses[status]
    expect(told, `${method} ${path} answered ${status}: ${JSON.stringify(json)}`).toBeDefined()
    if (status === 204) return
    const place = ['paths', path, method.toLowerCase(), 'responses', String(status), 'content', 'application/json']
    const pointer = [...place, 'schema'].map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
    const valid = ajv.validate({ $ref: `openapi#/${pointer.map(encodeURIComponent).join('/')}` }, json)
    expect({ valid, errors: ajv.errors }).toEqual({ valid: true, errors: null })
  }
}
