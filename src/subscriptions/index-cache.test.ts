import { describe, expect, it } from 'vitest'
import type { SubscriptionRow } from '../store/rows.js'
import { IndexCache } from './index-cache.js'

const TYPES = { lineage: (type: string) => [type], get: () => undefined, implemented: (type: string) => [type] }
const SPEC = { types: ['*'], filters: [], notSelf: false, redaction: 'none' }

const row = (id: string): SubscriptionRow => ({
  ...{ tenant: 't', id, name: id, state: 'active', reason: null, spec: JSON.stringify(SPEC), secrets: null },
  ...{ owner: 'o', revision: 1, startSequence: 0, cursor: null, createdAt: 0, updatedAt: 0 },
})

/** A store whose answers come when they are let through. */
function slowStore() {
  const waiting: (() => void)[] = []
  let version = 1
  let loads = 0
  return {
    load: async (tenant: string) => {
      loads += 1
      const answer = { version, rows: [row(`${tenant}${version}`)] }
      await new Promise<void>((resolve) => {
        waiting.push(resolve)
      })
      return answer
    },
    change: () => {
      version += 1
    },
    release: () => {
      for (const resolve of waiting.splice(0)) resolve()
    },
    loads: () => loads,
  }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('the index cache', () => {
  it('loads a tenant once, however many wait, and keeps it', async () => {
    const store = slowStore()
    const cache = new IndexCache(store, TYPES)
    const waiting = [cache.get('t'), cache.get('t'), cache.get('u')]
    store.release()
    const [one, two, other] = await Promise.all(waiting)
    expect(one).toBe(two)
    expect(other).not.toBe(one)
    expect(await cache.get('t')).toBe(one)
    expect(store.loads()).toBe(2)
    expect(one?.version).toBe(1)
  })

  it('reloads once for all who found it stale', async () => {
    const store = slowStore()
    const cache = new IndexCache(store, TYPES)
    const first = cache.get('t')
    store.release()
    await first
    store.change()
    const waiting = [cache.reload('t', 2), cache.reload('t', 2)]
    await tick()
    store.release()
    expect((await Promise.all(waiting)).map((index) => index.version)).toEqual([2, 2])
    expect(store.loads()).toBe(2)
    expect((await cache.reload('t', 2)).version).toBe(2)
    expect(store.loads()).toBe(2)
  })

  it('does not trust a load that began before the change', async () => {
    const store = slowStore()
    const cache = new IndexCache(store, TYPES)
    const early = cache.get('t')
    store.change()
    const late = cache.reload('t', 2)
    const unknown = cache.reload('t')
    store.release()
    expect((await early).version).toBe(1)
    await tick()
    store.release()
    expect((await late).version).toBe(2)
    expect((await unknown).version).toBe(2)
    expect(store.loads()).toBe(2)
  })

  it('tries again after a failure, and forgets on demand', async () => {
    let failing = true
    let version = 0
    const load = async () => {
      if (failing) throw new Error('no database')
      version += 1
      return { version, rows: [] }
    }
    const cache = new IndexCache({ load }, TYPES)
    await expect(cache.get('t')).rejects.toThrow('no database')
    failing = false
    expect((await cache.get('t')).version).toBe(1)
    cache.forget('t')
    expect((await cache.get('t')).version).toBe(2)
  })
})
