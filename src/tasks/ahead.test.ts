import { describe, expect, it } from 'vitest'
import { admission, admitted, event, leased, subscription } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import { Ahead, type Choice } from './ahead.js'

const ANY: Choice = { place: () => 'first', weight: () => 1 }

describe('what is leased ahead', () => {
  const known = (ahead: Ahead): readonly string[] => {
    const lanes: string[] = []
    ahead.clear(({ subscription }) => {
      lanes.push(subscription)
      return false
    })
    return lanes
  }

  async function leasing() {
    const store = openMemoryStore()
    await store.subscriptions.create(subscription('a'))
    for (const id of ['one', 'two']) await admitted(store, admission(event(id, { partitionKey: id })))
    const [one, two] = await leased(store)
    if (one === undefined || two === undefined) throw new Error('They are due.')
    return { one, two }
  }

  it('leaves no lane behind of which all was returned, lost or taken', async () => {
    const { one } = await leasing()
    const ahead = new Ahead()
    for (const leave of [
      () => ahead.clear(() => true),
      () => ahead.drop(one.task, (leased) => leased === one),
      () => ahead.take(ANY, 0),
    ]) {
      ahead.add(one, 0)
      expect(known(ahead)).toEqual(['a'])
      leave()
      expect(known(ahead)).toEqual([])
    }
  })

  it('goes on with the next of a run of which the first is lost', async () => {
    const { one, two } = await leasing()
    const ahead = new Ahead()
    ahead.add(one, 0, [two])
    ahead.drop(one.task, (leased) => leased === one)
    expect(ahead.all()).toEqual([two])
  })

  it('goes by tenants in turn, each as often as it weighs, and by their lanes', async () => {
    const { one } = await leasing()
    const ahead = new Ahead()
    const add = (tenant: string, subscription: string) =>
      ahead.add({ ...one, task: { ...one.task, tenant, subscription } }, 0)
    for (let each = 0; each < 4; each++) for (const lane of ['a', 'b', 'c']) add('many', lane)
    for (let each = 0; each < 4; each++) add('one', 'x')
    const weight = (tenant: string) => (tenant === 'many' ? 2 : 1)
    const order = Array.from({ length: 16 }, () => ahead.take({ ...ANY, weight }, 0)?.task.subscription)
    expect(order.join('')).toBe('abxcaxbcxabxcabc')
    expect(ahead.take(ANY, 0)).toBeNull()
  })

  it('lets a tenant that may not begin keep its turn', async () => {
    const { one } = await leasing()
    const ahead = new Ahead()
    const add = (tenant: string) => ahead.add({ ...one, task: { ...one.task, tenant } }, 0)
    for (const tenant of ['p', 'q', 'p', 'q']) add(tenant)
    const take = (not = '') => ahead.take({ ...ANY, place: ({ tenant }) => placed(tenant !== not) }, 0)?.task.tenant
    const placed = (mayBegin: boolean) => (mayBegin ? 'first' : 'none')
    expect([take('p'), take(), take(), take()]).toEqual(['q', 'p', 'q', 'p'])
  })
})
