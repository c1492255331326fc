import { expect, it, vi } from 'vitest'
import { fromBody } from '../formats/read-cloudevents.js'
import { alone } from '../store/alone.js'
import { admission, admitted, event, subscription, T } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import { CatchingUp } from './catching-up.js'

const spec = { types: ['*'], filters: [], notSelf: false, order: 'none', scope: 'tenant', transport: 'webhook' }

it('turns no page while 10,000 tasks are unfinished', async () => {
  const store = openMemoryStore()
  const id = 'late'
  const body = JSON.stringify({ specversion: '1.0', id: '1', source: '/cms', type: 'credential.issued' })
  await admitted(store, admission(event('1', { body }), []))
  await store.subscriptions.create(subscription(id, { state: 'catching-up', cursor: 0, spec: JSON.stringify(spec) }))
  let unfinished = 10_000
  const failures: unknown[] = []
  const counts = vi.fn(async () => ({ waiting: unfinished - 1, leased: 1, done: 7 }))
  const catching = new CatchingUp({
    store: { ...store, tasks: { ...store.tasks, counts } },
    types: { lineage: (type) => [type], get: () => undefined, implemented: (type) => [type] },
    fromBody,
    likeness: () => null,
    turned: () => {},
    caughtUp: () => {},
    lead: alone().lead,
    failed: (error) => failures.push(error),
    now: Date.now,
  })
  catching.begin(T, id)
  await expect.poll(() => counts).toHaveBeenCalledWith(T, id)
  expect(await store.tasks.list({ tenant: T }, { after: null, limit: 1 })).toEqual([])
  unfinished = 9_999
  await expect.poll(() => store.subscriptions.get(T, id)).toMatchObject({ state: 'active' })
  expect(await store.tasks.list({ tenant: T }, { after: null, limit: 2 })).toHaveLength(1)
  expect(failures).toEqual([])
  await catching.stop()
})
