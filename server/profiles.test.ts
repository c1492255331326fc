import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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
})
