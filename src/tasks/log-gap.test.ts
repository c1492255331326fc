import { describe, expect, it } from 'vitest'
import { admission, admitted, event, NOW, subscription, T } from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import { fromRow } from '../subscriptions/subscription.js'
import { gapBefore } from './log-gap.js'

describe('a cursor that retention has overtaken', () => {
  const at = (cursor: number | null, startSequence = 0) =>
    fromRow(subscription('reader', { cursor, startSequence, spec: '{}' }))

  /** Five events, of which the first three are forgotten. */
  async function forgetful() {
    const store = openMemoryStore()
    for (let index = 1; index <= 5; index++)
      await admitted(store, admission(event(String(index), { receivedAt: NOW + index }), []))
    await store.prune(NOW + 4, 10)
    const [next] = await store.log.read(T, 0, 1)
    return { store, next }
  }

  it('is told which events it will not read', async () => {
    const { store, next } = await forgetful()
    expect(await gapBefore(next, at(1), store)).toEqual({ after: 1, oldest: 4 })
    expect(await gapBefore(next, at(null, 2), store)).toEqual({ after: 2, oldest: 4 })
  })

  it('misses nothing where it stands at the oldest, begins with the earliest, or has read everything', async () => {
    const { store, next } = await forgetful()
    expect(await gapBefore(next, at(3), store)).toBeNull()
    expect(await gapBefore(next, at(null, 0), store)).toBeNull()
    expect(await gapBefore(undefined, at(5), store)).toBeNull()
  })

  it('takes a number that no event has for no gap', async () => {
    const { store } = await forgetful()
    const [, last] = await store.log.read(T, 0, 2)
    // As if the event at 5 had come to stand where it is by being released.
    expect(await gapBefore(last, at(3), store)).toBeNull()
  })
})
