/**
 * Makes what the paths of the matrix name, anew for each call, as whoever the object shall belong to.
 */
import { randomUUID } from 'node:crypto'
import { type Hub, openConnection, type Plugin, type Principal, suspend } from '../src/index.js'
import type { ObjectKind } from './matrix.js'

/** What fills the path's parameters. */
export type Parameters = Readonly<Record<string, string>>

/** Objects of the instance: there is no other tenant's. */
export const SHARED: ReadonlySet<ObjectKind> = new Set([
  'resourceType',
  'tenant',
  'processor',
  'registrar',
  'capture',
  'type',
  'translator',
  'problem',
])

/** What the matrix needs of a hub. */
export const MATRIX_PLUGIN: Plugin = {
  name: 'matrix',
  translators: [
    { name: 'plain', title: 'Takes anything', translate: () => [{ type: 'user.created', source: '/plain' }] },
  ],
  registrars: [
    {
      name: 'matrix',
      title: 'Registers nothing that runs',
      className: (text) => text,
      check: (registration) => registration,
      frame: () => ({ name: 'matrix:registered', kind: 'witness' }),
      start: async () => ({ run: () => {} }),
      shown: (data) => data,
    },
  ],
  processors: [{ name: 'matrix:suspends', kind: 'judge', types: ['user.disabled'], run: () => suspend() }],
}

const USER = { type: 'user.created', source: '/hr', subject: 'mia', data: {} }

/** @throws whatever the hub says: the maker must be allowed to make it. */
export async function makeObject(hub: Hub, maker: Principal, kind: ObjectKind): Promise<Parameters> {
  const id = randomUUID()
  switch (kind) {
    case 'event':
      await hub.publish({ ...USER, id }, { as: maker })
      return { id }
    case 'suspended':
      await hub.publish({ ...USER, id, type: 'user.disabled' }, { as: maker })
      return { id }
    case 'entry':
      return { entry: await makeEntry(hub, maker) }
    case 'resource':
      await hub.resources.change(maker, { do: 'create', id, type: 'device' })
      return { id }
    case 'purchase':
      await hub.resources.change(maker, { do: 'create', id, type: 'subscription' })
      return { id }
    case 'resourceType':
      return { name: 'subscription' }
    case 'import': {
      const lines = new Blob(['{}']).stream()
      return { id: (await hub.imports.run({ ...hub.local, tenant: maker.tenant }, lines, { id })).import }
    }
    case 'link':
      return makeLink(hub, maker)
    case 'subscription':
      return { id: await subscribe(hub, maker, { transport: 'pull' }) }
    case 'webhook':
      // Nobody listens there: an attempt fails at once, and is an attempt all the same.
      return { id: await subscribe(hub, maker, { transport: 'webhook', target: { url: 'http://127.0.0.1:9/' } }) }
    case 'logReader':
      return { id: await subscribe(hub, maker, { transport: 'log', order: 'strict', delivery: 'log' }) }
    case 'paused':
      return makePaused(hub, maker)
    case 'task':
    case 'finished':
      return makeTask(hub, maker, kind === 'finished')
    case 'transaction':
      await hub.publish({ ...USER, id: randomUUID(), transactionId: id }, { as: maker })
      return { id }
    case 'key':
      return { id: (await hub.keys.create(maker, { name: 'made', roles: ['reader'] })).id }
    case 'tenant':
      await hub.tenants.create(hub.local, { id, name: 'made' })
      return { id }
    case 'processor':
      return { name: 'matrix:suspends' }
    case 'registrar':
      return { system: 'matrix' }
    case 'capture':
      return { name: 'people' }
    case 'type':
      return { name: 'user.created' }
    case 'translator':
      return { name: 'plain' }
    case 'problem':
      return { code: 'not_found' }
  }
}

/** Refused: its key is another event's. The hub must be on a file of SQLite. */
async function makeEntry(hub: Hub, { tenant }: Principal): Promise<string> {
  const as = { ...hub.local, tenant }
  const id = randomUUID()
  const host = openConnection(hub.config.database, { timeout: 5_000 })
  host.exec('BEGIN IMMEDIATE')
  // Long numbers, which are no part of anything else that is answered.
  host.exec("INSERT INTO sqlite_sequence SELECT 'inbox', 76543210 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence)")
  for (const subject of ['mia', 'eve']) await hub.publish({ ...USER, id, subject }, { as, transaction: host })
  host.exec('COMMIT')
  host.close()
  for (;;) {
    const { items } = await hub.inbox.list(as, { states: ['refused'] }, { limit: 1000 })
    const made = items.find((each) => each.id === id)
    if (made) return made.entry
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

async function makeLink(hub: Hub, maker: Principal): Promise<Parameters> {
  const { id = '' } = await makeObject(hub, maker, 'resource')
  const { id: to = '' } = await makeObject(hub, maker, 'resource')
  await hub.resources.change(maker, { do: 'link', from: id, relation: 'uses', to })
  return { id, relation: 'uses', to }
}

async function subscribe(hub: Hub, maker: Principal, way: object): Promise<string> {
  const { id } = await hub.subscriptions.create(maker, { name: 'made', types: ['user.*'], order: 'none', ...way })
  return id
}

async function makePaused(hub: Hub, maker: Principal): Promise<Parameters> {
  const id = await subscribe(hub, maker, { transport: 'pull' })
  await hub.subscriptions.pause(maker, id)
  return { id }
}

/** Of a pull subscription: it stays where it is until somebody takes it. */
async function makeTask(hub: Hub, maker: Principal, finished: boolean): Promise<Parameters> {
  const subscription = await subscribe(hub, maker, { transport: 'pull' })
  const { sequence } = await hub.publish({ ...USER, id: randomUUID() }, { as: { ...hub.local, tenant: maker.tenant } })
  const id = `${Number(sequence)}.${subscription}`
  if (finished) await hub.tasks.cancel(maker, id)
  return { id }
}
