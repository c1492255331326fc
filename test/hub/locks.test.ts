/**
 * What waits for what through the hub: locks on what an event is about, and publishers that would wait for ever.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Hub, Processor } from '../../src/index.js'
import { createGround, endOf, type Ground, gate, STORES, useIn, user } from './ground.js'

describe.each(STORES)('waiting on %s', (kind) => {
  let ground: Ground
  let hub: Hub

  const open = (processing: object = {}) => ground.open({ config: { processing } })

  beforeEach(async () => {
    ground = createGround(kind)
    hub = await open()
  })

  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  const use = (name: string, more: Partial<Processor> = {}) => useIn(hub, name, more)
  const ended = (sequence: string | null) => endOf(hub, sequence)

  describe('a publisher that would wait', () => {
    const immediate = (subject: string) => user(subject, { priority: 'immediate' })

    it('for a chain behind its own witnesses does not while processing is stopped', async () => {
      use('a:1', { deadline: 4_000 })
      use('a:w', { kind: 'witness' })
      await hub.processing.set(hub.local, { stopped: true })
      const before = performance.now()
      expect(await hub.publish(immediate('ada'))).toMatchObject({ queued: ['a:1'], results: [{ processor: 'a:w' }] })
      expect(performance.now() - before).toBeLessThan(2_000)
    })

    it('for room that its own parents hold does not', async () => {
      await hub.close()
      hub = await open({ concurrency: 2 })
      const took: number[] = []
      const begun = gate()
      let parents = 0
      use('a:parent', {
        types: ['user.created'],
        run: async ({ subject }, { publish }) => {
          parents += 1
          if (parents === 2) begun.open()
          await begun.opened
          const before = performance.now()
          await publish({ ...immediate(`child of ${subject}`), type: 'user.updated' })
          took.push(performance.now() - before)
        },
      })
      use('a:child', { types: ['user.updated'], deadline: 4_000 })
      use('a:w', { types: ['user.updated'], kind: 'witness' })
      await Promise.all([hub.publish(user('ada')), hub.publish(user('bob'))])
      await expect.poll(async () => (await hub.tasks.counts(hub.local, {})).states).toEqual({ done: 6 })
      expect(Math.max(...took)).toBeLessThan(2_000)
    })

    it('for a witness that is cancelled goes on', async () => {
      const first = gate()
      use('a:w', { kind: 'witness', deadline: 4_000, run: async ({ id }) => (id === '1' ? first.opened : undefined) })
      const publishing = [hub.publish(user('ada', { id: '1' })), hub.publish(user('ada', { id: '2' }))]
      const before = performance.now()
      const waiting = await vi.waitFor(async () => {
        const { items } = await hub.tasks.list(hub.local, { states: ['waiting'] }, {})
        expect(items).toHaveLength(1)
        return items
      })
      await hub.tasks.bulk(hub.local, { action: 'delete', ids: waiting.map(({ id }) => id) })
      await publishing[1]
      expect(performance.now() - before).toBeLessThan(2_000)
      first.open()
      await publishing[0]
    })
  })

  describe('locks', () => {
    it('keep work on one super owner apart while others go on', async () => {
      let now = 0
      let most = 0
      const { open, opened } = gate()
      use('a:1', {
        run: async ({ superOwner }) => {
          if (superOwner !== 'boss') return
          now += 1
          most = Math.max(most, now)
          await opened
          now -= 1
        },
      })
      const one = await hub.publish(user('ada', { superOwner: 'boss' }))
      const two = await hub.publish(user('eve', { superOwner: 'boss' }))
      const other = await hub.publish(user('bob', { superOwner: 'chief' }))
      await ended(other.sequence)
      expect(now).toBe(1)
      open()
      await ended(one.sequence)
      await ended(two.sequence)
      expect(most).toBe(1)
    })

    it('make a witness wait for the work on its subject', async () => {
      const { open, opened } = gate()
      const ran: string[] = []
      use('a:1', {
        types: ['user.created'],
        run: async () => {
          await opened
          ran.push('a')
        },
      })
      use('w:1', { kind: 'witness', types: ['user.updated'], run: () => void ran.push('w') })
      await hub.publish(user('ada'))
      setTimeout(open, 50)
      const receipt = await hub.publish({ ...user('ada'), type: 'user.updated' })
      expect(ran).toEqual(['a', 'w'])
      expect(receipt).toMatchObject({ queued: [], results: [{ processor: 'w:1', state: 'executed' }] })
    })

    it('of witnesses are free as soon as these are done: ten publishers of one subject do not wait for a look', async () => {
      let now = 0
      let most = 0
      use('w:1', {
        kind: 'witness',
        run: async () => {
          now += 1
          most = Math.max(most, now)
          await new Promise((resolve) => setTimeout(resolve, 2))
          now -= 1
        },
      })
      const begun = performance.now()
      const receipts = await Promise.all(Array.from({ length: 10 }, () => hub.publish(user('ada'))))
      expect(receipts.map(({ results }) => results.length)).toEqual(receipts.map(() => 1))
      expect(most).toBe(1)
      // Nine that each waited for the next look would take nine seconds.
      expect(performance.now() - begun).toBeLessThan(4_000)
    })

    it('let the publisher go when a witness waits longer than its deadline, and say so', async () => {
      const { open, opened } = gate()
      use('a:1', { types: ['user.created'], run: () => opened })
      use('w:1', { kind: 'witness', types: ['user.updated'], deadline: 100 })
      await hub.publish(user('ada'))
      const receipt = await hub.publish({ ...user('ada', { id: 'late' }), type: 'user.updated' })
      expect(receipt).toMatchObject({ queued: ['w:1'], results: [] })
      open()
      await expect
        .poll(async () => (await hub.events.timeline(hub.local, 'late')).results)
        .toMatchObject([{ state: 'executed' }])
    })

    it('do not stop a child that its parent awaits', async () => {
      const ran: string[] = []
      use('a:parent', {
        types: ['user.created'],
        run: async (_, { publish }) => {
          await publish({
            type: 'user.updated',
            source: '/hr',
            subject: 'ada',
            priority: 'immediate',
            partitionKey: 'x',
          })
          ran.push('parent')
        },
      })
      use('w:child', { kind: 'witness', types: ['user.updated'], run: () => void ran.push('witness') })
      const { sequence } = await hub.publish(user('ada'))
      await ended(sequence)
      expect(ran).toEqual(['witness', 'parent'])
    })
  })
})
