/**
 * What is told of processing through the hub: notices, transactions, trees, and the state before an event.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Hub, type Principal, type Processor, suspend } from '../../src/index.js'
import { chainOf, createGround, endOf, type Ground, listenIn, logInto, STORES, useIn, user } from './ground.js'

describe.each(STORES)('what is told on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  let lines: Record<string, unknown>[]

  const open = (processing: object = {}) => ground.open({ config: { processing }, log: logInto(lines) })

  beforeEach(async () => {
    ground = createGround(kind)
    lines = []
    hub = await open()
  })

  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  const use = (name: string, more: Partial<Processor> = {}) => useIn(hub, name, more)
  const taskOf = (sequence: string | null) => chainOf(hub, sequence)
  const ended = (sequence: string | null) => endOf(hub, sequence)
  const listen = (types: readonly string[]) => listenIn(hub, types)

  describe('notices', () => {
    it('say in the log and by an event who will work on it, and to whom it matters', async () => {
      const heard = await listen(['tocsin.processing.queued'])
      use('a:1', { titles: { cs: 'První' } })
      use('a:2')
      await hub.publish(user('ada', { id: 'u1' }))
      expect(lines).toContainEqual(
        expect.objectContaining({
          ...{ level: 30, topic: 'core:event', code: 'EVENT_ACCEPTED', event: 'u1', type: 'user.created' },
          ...{ subject: 'ada', principal: 'local', processors: ['a:1', 'a:2'] },
        }),
      )
      await expect.poll(() => heard).toHaveLength(1)
      expect(heard[0]).toMatchObject({
        actor: 'local',
        data: { eventId: 'u1', principal: 'local', processors: ['a:1', 'a:2'], titles: { cs: ['První', 'a:2'] } },
      })
    })

    it('are silent with skipNotification, and no event is made where nobody would hear it', async () => {
      use('a:1')
      await hub.publish(user('ada'))
      expect((await hub.events.list(hub.local, { types: ['tocsin.processing.queued'] }, {})).items).toEqual([])
      lines.length = 0
      const heard = await listen(['tocsin.*'])
      const { sequence } = await hub.publish(user('eve', { skipNotification: true }))
      await ended(sequence)
      expect(lines.filter(({ code }) => code === 'EVENT_ACCEPTED')).toEqual([])
      expect(heard).toEqual([])
    })

    it('tell of a chain that failed for good: who failed, whose event, and when it ended', async () => {
      await hub.close()
      hub = await open({ attempts: 1 })
      const heard = await listen(['tocsin.processing.failed'])
      use('a:1', {
        run: ({ subject }) => {
          if (subject === 'ada') throw new Error('outside', { cause: new Error('inside') })
        },
      })
      const { sequence } = await hub.publish(user('ada', { id: 'u1', partitionKey: 'same' }))
      const after = await hub.publish(user('eve', { partitionKey: 'same' }))
      await ended(sequence)
      expect(await taskOf(sequence)).toMatchObject({ state: 'exhausted', endedAt: expect.any(String) })
      expect((await hub.events.timeline(hub.local, 'u1')).results).toMatchObject([
        { state: 'exception', code: 'processor_failed', message: 'outside', cause: expect.stringContaining('inside') },
      ])
      await expect.poll(() => heard).toHaveLength(1)
      expect(heard[0]?.data).toMatchObject({ eventId: 'u1', processor: 'a:1', principal: 'local', attempts: 1 })
      await ended(after.sequence)
      expect(await taskOf(after.sequence)).toMatchObject({ state: 'done' })
    })
  })

  describe('a transaction', () => {
    const chain = () => {
      use('a:parent', {
        types: ['user.created'],
        run: (_, { publish }) =>
          publish({ type: 'user.updated', source: '/hr', subject: 'child', data: { name: 'x' } }),
      })
      use('a:child', {
        types: ['user.updated'],
        run: () => new Promise((resolve) => setTimeout(resolve, 30)),
      })
    }

    it('is settled when processors have nothing left to do for any of its events', async () => {
      chain()
      await hub.publish(user('ada', { transactionId: 't1' }))
      expect(await hub.transactions.get(hub.local, 't1')).toMatchObject({ settled: false, failed: 0 })
      expect(await hub.settled('t1')).toEqual({
        ...{ transactionId: 't1', events: 2, settled: true, suspended: false },
        ...{ processing: { done: 2 }, tasks: {}, failed: 0 },
      })
    })

    it('is not settled while one of its events is suspended, whether it has the id or began it', async () => {
      chain()
      const judge = { name: 'j:later', kind: 'judge', types: ['user.created'], run: () => suspend() } as const
      hub.use(judge)
      await hub.publish(user('ada', { id: 's1', transactionId: 't1' }))
      await hub.publish(user('eve', { id: 's2' }))
      for (const id of ['t1', 's2'])
        expect(await hub.transactions.get(hub.local, id)).toMatchObject({ settled: false, suspended: true })
      const settled = hub.settled('t1')
      await hub.events.resume(hub.local, 's1')
      expect(await settled).toMatchObject({ settled: true, suspended: false, processing: { done: 2 } })
    })

    it('is counted for who sees the whole tenant and for who began it, and is not there for others', async () => {
      const publisher = (id: string): Principal => ({ ...hub.local, id, name: id, roles: ['publisher', 'subscriber'] })
      await hub.publish(user('ada', { transactionId: 't9' }), { as: publisher('one') })
      await hub.publish(user('bob', { transactionId: 't9' }), { as: publisher('other') })
      expect(await hub.transactions.get(publisher('one'), 't9')).toMatchObject({ events: 2 })
      await expect(hub.transactions.get(publisher('other'), 't9')).rejects.toMatchObject({ code: 'not_found' })
    })

    it('that has no id of its own goes by the event it began with', async () => {
      chain()
      const { id } = await hub.publish(user('ada'))
      expect(await hub.settled(id)).toMatchObject({ events: 2, processing: { done: 2 } })
    })

    it('is waited for only so long', async () => {
      await hub.processing.set(hub.local, { stopped: true })
      chain()
      const { id } = await hub.publish(user('ada'))
      await expect(hub.settled(id, { timeout: 50 })).rejects.toMatchObject({ code: 'unavailable', retryAfter: 1 })
      await expect(hub.settled(id, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
      await expect(hub.settled('nothing')).rejects.toMatchObject({ code: 'not_found' })
    })
  })

  describe('children', () => {
    it('inherit the higher priority and the properties they do not have, and are read as a tree', async () => {
      use('a:parent', {
        types: ['user.created'],
        run: async (_, { publish }) => {
          const child = { type: 'user.updated', source: '/hr', subject: 'x', data: { name: 'x' } }
          await publish({ ...child, id: 'c1', extensions: { color: 'red' }, priority: 'normal' })
          await publish({ ...child, id: 'c2', subject: 'y', priority: 'immediate', tags: ['own'] })
        },
      })
      const parent = { id: 'p', priority: 'high', extensions: { color: 'blue', size: 3 }, tags: ['theirs'] }
      await hub.publish(user('ada', { ...parent, superOwner: 'boss', executeAt: '2020-01-01T00:00:00Z' }))
      await hub.settled('p')
      const tree = await hub.events.tree(hub.local, 'p')
      expect(tree.event).toMatchObject({ id: 'p' })
      expect(tree.children.map(({ event }) => event)).toMatchObject([
        { id: 'c1', priority: 'high', color: 'red', size: 3, parentid: 'p', rootid: 'p', parenttype: 'user.created' },
        { id: 'c2', priority: 'immediate', color: 'blue', size: 3, tags: 'own' },
      ])
      for (const name of ['superowner', 'executeat', 'partitionkey']) {
        expect(tree.children[0]?.event).not.toHaveProperty(name)
      }
      expect(tree.children[0]?.event).not.toHaveProperty('tags')
      expect(tree.children[0]?.children).toEqual([])
    })
  })

  describe('the original state', () => {
    it('is what the registry knew of the subject, where the publisher told none', async () => {
      await hub.resources.change(hub.local, {
        ...{ do: 'create', id: 'ada', type: 'person', owner: null, status: 'on', properties: { name: 'Ada' } },
      })
      const heard = await listen(['user.*'])
      const before = { owner: null, status: 'on', properties: { name: 'Ada' } }
      await hub.publish({ ...user('ada', { data: undefined }), type: 'user.updated' })
      await hub.publish({ ...user('ada', { data: { before: { name: 'told' } } }), type: 'user.updated' })
      await hub.publish({ ...user('nobody'), type: 'user.updated' })
      await hub.publish(user('ada'))
      await expect.poll(() => heard).toHaveLength(4)
      const states = heard.map(({ data }) => (data as { before?: unknown }).before)
      expect(states).toEqual(expect.arrayContaining([before, { name: 'told' }, undefined, undefined]))
    })

    it('is hidden from who reads without sensitive fields', async () => {
      await hub.resources.change(hub.local, {
        ...{ do: 'create', id: 'card', type: 'card', properties: { holder: 'Ada' } },
      })
      await hub.publish({ type: 'device.suspended', source: '/cms', subject: 'card', id: 'd1' })
      expect((await hub.events.get(hub.local, 'd1')).event.data).toMatchObject({
        before: { properties: { holder: 'Ada' } },
      })
      const bound = { ...hub.local, id: 'k', roles: ['subscriber' as const], resource: 'card' }
      const { event } = await hub.events.get(bound, 'd1')
      expect(JSON.stringify(event)).not.toContain('Ada')
    })
  })
})
