/** A strict subscription with a backlog of one key, of which runs are leased, while people change this and that. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hub } from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

const COUNT = 200
const OPEN = ['due', 'waiting', 'leased', 'held'] as const

describe.each(STORES)('on %s, a backlog of one key', (kind) => {
  let ground: Ground
  let hub: Hub

  beforeEach(async () => {
    ground = createGround(kind)
    hub = await ground.open()
  })
  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  it('is heard in order and to its end, though attempts fail and people stop, cancel and change', async () => {
    const heard: string[] = []
    hub.handle('ear', async ({ subject = '' }) => {
      heard.push(subject)
      await new Promise((resolve) => setImmediate(resolve))
      if (Number(subject) % 31 === 30 && heard.at(-2) !== subject) throw new Error('As was wished.')
    })
    const { id } = await hub.subscriptions.create(hub.local, {
      ...{ name: 'all', types: ['user.*'], transport: 'local', target: { handler: 'ear' } },
      retry: { delays: [2, 2, 2, 2] },
    })
    const open = async () =>
      (await hub.tasks.list(hub.local, { subscription: id, states: OPEN }, { limit: 1_000 })).items
    const cancelOne = async () => {
      const tasks = await open()
      const task = tasks[Math.floor(tasks.length / 2)]
      // It may have ended meanwhile.
      if (task !== undefined) await hub.tasks.cancel(hub.local, task.id).catch(() => {})
    }
    const acts = [
      async () => {
        await hub.subscriptions.pause(hub.local, id)
        await hub.subscriptions.resume(hub.local, id)
      },
      cancelOne,
      async () => {
        await hub.processing.set(hub.local, { stopped: true })
        await hub.processing.set(hub.local, { stopped: false })
      },
      () => hub.subscriptions.update(hub.local, id, { name: `all-${heard.length}` }),
    ]
    await hub.subscriptions.pause(hub.local, id)
    const names = Array.from({ length: COUNT }, (_, number) => `${number}`)
    await Promise.all(names.map((name) => hub.publish(user(name, { partitionKey: 'one' }))))
    await hub.subscriptions.resume(hub.local, id)
    for (let turn = 0; (await open()).length > 0; turn++) {
      await acts[turn % acts.length]?.()
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const { items } = await hub.tasks.list(hub.local, { subscription: id }, { limit: 1_000 })
    expect(items).toHaveLength(COUNT)
    expect(items.map(({ state }) => state).filter((state) => state !== 'done' && state !== 'cancelled')).toEqual([])
    expect(heard.map(Number)).toEqual(heard.map(Number).sort((one, other) => one - other))
    const done = items.filter(({ state }) => state === 'done').length
    expect(new Set(heard).size).toBeGreaterThanOrEqual(done)
  }, 30_000)
})
