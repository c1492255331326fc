import { describe, expect, it } from 'vitest'
import { admission, admitted, event, leased, subscription } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import { Ahead } from './ahead.js'

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
      () =>
        ahead.take(
          () => true,
          0,
          () => true,
        ),
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
})
