/**
 * The whole journey in one process, on each embedded store.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type AnyEvent,
  close,
  type Hub,
  type Principal,
  type Processor,
  proceed,
  reject,
  suspend,
} from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

describe.each(STORES)('the hub on %s', (kind) => {
  let ground: Ground
  let hub: Hub

  beforeEach(async () => {
    ground = createGround(kind)
    hub = await ground.open()
  })

  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  /** Subscribes a handler and answers what it hears. */
  async function listen(spec: object = {}, caller: Principal = hub.local) {
    const heard: AnyEvent[] = []
    const name = `handler-${Math.random()}`
    hub.handle(name, (event) => void heard.push(event))
    const { id } = await hub.subscriptions.create(caller, {
      name,
      types: ['*'],
      transport: 'local',
      target: { handler: name },
      ...spec,
    })
    return { id, heard, subjects: () => heard.map(({ subject }) => subject) }
  }

  async function principal(roles: readonly string[], resource?: string): Promise<Principal> {
    const { key } = await hub.keys.create(hub.local, {
      name: roles.join(),
      roles,
      ...(resource && { resource }),
    } as never)
    const found = await hub.keys.authenticate(key)
    if (!found) throw new Error('the key just made must work')
    return found
  }

  const create = (id: string, type: string, owner: string | null = null) =>
    hub.resources.change(hub.local, { do: 'create', id, type, owner })
  const judge = (run: Processor['run'], more: Partial<Processor> = {}) =>
    hub.use({ name: `j:${Math.random()}`, kind: 'judge', run, ...more })

  it('tells a subscriber once, in order', async () => {
    const { subjects } = await listen()
    for (let index = 0; index < 20; index++) await hub.publish(user(`u${index}`, { partitionKey: 'same' }))
    await expect.poll(() => subjects()).toHaveLength(20)
    expect(subjects()).toEqual(Array.from({ length: 20 }, (_, index) => `u${index}`))
  })

  it('knows a repeated event by its key, and refuses another content under it', async () => {
    const { heard } = await listen()
    const first = await hub.publish(user('ada', { id: '1' }))
    const again = await hub.publish(user('ada', { id: '1' }))
    expect(again).toMatchObject({ duplicate: true, sequence: first.sequence })
    await expect(hub.publish(user('bob', { id: '1' }))).rejects.toMatchObject({ code: 'duplicate_mismatch' })
    const together = await Promise.all([hub.publish(user('eve', { id: '2' })), hub.publish(user('eve', { id: '2' }))])
    expect(together.map(({ duplicate }) => duplicate)).toEqual([false, true])
    await expect.poll(() => heard).toHaveLength(2)
  })

  describe('judges', () => {
    it('reject: nothing is stored, the publisher is told', async () => {
      judge(() => reject('no_more', 'Enough.', { de: 'Genug.' }))
      await expect(hub.publish(user('ada'))).rejects.toMatchObject({
        code: 'rejected',
        data: { reason: 'no_more', texts: { de: 'Genug.' } },
      })
      expect((await hub.events.list(hub.local, {}, {})).items).toEqual([])
    })

    it('close before the deed: the change is not applied', async () => {
      judge(() => close(), { order: -1, types: ['resource.available'] })
      expect(await create('a', 'person')).toMatchObject({ resource: null })
      expect((await hub.events.list(hub.local, {}, {})).items[0]).toMatchObject({ state: 'closed' })
    })

    it('close at the deed: the change is applied, nobody is told', async () => {
      const { heard } = await listen()
      judge(() => close(), { types: ['resource.available'] })
      const { receipts } = await create('a', 'person')
      expect(receipts[0]).toMatchObject({ state: 'closed', tasks: 0 })
      expect(await hub.resources.get(hub.local, 'a')).toMatchObject({ revision: 1 })
      expect(heard).toEqual([])
    })

    it('suspend before the deed: applied and told when resumed, in this process or the next', async () => {
      let open_ = false
      const gate: Processor = {
        name: 'gate',
        kind: 'judge',
        order: -1,
        types: ['resource.available'],
        run: () => (open_ ? proceed() : suspend()),
      }
      hub.use(gate)
      expect(await create('a', 'person')).toMatchObject({ resource: null })
      const [stored] = (await hub.events.list(hub.local, { states: ['suspended'] }, {})).items
      if (kind === 'sqlite') {
        await hub.close()
        hub = await ground.open()
        hub.use(gate)
      }
      const { subjects } = await listen()
      open_ = true
      const receipt = await hub.events.resume(hub.local, String(stored?.event.id))
      expect(receipt).toMatchObject({ state: 'admitted', tasks: 1 })
      expect(await hub.resources.get(hub.local, 'a')).toMatchObject({ type: 'person', revision: 1 })
      await expect.poll(() => subjects()).toEqual(['a'])
      await expect(hub.events.resume(hub.local, String(stored?.event.id))).rejects.toMatchObject({
        code: 'wrong_state',
      })
    })

    it('suspend until: goes on by itself', async () => {
      const { subjects } = await listen()
      let times = 0
      judge(() => (times++ === 0 ? suspend(Date.now() + 50) : proceed()), { order: 5 })
      judge(() => undefined, { order: 9 })
      const receipt = await hub.publish(user('ada', { id: 's1' }))
      expect(receipt.state).toBe('suspended')
      await expect.poll(() => subjects()).toEqual(['ada'])
      // The judge that suspended has answered; only the rest runs on resume.
      expect(times).toBe(1)
      expect(await hub.events.get(hub.local, 's1')).toMatchObject({ state: 'admitted' })
    })

    it('reject after a resume: the event ends refused and operators hear of it', async () => {
      const { heard } = await listen({ types: ['tocsin.*'] })
      judge(() => suspend(), { order: 1 })
      judge(() => reject('late', 'Too late.'), { order: 2 })
      await hub.publish(user('ada', { id: 'r1' }))
      expect(await hub.events.resume(hub.local, 'r1')).toMatchObject({ state: 'refused' })
      await expect.poll(() => heard.map(({ type }) => type)).toEqual(['tocsin.event.refused'])
    })

    it('publish children that share their fate', async () => {
      const { heard } = await listen()
      judge(
        async (event, context) =>
          void (await context.publish({ type: 'device.issued', subject: `card of ${event.subject}` })),
        { types: ['user.created'] },
      )
      const parent = await hub.publish(user('ada', { priority: 'high' }))
      await expect.poll(() => heard).toHaveLength(2)
      expect(heard[1]).toMatchObject({
        type: 'device.issued',
        parentId: parent.id,
        rootId: parent.id,
        parentType: 'user.created',
        priority: 'high',
      })
      judge(() => reject('no', 'No.'), { types: ['device.*'] })
      await expect(hub.publish(user('bob'))).rejects.toMatchObject({ code: 'rejected' })
      expect((await hub.events.list(hub.local, { subject: 'bob' }, {})).items).toEqual([])
    })

    it('stop a family that never ends', async () => {
      judge(async (event, context) => void (await context.publish({ type: event.type, subject: 'again' })), {
        types: ['user.created'],
      })
      await expect(hub.publish(user('ada'))).rejects.toMatchObject({ code: 'too_deep' })
    })
  })

  it('hears witnesses in the call, by order, and lets none stop another', async () => {
    const order: string[] = []
    hub.use({ name: 'w:1', kind: 'witness', order: 9, run: async () => void order.push('third') })
    hub.use({
      name: 'w:2',
      kind: 'witness',
      run: () => {
        throw new Error('broken')
      },
    })
    hub.use({ name: 'w:3', kind: 'witness', order: -9, run: async () => void order.push('first') })
    const receipt = await hub.publish(user('ada'))
    expect(order).toEqual(['first', 'third'])
    expect(receipt.results.map(({ processor, state }) => [processor, state])).toEqual([
      ['w:3', 'executed'],
      ['w:2', 'exception'],
      ['w:1', 'executed'],
    ])
  })

  it('runs asynchronous processors as one ordered chain that resumes after the last success', async () => {
    const ran: string[] = []
    let broken = true
    hub.use({ name: 'a:1', kind: 'asynchronous', order: 1, run: () => void ran.push('one') })
    hub.use({
      name: 'a:2',
      kind: 'asynchronous',
      order: 2,
      run: () => {
        ran.push('two')
        if (broken) throw new Error('not yet')
      },
    })
    const receipt = await hub.publish(user('ada'))
    await expect
      .poll(async () => (await hub.tasks.get(hub.local, `${Number(receipt.sequence)}.local.processors`)).failures)
      .toBe(1)
    broken = false
    await hub.tasks.retry(hub.local, `${Number(receipt.sequence)}.local.processors`)
    await expect
      .poll(async () => (await hub.tasks.get(hub.local, `${Number(receipt.sequence)}.local.processors`)).state)
      .toBe('done')
    expect(ran).toEqual(['one', 'two', 'two'])
  })

  it('shows a subscriber what its resource sees, and explains the rest', async () => {
    await create('acme', 'customer')
    await create('bond', 'customer')
    await create('dir-acme', 'directory', 'acme')
    const caller = await principal(['subscriber'], 'dir-acme')
    const { id, subjects } = await listen({ types: ['resource.*'] }, caller)
    await create('ada', 'person', 'acme')
    const foreign = await create('james', 'person', 'bond')
    await hub.resources.change(hub.local, { do: 'link', from: 'james', relation: 'visits', to: 'dir-acme' })
    await hub.resources.change(hub.local, { do: 'update', id: 'james', properties: { badge: 7 } })
    await hub.resources.change(hub.local, { do: 'unlink', from: 'james', relation: 'visits', to: 'dir-acme' })
    await hub.resources.change(hub.local, { do: 'update', id: 'james', properties: { badge: 8 } })
    await expect.poll(() => subjects()).toEqual(['ada', 'james', 'james', 'james'])
    const hidden = String(foreign.receipts[0]?.id)
    const whole = await hub.explain(hub.local, hidden, id)
    expect(whole).toMatchObject({ told: false })
    expect(whole.decisions.find(({ step }) => step === 'visibility')).toMatchObject({ passed: false })
    const own = await hub.explain(caller, hidden, id)
    expect(own.decisions).toEqual([
      { step: 'visibility', passed: false, text: 'The event is not visible to this subscription.' },
    ])
    await expect(hub.events.get(caller, hidden)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('shows a subscriber in an event’s timeline its own deliveries and nobody else’s', async () => {
    await create('acme', 'customer')
    await create('dir-acme', 'directory', 'acme')
    const caller = await principal(['subscriber'], 'dir-acme')
    const { id, subjects } = await listen({ types: ['resource.*'] }, caller)
    await listen({ types: ['resource.*'] })
    const { receipts } = await create('ada', 'person', 'acme')
    await expect.poll(() => subjects()).toEqual(['ada'])
    const seen = String(receipts[0]?.id)
    expect((await hub.events.timeline(hub.local, seen)).tasks).toHaveLength(2)
    await expect
      .poll(async () => (await hub.events.timeline(caller, seen)).tasks)
      .toMatchObject([{ subscription: id, state: 'done', history: [{ outcome: 'delivered' }] }])
  })

  it('catches up from the past, then goes on live, without a gap or a repeat', async () => {
    for (let index = 0; index < 30; index++) await hub.publish(user(`u${index}`))
    const publishing = Promise.all(Array.from({ length: 30 }, (_, index) => hub.publish(user(`v${index}`))))
    const { subjects, id } = await listen({ start: 'earliest', types: ['user.*'], order: 'strict' })
    await publishing
    await expect.poll(() => hub.subscriptions.get(hub.local, id)).toMatchObject({ state: 'active' })
    await hub.publish(user('last'))
    await expect.poll(() => new Set(subjects()).size).toBe(61)
    expect(subjects()).toHaveLength(61)
  })

  it('replays what was told', async () => {
    const { id, subjects } = await listen({ types: ['user.*'] })
    for (const name of ['a', 'b', 'c']) await hub.publish(user(name))
    // What is heard may not be settled yet, and is not told again until it is.
    await expect.poll(async () => (await hub.tasks.counts(hub.local, {})).states).toEqual({ done: 3 })
    expect(await hub.replay(hub.local, id, { from: 2 }, { dryRun: true })).toEqual({ count: 2 })
    expect(await hub.replay(hub.local, id, { from: 2 })).toEqual({ count: 2 })
    await expect.poll(() => subjects().slice(3).sort()).toEqual(['b', 'c'])
  })

  it('replays types that there are, or were', async () => {
    const { id } = await listen({ types: ['*'] })
    await hub.publish(user('ada'))
    const count = (...types: string[]) => hub.replay(hub.local, id, { types }, { dryRun: true })
    await expect(count('user.created', 'usr.updated')).rejects.toMatchObject({
      ...{ code: 'invalid_request', field: 'types[1]' },
      message: 'No event type is called "usr.updated". Did you mean "user.updated"?',
    })
    expect(await count('user.deleted')).toEqual({ count: 0 })
    await hub.tenants.update(hub.local, 'default', { openTypes: true })
    await hub.publish(user('ada', { type: 'acme.made-up' }))
    expect(await count('acme.made-up')).toEqual({ count: 1 })
  })

  it('replays part by part, each saying where the next begins', async () => {
    const { id } = await hub.subscriptions.create(hub.local, { name: 'pull', types: ['user.*'], transport: 'pull' })
    await Promise.all(Array.from({ length: 501 }, (_, number) => hub.publish(user(`u${number}`))))
    const first = await hub.replay(hub.local, id, { from: 1 }, { limit: 500 })
    expect(first).toEqual({ count: expect.any(Number), next: expect.stringMatching(/^0+\d+$/) })
    const second = await hub.replay(hub.local, id, { from: first.next ?? '' }, { limit: 500 })
    expect(second.next).toBeNull()
    const { count } = await hub.replay(hub.local, id, { from: first.next ?? '' }, { dryRun: true })
    expect(count).toBe(1)
    await expect(hub.replay(hub.local, id, {}, { dryRun: true, limit: 1 })).rejects.toMatchObject({ field: 'limit' })
  })

  it('tells from the past only the newest of like events, where that is asked for', async () => {
    for (const name of ['a', 'b', 'a', 'a']) await hub.publish(user(name, { data: { name } }))
    const spec = { name: 'late', types: ['user.*'], transport: 'pull', duplicates: 'remove', start: 'earliest' }
    const { id } = await hub.subscriptions.create(hub.local, spec)
    await expect.poll(() => hub.subscriptions.get(hub.local, id)).toMatchObject({ state: 'active' })
    const leased = await hub.tasks.lease(hub.local, id)
    expect(leased.map(({ event }) => [event.sequence, event.subject])).toEqual([
      ['00000000000000000002', 'b'],
      ['00000000000000000004', 'a'],
    ])
  })

  it('lets a subscriber pull: lease, settle, release', async () => {
    const { id } = await hub.subscriptions.create(hub.local, { name: 'pull', types: ['*'], transport: 'pull' })
    await hub.publish(user('a', { partitionKey: 'k' }))
    await hub.publish(user('b', { partitionKey: 'k' }))
    const [first, ...none] = await hub.tasks.lease(hub.local, id)
    expect(none).toEqual([])
    expect(first?.event).toMatchObject({ subject: 'a' })
    expect(await hub.tasks.release(hub.local, id, [String(first?.lease)])).toMatchObject({ released: [first?.lease] })
    const [again] = await vi.waitFor(async () => {
      const leased = await hub.tasks.lease(hub.local, id)
      expect(leased).toHaveLength(1)
      return leased
    })
    expect(await hub.tasks.settle(hub.local, id, [String(first?.lease)])).toMatchObject({ lost: [first?.lease] })
    expect(await hub.tasks.settle(hub.local, id, [String(again?.lease)])).toMatchObject({ settled: [again?.lease] })
    expect((await hub.tasks.lease(hub.local, id))[0]?.event).toMatchObject({ subject: 'b' })
  })

  it('gives a puller the message in the format it names, beside the event', async () => {
    const spec = { name: 'pull', types: ['*'], transport: 'pull', format: 'cloudevents-batch' }
    const { id } = await hub.subscriptions.create(hub.local, spec)
    await hub.publish(user('ada'))
    const [leased] = await hub.tasks.lease(hub.local, id)
    expect(leased?.message?.headers).toEqual({ 'content-type': 'application/cloudevents-batch+json' })
    expect(JSON.parse(leased?.message?.body ?? '')).toEqual([leased?.event])
  })

  it('gives a puller nothing that expired, and what comes after it at once', async () => {
    const { id } = await hub.subscriptions.create(hub.local, { name: 'pull', types: ['*'], transport: 'pull' })
    const expiryTime = new Date(Date.now() - 1_000).toISOString()
    await hub.publish(user('ada', { expiryTime }))
    await hub.publish(user('ada', { id: 'kept' }))
    expect((await hub.tasks.lease(hub.local, id)).map(({ event }) => event.id)).toEqual(['kept'])
    expect((await hub.tasks.list(hub.local, { subscription: id, states: ['not-executed'] }, {})).items).toMatchObject([
      { code: 'expired' },
    ])
  })

  it('holds the tasks of a paused subscription', async () => {
    const { id, heard } = await listen()
    await hub.subscriptions.pause(hub.local, id)
    await hub.publish(user('ada'))
    expect((await hub.tasks.list(hub.local, { subscription: id }, {})).items[0]).toMatchObject({ state: 'held' })
    await hub.subscriptions.resume(hub.local, id)
    await expect.poll(() => heard).toHaveLength(1)
  })

  it('waits for the execute date', async () => {
    const { heard } = await listen()
    const executeAt = Date.now() + 1_000
    await hub.publish(user('ada', { executeAt: new Date(executeAt).toISOString() }))
    await hub.publish(user('bob'))
    await expect.poll(() => heard).toHaveLength(2)
    expect(Date.now()).toBeGreaterThanOrEqual(executeAt)
    expect(heard.map(({ subject }) => subject)).toEqual(['bob', 'ada'])
  })

  it('ends an expired task without an attempt', async () => {
    const { id, heard } = await listen()
    await hub.publish(user('ada', { expiryTime: new Date(Date.now() - 1_000).toISOString() }))
    await expect
      .poll(async () => (await hub.tasks.list(hub.local, { subscription: id }, {})).items[0])
      .toMatchObject({
        state: 'not-executed',
        code: 'expired',
      })
    expect(heard).toEqual([])
  })

  it('follows the log live', async () => {
    const stop = new AbortController()
    const seen: unknown[] = []
    const following = (async () => {
      for await (const view of hub.events.tail(hub.local, { after: 0, types: ['user.*'], signal: stop.signal }))
        seen.push(view.event.subject)
    })()
    await hub.publish(user('a'))
    await hub.publish({ type: 'device.issued', source: '/x', subject: 'card' })
    await hub.publish(user('b'))
    await expect.poll(() => seen).toEqual(['a', 'b'])
    stop.abort()
    await following
  })

  it('keeps tenants apart', async () => {
    await hub.tenants.create(hub.local, { id: 'other', name: 'Other' })
    const other: Principal = { ...hub.local, tenant: 'other' }
    const { heard } = await listen({}, other)
    const { id } = await hub.publish(user('ada', { id: 'same' }))
    await hub.publish(user('eve', { id: 'same' }), { as: other })
    await expect.poll(() => heard.map(({ subject }) => subject)).toEqual(['eve'])
    expect((await hub.events.get(other, id)).event).toMatchObject({ subject: 'eve' })
    await expect(hub.publish(user('x', { tenant: 'other' }))).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('lets operators alone publish what Tocsin itself tells', async () => {
    const own = { type: 'tocsin.processing.failed', source: '/tocsin', data: {} }
    const as = { ...hub.local, id: 'tocsin', roles: ['admin', 'publisher'] } satisfies Principal
    await expect(hub.publish(own, { as })).rejects.toMatchObject({ code: 'forbidden', field: 'type' })
    expect(await hub.publish(own)).toMatchObject({ state: 'admitted' })
  })

  it('takes what a closed hub left', async () => {
    if (kind === 'memory') return
    const { id } = await listen()
    hub.handle('slow', () => new Promise(() => {}))
    await hub.subscriptions.update(hub.local, id, { target: { handler: 'slow' } })
    await hub.publish(user('ada'))
    const closing = hub.close()
    await closing
    hub = await ground.open()
    const heard: AnyEvent[] = []
    hub.handle('slow', (event) => void heard.push(event))
    await expect.poll(() => heard).toHaveLength(1)
  }, 30_000)
})
