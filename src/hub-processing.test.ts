/**
 * Asynchronous processors through the hub: votes, work in the call, locks, switches, notices, transactions.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Principal } from './access/principal.js'
import type { AnyEvent } from './event/envelope.js'
import { createHub, type Hub } from './hub.js'
import type { Processor } from './pipeline/processor.js'
import { suspend } from './pipeline/verdict.js'

const user = (subject: string, more: object = {}) => ({
  type: 'user.created',
  source: '/hr',
  subject,
  data: { name: subject },
  ...more,
})

const PROCESSORS = 'local.processors'

describe.each(['memory', 'sqlite'])('processing on %s', (kind) => {
  let folder: string
  let hub: Hub
  let lines: Record<string, unknown>[]

  const open = (processing: object = {}) =>
    createHub({
      database: kind === 'memory' ? 'memory' : join(folder, 'test.db'),
      config: {
        store: { thread: 'main' },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
        processing,
      },
      log: pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
    })

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
    lines = []
    hub = await open()
  })

  afterEach(async () => {
    await hub.close()
    rmSync(folder, { recursive: true })
  })

  const use = (name: string, more: Partial<Processor> = {}) =>
    hub.use({ name, kind: 'asynchronous', types: ['user.*', 'device.*', 'resource.*'], run: () => {}, ...more })

  const taskOf = (sequence: string | null) => hub.tasks.get(hub.local, `${Number(sequence)}.${PROCESSORS}`)
  const ended = (sequence: string | null) =>
    vi.waitFor(
      async () => expect(['done', 'exhausted', 'not-executed']).toContain((await taskOf(sequence)).state),
      5_000,
    )

  async function listen(types: readonly string[]) {
    const heard: AnyEvent[] = []
    const name = `handler-${Math.random()}`
    hub.handle(name, (event) => void heard.push(event))
    await hub.subscriptions.create(hub.local, { name, types, transport: 'local', target: { handler: name } })
    return heard
  }

  /** Opens when told to. */
  function gate() {
    let open = () => {}
    const opened = new Promise<void>((resolve) => {
      open = resolve
    })
    return { open: () => open(), opened }
  }

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
      await vi.waitFor(async () => expect((await hub.tasks.counts(hub.local, {})).states).toEqual({ done: 6 }), 10_000)
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

  it('an event that is started in the middle does not take the place of a like one', async () => {
    const ran: string[] = []
    use('a:1', { order: 1, run: ({ id }) => void ran.push(`1 ${id}`) })
    use('a:5', { order: 5, run: ({ id }) => void ran.push(`5 ${id}`) })
    await hub.processing.set(hub.local, { stopped: true })
    await hub.publish(user('ada', { id: 'whole' }))
    await hub.publish(user('ada', { id: 'part' }), { after: 3 })
    await hub.processing.set(hub.local, { stopped: false })
    await vi.waitFor(() => expect(ran).toEqual(['1 whole', '5 whole', '5 part']))
  })

  describe('an event', () => {
    it('that no processor wants is not queued', async () => {
      use('a:picky', { when: ({ subject }) => subject === 'eve' })
      const receipt = await hub.publish(user('ada'))
      expect(receipt.queued).toEqual([])
      expect((await hub.tasks.list(hub.local, {}, {})).items).toEqual([])
      expect((await hub.publish(user('eve'))).queued).toEqual(['a:picky'])
    })

    it('with skipNotify is not queued, and is told to subscribers all the same', async () => {
      use('a:1')
      const heard = await listen(['user.*'])
      expect(await hub.publish(user('ada', { skipNotify: true }))).toMatchObject({ queued: [], tasks: 1 })
      await vi.waitFor(() => expect(heard).toHaveLength(1))
      expect((await hub.tasks.list(hub.local, { subscription: PROCESSORS }, {})).items).toEqual([])
    })

    it('that is queued names who will work on it, in order, and its result rows tell when they have', async () => {
      use('a:2', { order: 2 })
      use('a:1', { order: 1, run: () => ({ results: [{ state: 'blocked', code: 'x' }, { state: 'executed' }] }) })
      const { queued, sequence, results } = await hub.publish(user('ada', { id: 'u1' }))
      expect([queued, results]).toEqual([['a:1', 'a:2'], []])
      await ended(sequence)
      expect((await hub.events.timeline(hub.local, 'u1')).results).toMatchObject([
        { processor: 'a:1', number: 0, state: 'blocked', code: 'x' },
        { processor: 'a:1', number: 1, state: 'executed' },
        { processor: 'a:2', number: 0, state: 'executed' },
      ])
      expect((await taskOf(sequence)).history).toEqual([])
      expect(await hub.publish(user('ada', { id: 'u1' }))).toMatchObject({ duplicate: true, queued: [] })
    })

    it('started in the middle runs only what comes after that order', async () => {
      const ran: string[] = []
      for (const order of [1, 2, 3]) {
        use(`j:${order}`, { kind: 'judge', order, run: () => void ran.push(`j:${order}`) })
        use(`a:${order}`, { order, run: () => void ran.push(`a:${order}`) })
      }
      const { sequence, queued } = await hub.publish(user('ada'), { after: 2 })
      expect(queued).toEqual(['a:3'])
      await ended(sequence)
      expect(ran).toEqual(['j:3', 'a:3'])
      const publisher = { ...hub.local, roles: ['publisher' as const] }
      await expect(hub.publish(user('ada'), { after: 2, as: publisher })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(hub.publish(user('ada'), { after: 1.5 })).rejects.toMatchObject({ field: 'after' })
    })

    it('started in the middle and suspended goes on behind both', async () => {
      const ran: string[] = []
      let waits = true
      use('a:1', { order: 1, run: () => void ran.push('a:1') })
      use('a:9', { order: 9, run: () => void ran.push('a:9') })
      use('j:5', { kind: 'judge', order: 5, run: () => (waits ? suspend() : undefined) })
      await hub.publish(user('ada', { id: 'u1' }), { after: 3 })
      waits = false
      const { sequence, queued } = await hub.events.resume(hub.local, 'u1')
      expect(queued).toEqual(['a:9'])
      await ended(sequence)
      expect(ran).toEqual(['a:9'])
    })
  })

  describe('priority', () => {
    it('is raised by the highest vote and never lowered', async () => {
      await hub.processing.set(hub.local, { stopped: true })
      use('a:abstains', { priority: () => null })
      use('a:high', { priority: ({ subject }) => (subject === 'ada' ? 'high' : 'normal') })
      use('a:throws', {
        priority: () => {
          throw new Error('no')
        },
      })
      const [raised, own] = [await hub.publish(user('ada')), await hub.publish(user('eve', { priority: 'high' }))]
      expect(await taskOf(raised.sequence)).toMatchObject({ priority: 'high' })
      expect(await taskOf(own.sequence)).toMatchObject({ priority: 'high' })
      expect(await hub.events.list(hub.local, { subject: 'ada' }, {})).not.toMatchObject({
        items: [{ event: { priority: 'high' } }],
      })
      expect(lines).toContainEqual(expect.objectContaining({ processor: 'a:throws', msg: 'processor asked' }))
    })

    it.each([
      ['its own', { priority: 'immediate' as const }, {}],
      ['a vote', {}, { priority: () => 'immediate' as const }],
    ])('immediate, by %s, runs in the call and leaves nothing queued', async (_, event, vote) => {
      const ran: string[] = []
      use('a:1', { order: 1, run: () => void ran.push('one'), ...vote })
      use('a:2', { order: 2, priority: () => expect.fail('an immediate vote ends the voting') as never })
      const receipt = await hub.publish(user('ada', { ...event, executeAt: '2999-01-01T00:00:00Z' }))
      expect(ran).toEqual(['one'])
      expect(receipt.results).toMatchObject([
        { processor: 'a:1', state: 'executed' },
        { processor: 'a:2', state: 'executed' },
      ])
      expect(receipt.queued).toEqual([])
      expect(await taskOf(receipt.sequence)).toMatchObject({ state: 'done' })
    })

    it('immediate with witnesses runs behind them, still in the call', async () => {
      const ran: string[] = []
      use('w:1', { kind: 'witness', run: () => void ran.push('w') })
      use('a:1', { run: () => void ran.push('a') })
      const receipt = await hub.publish(user('ada', { priority: 'immediate' }))
      expect(ran).toEqual(['w', 'a'])
      expect(receipt).toMatchObject({ queued: [], results: [{ processor: 'w:1' }, { processor: 'a:1' }] })
    })

    it('immediate that fails does not fail the publisher, and is tried again from the queue', async () => {
      let fails = true
      use('a:1', { order: 1 })
      use('a:2', {
        order: 2,
        run: () => {
          if (fails) throw new Error('not yet')
        },
      })
      const { sequence, queued, results } = await hub.publish(user('ada', { priority: 'immediate' }))
      expect(results).toMatchObject([
        { state: 'executed' },
        { processor: 'a:2', state: 'exception', message: 'not yet' },
      ])
      expect(queued).toEqual(['a:2'])
      fails = false
      await ended(sequence)
    })

    it('immediate never overtakes its group: the receipt says that it waits', async () => {
      const { open, opened } = gate()
      const ran: unknown[] = []
      use('a:1', {
        run: async ({ data }) => {
          await opened
          ran.push((data as { turn: number }).turn)
        },
      })
      await hub.publish(user('ada', { data: { turn: 1 } }))
      const late = await hub.publish(user('ada', { data: { turn: 2 }, priority: 'immediate' }))
      expect(late.queued).toEqual(['a:1'])
      open()
      await ended(late.sequence)
      expect(ran).toEqual([1, 2])
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
      expect(performance.now() - begun).toBeLessThan(900)
    })

    it('let the publisher go when a witness waits longer than its deadline, and say so', async () => {
      const { open, opened } = gate()
      use('a:1', { types: ['user.created'], run: () => opened })
      use('w:1', { kind: 'witness', types: ['user.updated'], deadline: 100 })
      await hub.publish(user('ada'))
      const receipt = await hub.publish({ ...user('ada', { id: 'late' }), type: 'user.updated' })
      expect(receipt).toMatchObject({ queued: ['w:1'], results: [] })
      open()
      await vi.waitFor(async () =>
        expect((await hub.events.timeline(hub.local, 'late')).results).toMatchObject([{ state: 'executed' }]),
      )
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

  it('an event about a resource that was removed meanwhile ends not executed', async () => {
    await hub.resources.change(hub.local, { do: 'create', id: 'ada', type: 'person' })
    await hub.processing.set(hub.local, { stopped: true })
    const ran: string[] = []
    use('a:1', { types: ['user.updated'], run: () => void ran.push('a:1') })
    const { sequence } = await hub.publish({ ...user('ada'), type: 'user.updated' })
    await hub.resources.change(hub.local, { do: 'remove', id: 'ada' })
    await hub.processing.set(hub.local, { stopped: false })
    await ended(sequence)
    expect(await taskOf(sequence)).toMatchObject({ state: 'not-executed', code: 'content_deleted' })
    expect((await taskOf(sequence)).endedAt).not.toBeNull()
    expect(ran).toEqual([])
  })

  describe('duplicates', () => {
    it('of one owner: the newest alone is worked on, and the others say why not', async () => {
      await hub.processing.set(hub.local, { stopped: true })
      const ran: unknown[] = []
      use('a:1', { run: ({ id }) => void ran.push(id) })
      const receipts = []
      for (let index = 0; index < 5; index++) receipts.push(await hub.publish(user('ada', { id: `u${index}` })))
      await hub.publish(user('ada', { id: 'other', data: { name: 'Ada' } }))
      await hub.processing.set(hub.local, { stopped: false })
      await vi.waitFor(() => expect(ran).toEqual(['u4', 'other']))
      expect(await taskOf(receipts[0]?.sequence ?? null)).toMatchObject({ state: 'cancelled', code: 'duplicate' })
    })

    it('are kept for a subscription unless it says otherwise', async () => {
      const heard: AnyEvent[] = []
      hub.handle('h', (event) => void heard.push(event))
      const spec = { types: ['user.*'], transport: 'local', target: { handler: 'h' } }
      const { id } = await hub.subscriptions.create(hub.local, { ...spec, name: 'newest', duplicates: 'remove' })
      await hub.subscriptions.pause(hub.local, id)
      for (let index = 0; index < 3; index++) await hub.publish(user('ada', { id: `u${index}` }))
      await hub.subscriptions.resume(hub.local, id)
      await vi.waitFor(() => expect(heard.map((event) => event.id)).toEqual(['u2']))
      expect((await hub.tasks.counts(hub.local, { subscription: id })).states).toEqual({ cancelled: 2, done: 1 })
    })
  })

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
      await vi.waitFor(() => expect(heard).toHaveLength(1))
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
      await vi.waitFor(() => expect(heard).toHaveLength(1))
      expect(heard[0]?.data).toMatchObject({ eventId: 'u1', processor: 'a:1', principal: 'local', attempts: 1 })
      await ended(after.sequence)
      expect(await taskOf(after.sequence)).toMatchObject({ state: 'done' })
    })
  })

  describe('switches', () => {
    it('stopped: it keeps accepting and works nothing off, until it is started again', async () => {
      const ran: unknown[] = []
      use('a:1', { run: ({ subject }) => void ran.push(subject) })
      await hub.processing.set(hub.local, { stopped: true })
      const { sequence } = await hub.publish(user('ada'))
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await taskOf(sequence)).toMatchObject({ state: 'due' })
      expect(await hub.processing.set(hub.local, { stopped: false })).toEqual({ asynchronous: true, stopped: false })
      await ended(sequence)
      expect(ran).toEqual(['ada'])
      expect((await hub.audit.list(hub.local, {})).items).toMatchObject([
        { action: 'processing.set', detail: { stopped: false } },
        { action: 'processing.set', detail: { stopped: true } },
      ])
    })

    it('not asynchronous: everything runs in the publishing call, with its outcome in the receipt', async () => {
      use('a:1')
      await hub.processing.set(hub.local, { asynchronous: false })
      expect(await hub.publish(user('ada'))).toMatchObject({ queued: [], results: [{ processor: 'a:1' }] })
    })

    it('are refused to who may not, and when they are none', async () => {
      const reader = { ...hub.local, roles: ['admin' as const] }
      await expect(hub.processing.set(reader, { stopped: true })).rejects.toMatchObject({ code: 'forbidden' })
      expect(hub.processing.get(reader)).toEqual({ asynchronous: true, stopped: false })
      await expect(hub.processing.set(hub.local, { stopped: 'yes' } as never)).rejects.toMatchObject({
        field: 'stopped',
      })
      await expect(hub.processing.set(hub.local, { on: true } as never)).rejects.toMatchObject({ field: 'on' })
    })

    if (kind === 'sqlite')
      it('outlive the process, over what the configuration says', async () => {
        await hub.processing.set(hub.local, { stopped: true })
        await hub.close()
        hub = await open({ stopped: false, asynchronous: false })
        expect(hub.processing.get(hub.local)).toEqual({ asynchronous: false, stopped: true })
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
        ...{ transactionId: 't1', events: 2, settled: true, processing: { done: 2 }, tasks: {}, failed: 0 },
      })
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
      await vi.waitFor(() => expect(heard).toHaveLength(4))
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
