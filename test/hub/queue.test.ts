/**
 * The queue as people use it: filters, counts, and the same done to many.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BulkRequest, ConfigInput, Hub, Principal, Processor, TaskQuery } from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

const PROCESSORS = 'local.processors'

describe.each(STORES)('the queue on %s', (kind) => {
  let ground: Ground
  let hub: Hub

  const open = (config: ConfigInput = {}) =>
    ground.open({
      plugins: [{ name: 'people', resourceTypes: [{ name: 'person' }, { name: 'guest', implements: ['person'] }] }],
      config,
    })

  beforeEach(async () => {
    ground = createGround(kind)
    hub = await open()
  })

  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  const use = (run: Processor['run'], more: Partial<Processor> = {}) =>
    hub.use({ name: 'a:1', kind: 'asynchronous', types: ['user.*'], run, ...more })
  const stop = () => hub.processing.set(hub.local, { stopped: true })
  const start = () => hub.processing.set(hub.local, { stopped: false })
  const idOf = ({ sequence }: { sequence: string | null }) => `${Number(sequence)}.${PROCESSORS}`
  const task = (id: string) => hub.tasks.get(hub.local, id)
  const subjects = async (query: TaskQuery) =>
    (await hub.tasks.list(hub.local, query, {})).items.map(({ subject }) => subject).sort()

  /** Stopped, with a task for each of these people. */
  async function waiting(...people: readonly string[]): Promise<readonly string[]> {
    await stop()
    use(() => {})
    const receipts = []
    for (const each of people) receipts.push(await hub.publish(user(each)))
    return receipts.map(idOf)
  }

  describe('is searched', () => {
    it('by what the event says', async () => {
      await stop()
      use(() => {})
      await hub.publish(user('ada', { id: 'e1', superOwner: 'boss', transactionId: 't', priority: 'high' }))
      await hub.publish(user('eve', { id: 'e2', parentId: 'p', rootId: 'r', source: '/Other' }))
      expect(await subjects({ superOwner: 'boss' })).toEqual(['ada'])
      expect(await subjects({ transactionId: 't' })).toEqual(['ada'])
      expect(await subjects({ parentId: 'p' })).toEqual(['eve'])
      expect(await subjects({ rootId: 'r' })).toEqual(['eve'])
      expect(await subjects({ priorities: ['high', 'immediate'] })).toEqual(['ada'])
      expect(await subjects({ text: 'OTHER' })).toEqual(['eve'])
      expect(await subjects({ states: ['due'], types: ['user.created'] })).toEqual(['ada', 'eve'])
      expect(await subjects({ local: false })).toEqual([])
    })

    it('by time and by result', async () => {
      const [id = ''] = await waiting('ada', 'eve')
      await hub.tasks.cancel(hub.local, id)
      expect(await subjects({ codes: ['cancelled'] })).toEqual(['ada'])
      expect(await subjects({ createdFrom: '2020-01-01T00:00:00Z', createdTill: '2020-01-02T00:00:00Z' })).toEqual([])
      expect(await subjects({ createdFrom: '2020-01-01T00:00:00Z' })).toEqual(['ada', 'eve'])
      await expect(subjects({ createdTill: 'yesterday' })).rejects.toMatchObject({ field: 'createdTill' })
    })

    it('by the type of its subject, and by id or code in it', async () => {
      const create = (id: string, type: string, code: string) =>
        hub.resources.change(hub.local, { do: 'create', id, type, properties: { code } })
      await create('id-ada', 'guest', 'ada')
      await create('id-car', 'car', 'ada')
      await waiting('id-ada', 'id-car')
      expect(await subjects({ subjectType: 'person' })).toEqual(['id-ada'])
      expect(await subjects({ subjectType: 'person', subject: 'ada' })).toEqual(['id-ada'])
      expect(await subjects({ subjectType: 'car', subject: 'id-car' })).toEqual(['id-car'])
      await expect(subjects({ subjectType: 'car', subject: 'id-ada' })).rejects.toMatchObject({ code: 'not_found' })
    })
  })

  it('is counted by state, with what is unprocessed and what went wrong', async () => {
    await hub.close()
    hub = await open({ processing: { attempts: 1 } })
    use(({ subject }) => {
      if (subject === 'bad') throw new Error('no')
    })
    await hub.publish(user('bad'))
    await hub.publish(user('good'))
    await expect.poll(() => hub.tasks.counts(hub.local, { local: true })).toMatchObject({ unprocessed: 0, errors: 1 })
    await stop()
    await hub.publish(user('late'))
    expect(await hub.tasks.counts(hub.local, {})).toEqual({
      states: { done: 1, exhausted: 1, due: 1 },
      unprocessed: 1,
      errors: 1,
    })
  })

  describe('in bulk', () => {
    it('a dry run counts and changes nothing', async () => {
      await waiting('ada', 'eve')
      const filter = { subscription: PROCESSORS }
      expect(await hub.tasks.bulk(hub.local, { action: 'cancel', filter, dryRun: true })).toEqual({ count: 2 })
      expect((await hub.tasks.counts(hub.local, filter)).unprocessed).toBe(2)
    })

    it('a dry run of named ones counts those that are there and that it can be done to, each once', async () => {
      const [ada = '', eve = ''] = await waiting('ada', 'eve')
      await hub.tasks.cancel(hub.local, ada)
      const count = async (action: 'cancel' | 'retry' | 'delete') =>
        (await hub.tasks.bulk(hub.local, { action, ids: [ada, eve, eve, `999.${PROCESSORS}`], dryRun: true })).count
      expect([await count('cancel'), await count('retry'), await count('delete')]).toEqual([1, 1, 2])
    })

    it('a dry run of trying again leaves out who waits for its group only, and each of them is told why', async () => {
      hub.handle('h', () => {
        throw new Error('no')
      })
      const spec = { name: 's', types: ['user.*'], transport: 'local', target: { handler: 'h' }, order: 'strict' }
      const { id } = await hub.subscriptions.create(hub.local, spec)
      const ids = []
      for (const each of ['ada', 'eve', 'bob']) {
        const { sequence } = await hub.publish(user(each, { partitionKey: 'same' }))
        ids.push(`${Number(sequence)}.${id}`)
      }
      const [first = '', second = ''] = ids
      await expect.poll(() => task(first)).toMatchObject({ state: 'waiting', attempts: 1 })
      const filter: TaskQuery = { subscription: id, states: ['waiting', 'exhausted'] }
      const count = async (query: TaskQuery, dryRun: boolean) =>
        (await hub.tasks.bulk(hub.local, { action: 'retry', filter: query, dryRun })).count
      expect(await count(filter, true)).toBe(1)
      expect(await count({ ...filter, wakeTill: '2001-01-01T00:00:00Z' }, true)).toBe(0)
      const why = (message: string) => ({ code: 'wrong_state', message })
      await expect(hub.tasks.retry(hub.local, second)).rejects.toMatchObject(
        why('The task waits for those of its group that are before it.'),
      )
      await hub.subscriptions.pause(hub.local, id)
      await expect(hub.tasks.retry(hub.local, second)).rejects.toMatchObject(
        why('The task is held: it goes on when its subscription is resumed.'),
      )
      await hub.subscriptions.resume(hub.local, id)
      expect(await count(filter, false)).toBe(1)
    })

    it('does not try again what was for a subscription that is gone, and says so', async () => {
      hub.handle('h', () => ({ outcome: 'refused', code: 'no', message: 'No.' }))
      const spec = { name: 's', types: ['user.*'], transport: 'local', target: { handler: 'h' } }
      const { id } = await hub.subscriptions.create(hub.local, spec)
      const { sequence } = await hub.publish(user('ada'))
      const refused = `${Number(sequence)}.${id}`
      await expect.poll(() => task(refused)).toMatchObject({ state: 'refused' })
      const retry = { action: 'retry', dryRun: true } as const
      expect(await hub.tasks.bulk(hub.local, { ...retry, ids: [refused] })).toEqual({ count: 1 })
      await hub.subscriptions.remove(hub.local, id)
      for (const filter of [{ subscription: id }, { subscription: id, types: ['user.created'] }])
        for (const dryRun of [true, false])
          expect(await hub.tasks.redrive(hub.local, filter, { dryRun })).toEqual({ count: 0 })
      expect(await hub.tasks.bulk(hub.local, { ...retry, ids: [refused] })).toEqual({ count: 0 })
      const message = 'The task was for a subscription that is gone.'
      await expect(hub.tasks.retry(hub.local, refused)).rejects.toMatchObject({ code: 'wrong_state', message })
    })

    it('refuses a priority that the action does not give', async () => {
      const [id = ''] = await waiting('ada')
      const wrong = { action: 'cancel', priority: 'high', ids: [id] } as const
      await expect(hub.tasks.bulk(hub.local, wrong)).rejects.toMatchObject({ field: 'priority' })
      expect(await task(id)).toMatchObject({ state: 'due' })
    })

    it('cancels, retries and deletes what a filter names, and audits it once', async () => {
      await waiting('ada', 'eve', 'bob')
      const cancelled = await hub.tasks.bulk(hub.local, { action: 'cancel', filter: { types: ['user.created'] } })
      expect(cancelled).toEqual({ count: 3 })
      const again = { action: 'retry', filter: { subject: 'ada', states: ['cancelled'] } } as const
      expect(await hub.tasks.bulk(hub.local, again)).toEqual({ count: 1 })
      expect(await hub.tasks.bulk(hub.local, { action: 'delete', filter: { codes: ['cancelled'] } })).toEqual({
        count: 2,
      })
      expect(await subjects({})).toEqual(['ada'])
      const audited = (await hub.audit.list(hub.local, {})).items.filter(({ action }) => action === 'task.bulk')
      expect(audited.map(({ detail }) => detail)).toMatchObject([
        { action: 'delete', count: 2 },
        { action: 'retry', count: 1 },
        { action: 'cancel', count: 3 },
      ])
    })

    it('goes part by part, the oldest first, and says where the next part begins', async () => {
      await waiting('ada', 'eve', 'bob')
      const cancel = { action: 'cancel', filter: { types: ['user.created'] }, limit: 2 } as const
      const first = await hub.tasks.bulk(hub.local, cancel)
      expect(first).toEqual({ count: 2, next: expect.any(String) })
      expect(await subjects({ states: ['cancelled'] })).toEqual(['ada', 'eve'])
      expect(await hub.tasks.bulk(hub.local, { ...cancel, cursor: first.next ?? '' })).toEqual({ count: 1, next: null })
      const redriven = { states: ['cancelled'] } as const
      expect(await hub.tasks.redrive(hub.local, redriven, { limit: 3 })).toEqual({ count: 3, next: expect.any(String) })
    })

    it('changes the priority of those named, and passes over what is finished', async () => {
      const ids = await waiting('ada', 'eve')
      await hub.tasks.cancel(hub.local, ids[1] ?? '')
      expect(await hub.tasks.bulk(hub.local, { action: 'priority', priority: 'high', ids })).toEqual({ count: 1 })
      expect(await task(ids[0] ?? '')).toMatchObject({ priority: 'high' })
    })

    it.each<[string, object]>([
      ['action', { action: 'burn', filter: {} }],
      ['priority', { action: 'priority', filter: {} }],
      ['priority', { action: 'priority', priority: 'urgent', filter: {} }],
      ['filter', { action: 'cancel' }],
      ['filter', { action: 'cancel', filter: {}, ids: [] }],
      ['id', { action: 'cancel', ids: ['nonsense'] }],
      ['limit', { action: 'cancel', filter: {}, limit: 0 }],
      ['limit', { action: 'cancel', filter: {}, limit: 1, dryRun: true }],
      ['limit', { action: 'cancel', ids: ['1.sub'], limit: 1 }],
      ['cursor', { action: 'cancel', filter: {}, cursor: 'nonsense' }],
    ])('refuses a bad %s', async (field, request) => {
      await expect(hub.tasks.bulk(hub.local, request as BulkRequest)).rejects.toMatchObject({ field })
    })

    it('lets a subscriber touch the tasks of its own subscriptions alone', async () => {
      const [id = ''] = await waiting('ada')
      const caller: Principal = { ...hub.local, id: 'k1', roles: ['subscriber'] }
      await expect(hub.tasks.bulk(caller, { action: 'delete', ids: [id] })).rejects.toMatchObject({ code: 'not_found' })
      await expect(hub.tasks.bulk(caller, { action: 'delete', filter: {} })).rejects.toMatchObject({
        field: 'subscription',
      })
      await expect(hub.tasks.remove(caller, id)).rejects.toMatchObject({ code: 'not_found' })
      await expect(hub.tasks.removeAll(caller)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(hub.tasks.reprioritise(caller, id, 'high')).rejects.toMatchObject({ code: 'not_found' })
      await expect(hub.tasks.counts(caller, {})).rejects.toMatchObject({ field: 'subscription' })
    })
  })

  describe('is changed by who governs the tenant', () => {
    const caller = (): Principal => ({ ...hub.local, id: 'k1', roles: ['subscriber', 'reader'] })

    it('not by a subscriber who may only read all of it', async () => {
      const [id = ''] = await waiting('ada')
      expect((await hub.tasks.get(caller(), id)).state).toBe('due')
      for (const action of ['cancel', 'retry', 'delete'] as const) {
        await expect(hub.tasks.bulk(caller(), { action, ids: [id] })).rejects.toMatchObject({ code: 'forbidden' })
        await expect(hub.tasks.bulk(caller(), { action, filter: { subscription: PROCESSORS } })).rejects.toMatchObject({
          code: 'forbidden',
        })
        await expect(hub.tasks.bulk(caller(), { action, filter: {} })).rejects.toMatchObject({ field: 'subscription' })
      }
      await expect(hub.tasks.cancel(caller(), id)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(hub.tasks.remove(caller(), id)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(hub.tasks.reprioritise(caller(), id, 'high')).rejects.toMatchObject({ code: 'forbidden' })
      expect((await task(id)).state).toBe('due')
    })

    it('and by who owns the subscription, who learns nothing of the registry by it', async () => {
      hub.handle('ears', () => {})
      await hub.resources.change(hub.local, { do: 'create', id: 'p1', type: 'person', properties: { code: 'C1' } })
      const { id } = await hub.subscriptions.create(hub.local, {
        ...{ name: 'ears', types: ['user.*'], transport: 'local', target: { handler: 'ears' } },
      })
      const own: Principal = { ...hub.local, roles: ['subscriber'] }
      expect(await hub.tasks.bulk(own, { action: 'delete', filter: { subscription: id } })).toEqual({ count: 0 })
      for (const subject of ['C1', 'nobody']) {
        const query = { subscription: id, subject, subjectType: 'person' }
        await expect(hub.tasks.list(own, query, {})).rejects.toMatchObject({ code: 'forbidden', field: 'subjectType' })
      }
    })
  })

  it('gives a task another priority until it runs', async () => {
    const [id = ''] = await waiting('ada')
    expect(await hub.tasks.reprioritise(hub.local, id, 'high')).toMatchObject({ priority: 'high' })
    await hub.tasks.cancel(hub.local, id)
    await expect(hub.tasks.reprioritise(hub.local, id, 'normal')).rejects.toMatchObject({ code: 'wrong_state' })
    await expect(hub.tasks.reprioritise(hub.local, '9.local.processors', 'high')).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  describe('loses', () => {
    it('an entry with those of its descendants, and keeps the events', async () => {
      use((_, { publish }) => publish({ type: 'user.updated', source: '/hr', subject: 'child', data: { name: 'x' } }), {
        types: ['user.created'],
      })
      use(() => {}, { name: 'a:2', types: ['user.updated'] })
      const receipt = await hub.publish(user('ada', { id: 'p' }))
      await hub.settled('p')
      expect(await hub.tasks.remove(hub.local, idOf(receipt))).toEqual({ count: 2 })
      expect(await subjects({})).toEqual([])
      expect((await hub.events.timeline(hub.local, 'p')).results).toEqual([])
      expect((await hub.events.tree(hub.local, 'p')).children).toHaveLength(1)
      await expect(hub.tasks.remove(hub.local, idOf(receipt))).rejects.toMatchObject({ code: 'not_found' })
    })

    it('a running entry: its signal is aborted, its lock is free at once, and it stays away', async () => {
      let aborted = false
      const ran: string[] = []
      use(
        ({ id }, { signal }) =>
          new Promise<void>((resolve) => {
            ran.push(id)
            if (id !== 'endless') return resolve()
            signal.addEventListener('abort', () => {
              aborted = true
            })
          }),
      )
      const receipt = await hub.publish(user('ada', { id: 'endless' }))
      await expect.poll(() => ran).toEqual(['endless'])
      await hub.publish(user('ada', { id: 'next', data: { name: 'other' } }))
      await hub.tasks.remove(hub.local, idOf(receipt))
      await expect.poll(() => ran).toEqual(['endless', 'next'])
      expect(aborted).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 100))
      await expect(task(idOf(receipt))).rejects.toMatchObject({ code: 'not_found' })
      expect((await hub.events.timeline(hub.local, 'endless')).results).toEqual([])
    })

    it('everything of the processors at once, and nothing of what subscribers are still to be told', async () => {
      hub.handle('h', () => {})
      const spec = { name: 's', types: ['user.*'], transport: 'local', target: { handler: 'h' } }
      const { id } = await hub.subscriptions.create(hub.local, spec)
      await hub.subscriptions.pause(hub.local, id)
      await waiting('ada', 'eve')
      expect(await hub.tasks.removeAll(hub.local, { dryRun: true })).toEqual({ count: 2 })
      expect(await hub.tasks.removeAll(hub.local)).toEqual({ count: 2 })
      expect((await hub.tasks.counts(hub.local, {})).states).toEqual({ held: 2 })
      await start()
    })
  })

  if (kind === 'sqlite')
    it('forgets finished tasks by age, and keeps their events and what failed', async () => {
      await hub.close()
      hub = await open({ processing: { attempts: 1 } })
      use(({ subject }) => {
        if (subject === 'bad') throw new Error('no')
      })
      await hub.publish(user('good', { id: 'good' }))
      await hub.publish(user('bad', { id: 'bad' }))
      await expect.poll(() => hub.tasks.counts(hub.local, {})).toMatchObject({ unprocessed: 0 })
      await hub.close()
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 86_400_000 })
      try {
        hub = await open({ retention: { tasks: 1 } })
        await expect.poll(() => subjects({})).toEqual(['bad'])
        expect((await hub.events.list(hub.local, { types: ['user.created'] }, {})).items).toHaveLength(2)
      } finally {
        vi.useRealTimers()
      }
    })

  it('all forty concurrent changes of one resource without a revision succeed', async () => {
    await hub.resources.change(hub.local, { do: 'create', id: 'ada', type: 'person' })
    hub.use({ name: 'j:slow', kind: 'judge', run: () => new Promise((resolve) => setTimeout(resolve, 2)) })
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`)
    const changed = await Promise.all(
      names.map((name) => hub.resources.change(hub.local, { do: 'update', id: 'ada', properties: { [name]: true } })),
    )
    expect(changed.map(({ receipts }) => receipts.length)).toEqual(names.map(() => 1))
    const { revision, properties } = await hub.resources.get(hub.local, 'ada')
    expect(revision).toBe(41)
    expect(Object.keys(properties)).toHaveLength(40)
    const stale = { do: 'update', id: 'ada', properties: { x: 1 }, revision: 1 } as const
    await expect(hub.resources.change(hub.local, stale)).rejects.toMatchObject({ code: 'precondition_failed' })
  })

  it('a witness may change the very resource it hears of: the change is true by then', async () => {
    await hub.resources.change(hub.local, { do: 'create', id: 'ada', type: 'person' })
    hub.use({
      name: 'w:1',
      kind: 'witness',
      when: ({ data }) => !JSON.stringify(data).includes('seen'),
      run: async () => void (await hub.resources.change(hub.local, { do: 'update', id: 'ada', status: 'seen' })),
    })
    const { receipts } = await hub.resources.change(hub.local, { do: 'update', id: 'ada', properties: { a: 1 } })
    expect(receipts[0]?.results).toMatchObject([{ processor: 'w:1', state: 'executed' }])
    expect(await hub.resources.get(hub.local, 'ada')).toMatchObject({ status: 'seen', properties: { a: 1 } })
  })

  it('works off what waits while more is published without a pause', async () => {
    let handled = 0
    hub.handle('count', () => {
      handled += 1
    })
    const target = { transport: 'local', target: { handler: 'count' } }
    await hub.subscriptions.create(hub.local, { name: 'count', types: ['user.*'], ...target })
    let published = 0
    const caller = async () => {
      while (published < 2_000) {
        await hub.publish(user(`u${published++}`))
        // Nothing is waited for in a store in memory: its callers alone would keep the loop from turning.
        if (kind === 'memory') await turn()
      }
    }
    await Promise.all(Array.from({ length: 50 }, caller))
    expect(handled).toBeGreaterThan(published / 2)
  })
})
