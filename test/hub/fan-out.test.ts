import { describe, expect, it } from 'vitest'
import type { Hub } from '../../src/index.js'
import { until } from '../faults/random.js'
import { createGround, gate, STORES, user } from './ground.js'

/** More than are written at once, which are 250. */
const MANY = 300
/** Every fifteenth is called here; the others pull, if ever. */
const CALLED = Array.from({ length: MANY / 15 }, (_, index) => `handler-${15 * index}`)

function handleIn(hub: Hub, heard: Map<string, string[]>, before = async () => {}): void {
  for (const name of CALLED) {
    hub.handle(name, async ({ id }) => {
      await before()
      heard.set(name, [...(heard.get(name) ?? []), id])
    })
  }
}

async function subscribeMany(hub: Hub): Promise<void> {
  const specs = Array.from({ length: MANY }, (_, index) => {
    const handler = `handler-${index}`
    // When it is opened again, one may be called before its handler is there.
    const called = { transport: 'local', target: { handler }, retry: { firstDelay: 5, maxDelay: 50 } }
    const way = CALLED.includes(handler) ? called : { transport: 'pull' }
    return { name: handler, types: ['user.*'], ...way }
  })
  await Promise.all(specs.map((spec) => hub.subscriptions.create(hub.local, spec)))
}

describe.each(STORES)('an event that very many hear, on %s', (kind) => {
  it('reaches each of them once and in order, and its publisher knows at once how many they are', async () => {
    const ground = createGround(kind)
    const hub = await ground.open()
    const heard = new Map<string, string[]>()
    handleIn(hub, heard)
    await subscribeMany(hub)
    const receipts = []
    for (const id of ['1', '2']) receipts.push(await hub.publish(user('ann', { id })))
    expect(receipts.map(({ tasks }) => tasks)).toEqual([MANY, MANY])
    await until('all have heard', () => [...heard.values()].flat().length === 2 * CALLED.length)
    expect(new Set([...heard.values()].map(String))).toEqual(new Set(['1,2']))
    expect(heard.size).toBe(CALLED.length)
    await hub.close()
    ground.remove()
  })

  it('is stopped for all of them by who cancels it while they are being told', async () => {
    const ground = createGround(kind)
    const hub = await ground.open()
    handleIn(hub, new Map())
    await subscribeMany(hub)
    await hub.publish(user('ann', { id: '1', transactionId: 'tx' }))
    const { count } = await hub.tasks.bulk(hub.local, { action: 'cancel', filter: { types: ['user.created'] } })
    expect(count).toBeGreaterThanOrEqual(MANY - CALLED.length)
    expect((await hub.transactions.settled(hub.local, 'tx')).tasks).toMatchObject({ cancelled: count })
    await hub.close()
    ground.remove()
  })

  it.skipIf(kind === 'memory')('is told to the rest when the hub is opened again', async () => {
    const ground = createGround(kind)
    const first = await ground.open()
    const heard = new Map<string, string[]>()
    const held = gate()
    handleIn(first, heard, () => held.opened)
    await subscribeMany(first)
    await first.publish(user('ann', { id: '1' }))
    const closed = first.close()
    held.open()
    await closed
    const second = await ground.open()
    handleIn(second, heard)
    const states = async () => (await second.tasks.counts(second.local, {})).states
    await until('all have heard', async () => (await states()).done === CALLED.length)
    expect(await states()).toEqual({ done: CALLED.length, due: MANY - CALLED.length })
    expect([...heard.values()].flat()).toHaveLength(CALLED.length)
    await second.close()
    ground.remove()
  })
})
