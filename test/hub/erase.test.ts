import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHub, type Hub, suspend } from '../../src/index.js'
import { textOfFolder, textOfSchema } from '../all-text.js'
import { isLacking, named } from '../faults/tools.js'
import { freshSchema, POSTGRES } from '../services.js'
import { QUIET } from './ground.js'

const CANARY = 'zq7canary'

/** Everything a person leaves behind, each with the canary in it. */
async function live(hub: Hub): Promise<void> {
  hub.handle('fails', ({ subject, superOwner }) => {
    throw new Error(`${[subject, superOwner].includes('ada') ? CANARY : subject} could not be told.`)
  })
  hub.use({ name: 'test:waits', kind: 'judge', types: ['user.disabled'], run: () => suspend() })
  hub.use({
    name: 'test:watch',
    kind: 'witness',
    types: ['user.*', 'device.*', 'resource.*'],
    run: ({ subject, superOwner }) => {
      throw new Error(`${[subject, superOwner].includes('ada') ? CANARY : subject} was not liked.`)
    },
  })
  const retry = { attempts: 1 }
  await hub.subscriptions.create(hub.local, {
    name: 'failing',
    types: ['user.*', 'device.*', 'resource.*'],
    transport: 'local',
    target: { handler: 'fails' },
    retry,
  })
  await hub.subscriptions.create(hub.local, { name: 'pulled', types: ['*'], transport: 'pull' })
  await hub.resources.change(hub.local, {
    do: 'create',
    id: 'ada',
    type: 'user',
    properties: { code: CANARY, name: CANARY },
  })
  await hub.resources.change(hub.local, { do: 'update', id: 'ada', properties: { name: `${CANARY} 2` } })
  const data = { name: CANARY, at: 'home '.repeat(3_000) }
  const about = { source: '/hr', subject: 'ada', data, extensions: { nickname: CANARY } }
  await hub.publish({ ...about, id: 'e-1', type: 'user.created' })
  await hub.publish({ ...about, id: 'e-2', type: 'user.disabled' })
  await hub.publish({ ...about, id: 'e-3', type: 'device.issued', subject: 'card-1', superOwner: 'ada' })
  await hub.publish({
    ...about,
    id: 'other',
    type: 'user.created',
    subject: 'bob',
    data: { name: 'bobs-name' },
    extensions: {},
  })
  await expect
    .poll(async () => (await hub.tasks.list(hub.local, { states: ['exhausted'] }, {})).items.length)
    .toBeGreaterThan(3)
}

async function erased(hub: Hub, dump: () => string | Promise<string>): Promise<void> {
  expect(await dump()).toContain(CANARY)
  const dry = await hub.erase(hub.local, 'ada', { dryRun: true })
  expect(dry.events).toBeGreaterThan(5)
  expect(dry).toMatchObject({ dryRun: true, resources: 1, inbox: 0 })
  expect(await dump()).toContain(CANARY)
  expect(await hub.erase(hub.local, 'ada')).toEqual({ ...dry, dryRun: false })
  const { items } = await hub.events.list(hub.local, { subject: 'ada' }, {})
  for (const { event } of items) expect(event).toMatchObject({ subject: 'ada', erased: true })
  expect(items.map(({ state }) => state).sort()).toEqual(['admitted', 'admitted', 'admitted', 'refused'])
  const tasks = (await hub.tasks.list(hub.local, { states: ['not-executed'] }, {})).items
  expect(tasks.length).toBeGreaterThan(3)
  for (const task of tasks) expect(task).toMatchObject({ code: 'erased' })
  expect((await hub.resources.get(hub.local, 'ada')).properties).toEqual({})
  expect((await hub.events.get(hub.local, 'other')).event.data).toEqual({ name: 'bobs-name' })
  // It is known by its hash still: the same again is a duplicate.
  const data = { name: CANARY, at: 'home '.repeat(3_000) }
  const again = {
    id: 'e-1',
    type: 'user.created',
    source: '/hr',
    subject: 'ada',
    data,
    extensions: { nickname: CANARY },
  }
  expect(await hub.publish(again)).toMatchObject({ duplicate: true })
  const audit = (await hub.audit.list(hub.local, {})).items.find(({ action }) => action === 'subject.erase')
  expect(audit).toMatchObject({ object: 'ada', detail: { events: dry.events } })
  expect((await dump()).includes(CANARY)).toBe(false)
  expect(await dump()).toContain('bobs-name')
  expect(await hub.erase(hub.local, 'ada')).toMatchObject({ events: 5, tasks: 0, resources: 0 })
}

describe('erasing a person', () => {
  let hub: Hub
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-erase-'))
  })
  afterEach(async () => {
    await hub.close()
    rmSync(folder, { recursive: true })
  })

  it('is refused to a key that is bound to a resource, whatever its role', async () => {
    hub = await createHub({ database: 'memory', config: QUIET })
    const bound = { ...hub.local, resource: 'desk' }
    await expect(hub.erase(bound, 'ada', { dryRun: true })).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('leaves nothing in a SQLite file, its WAL or any other file beside it', async () => {
    hub = await createHub({ database: join(folder, 'a.db'), config: QUIET })
    await live(hub)
    await erased(hub, () => textOfFolder(folder))
  })

  it('leaves nothing in memory', async () => {
    hub = await createHub({ database: 'memory', config: QUIET })
    await live(hub)
    const dump = async () => {
      const events = (await hub.events.list(hub.local, {}, {})).items
      const timelines = await Promise.all(events.map(({ event }) => hub.events.timeline(hub.local, String(event.id))))
      return JSON.stringify([events, timelines, await hub.resources.list(hub.local, {})])
    }
    await erased(hub, dump)
  })

  describe.skipIf(isLacking(POSTGRES))(named('on PostgreSQL', POSTGRES), () => {
    it('leaves nothing in any table', async () => {
      const { url, schema } = await freshSchema()
      hub = await createHub({ database: url, config: { ...QUIET, store: { schema, pool: 4 } } })
      await live(hub)
      await erased(hub, () => textOfSchema(url, schema))
    })
  })

  it('is for who governs the tenant, and of that tenant alone', async () => {
    hub = await createHub({ database: 'memory', config: QUIET })
    await live(hub)
    const caller = { ...hub.local, roles: ['publisher', 'subscriber', 'reader'] as const }
    await expect(hub.erase(caller, 'ada')).rejects.toMatchObject({ code: 'forbidden' })
    await expect(hub.erase(hub.local, '')).rejects.toMatchObject({ field: 'subject' })
    expect(await hub.erase({ ...hub.local, tenant: 'other' }, 'ada')).toMatchObject({ events: 0, resources: 0 })
    expect((await hub.events.get(hub.local, 'e-1')).event.data).toBeDefined()
  })
})
