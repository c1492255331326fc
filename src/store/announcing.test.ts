import { expect, it } from 'vitest'
import { announcing } from './announcing.js'
import type { Signal } from './cluster.js'
import {
  admission,
  admitted,
  again,
  candidate,
  event,
  leased,
  NOW,
  one,
  settlement,
  subscription,
  T,
  tenantRow,
} from './conformance/fixtures.js'
import { openMemoryStore } from './memory/store.js'

function world() {
  const told: Signal[] = []
  return { store: announcing(openMemoryStore(), (signal) => told.push(signal)), heard: () => told.splice(0) }
}

const CHANGED = { of: 'subscription', tenant: T, id: 'a' }

it('says what was admitted, and that tasks may be due unless all were born leased', async () => {
  const { store, heard } = world()
  await store.subscriptions.create(subscription('a'))
  expect(heard()).toEqual([CHANGED])
  await admitted(store, admission(event('1', { subject: 'x' })))
  expect(heard()).toEqual([{ of: 'events', tenant: T }, { of: 'tasks' }])
  const grant = { node: 'n1', now: NOW, until: NOW + 1_000 }
  await store.admit([admission(event('2', { subject: 'y' }), [candidate({ lease: true })])], grant)
  expect(heard()).toEqual([{ of: 'events', tenant: T }])
  await store.admit([admission(event('2', { subject: 'y', hash: 'other' }))], grant)
  expect(heard()).toEqual([])
})

it('says that a suspended event goes on', async () => {
  const { store, heard } = world()
  const [receipt] = await admitted(store, admission(event('1', { state: 'suspended' }), []))
  heard()
  const released = { event: event('1'), candidates: [], results: [] }
  const release = { tenant: T, sequence: receipt?.sequence ?? 0, event: released, others: [], change: null }
  await store.release({ ...release, subscriptionVersion: null }, null)
  expect(heard()).toEqual([{ of: 'events', tenant: T }])
})

it('says what was done to tasks: settled work of processors, leases taken away, what may be due', async () => {
  const { store, heard } = world()
  await store.subscriptions.create(subscription('a'))
  const local = candidate({ subscription: 'local.processors' })
  await admitted(store, admission(event('1', { subject: 'x' }), [candidate(), local]))
  const [chain, task] = (await leased(store))
    .map((each) => each.task)
    .sort((x, y) => (x.subscription > y.subscription ? -1 : 1))
  heard()
  if (!chain || !task) throw new TypeError('Two tasks were expected.')
  await store.tasks.settle([settlement(task, again(NOW + 5_000))], null)
  expect(heard()).toEqual([])
  await store.tasks.settle([settlement(chain)], null)
  expect(heard()).toEqual([{ of: 'settled', tenant: T }])
  await store.tasks.retry(task, NOW)
  expect(heard()).toEqual([{ of: 'tasks' }])
  await store.tasks.reprioritise(task, 'high')
  expect(heard()).toEqual([{ of: 'tasks' }])
  const running = one(await leased(store))
  await store.tasks.cancel(running.task, NOW, 'cancelled', 'Enough.')
  expect(heard()).toEqual([{ of: 'leases' }, { of: 'tasks' }])
  await store.tasks.remove([running.task])
  expect(heard()).toEqual([{ of: 'tasks' }])
})

it('says that subscriptions, keys, tenants, processors and switches changed', async () => {
  const { store, heard } = world()
  await store.subscriptions.create(subscription('a'))
  await store.subscriptions.update(subscription('a', { revision: 2 }))
  await store.subscriptions.setState(T, 'a', 'paused', null, NOW)
  await store.subscriptions.remove(T, 'a', NOW)
  expect(heard()).toEqual([CHANGED, CHANGED, CHANGED, CHANGED])
  await store.access.putTenant(tenantRow(T))
  await store.access.revokeKey(T, 'key-1', NOW)
  expect(heard()).toEqual([{ of: 'access' }, { of: 'access' }])
  await store.settings.put('processing.stopped', 'true', NOW, 'me')
  const setting = { enabled: null, order: 3, types: null, options: null, updatedAt: NOW, updatedBy: 'me' }
  await store.processors.put({ name: 'acme:check', ...setting })
  expect(heard()).toEqual([{ of: 'settings' }, { of: 'settings' }])
})
