/**
 * Asynchronous processors through the hub: who works on an event, when, and once.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AnyEvent, type Hub, type Processor, suspend } from '../../src/index.js'
import { chainOf, createGround, endOf, type Ground, gate, listenIn, logInto, STORES, useIn, user } from './ground.js'

describe.each(STORES)('processing on %s', (kind) => {
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

  it('an event that is started in the middle does not take the place of a like one', async () => {
    const ran: string[] = []
    use('a:1', { order: 1, run: ({ id }) => void ran.push(`1 ${id}`) })
    use('a:5', { order: 5, run: ({ id }) => void ran.push(`5 ${id}`) })
    await hub.processing.set(hub.local, { stopped: true })
    await hub.publish(user('ada', { id: 'whole' }))
    await hub.publish(user('ada', { id: 'part' }), { after: 3 })
    await hub.processing.set(hub.local, { stopped: false })
    await expect.poll(() => ran).toEqual(['1 whole', '5 whole', '5 part'])
  })

  it('begins an event when its publisher was told, each in its turn', async () => {
    const said: string[] = []
    use('a:1', { run: ({ id }) => void said.push(`begun ${id}`) })
    for (const id of ['x', 'y', 'z']) {
      await hub.publish(user(`of-${id}`, { id })).then(() => said.push(`told ${id}`))
      await expect.poll(() => said).toContain(`begun ${id}`)
    }
    expect(said).toEqual(['x', 'y', 'z'].flatMap((id) => [`told ${id}`, `begun ${id}`]))
  })

  it('leaves an event that was leased by its own commit to the next process when it is closed', async () => {
    const ran: string[] = []
    use('a:1', { run: ({ id }) => void ran.push(id) })
    const publishing = hub.publish(user('ada', { id: 'x' }))
    const closing = publishing.then(() => hub.close())
    const { sequence } = await publishing
    await closing
    if (kind === 'memory') return
    hub = await open()
    use('a:1', { run: ({ id }) => void ran.push(id) })
    await ended(sequence)
    expect(ran).toEqual(['x'])
    expect((await taskOf(sequence)).failures).toBe(0)
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
      await expect.poll(() => heard).toHaveLength(1)
      expect((await hub.tasks.list(hub.local, { subscription: 'local.processors' }, {})).items).toEqual([])
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
      await expect.poll(() => ran).toEqual(['u4', 'other'])
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
      await expect.poll(() => heard.map((event) => event.id)).toEqual(['u2'])
      await vi.waitFor(async () => {
        const { states } = await hub.tasks.counts(hub.local, { subscription: id })
        expect(states).toEqual({ cancelled: 2, done: 1 })
      })
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
})
