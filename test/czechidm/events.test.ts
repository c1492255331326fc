/**
 * CzechIdM's DefaultEntityEventManagerIntergationTest, row by row: processing, queue, states, deletion, cancelling.
 */
import { expect, it, vi } from 'vitest'
import { Accepted, close, proceed, suspend } from '../../src/index.js'
import { about, CHAIN, codeOf, gate, onEveryStore, rowId, told } from './world.js'

onEveryStore('processing in the call', (world) => {
  /** Judges at these orders that write their order into the content, the last one therefore last. */
  const line = (...orders: readonly number[]) => {
    const ran: number[] = []
    for (const order of orders) {
      world().judge(`p:${order}`, order, (event) => {
        ran.push(order)
        return proceed({ ...event, data: { content: { order } } })
      })
    }
    return ran
  }

  it('testFindProcessors: no filter and the most general type give all, a concrete one exactly its own', async () => {
    const { hub, local } = world()
    for (const resourceType of ['identity', 'contract', 'role'])
      for (const number of [1, 2])
        hub.use({
          name: `${resourceType}:${number}`,
          kind: 'judge',
          resourceTypes: [resourceType],
          run: () => proceed(),
        })
    const names = (filter?: object) => hub.processors.list(local, filter).map(({ name }) => name)
    expect(names()).toHaveLength(6)
    expect(names({ implements: 'dto' })).toEqual(names())
    expect(names({ implements: 'contract' })).toEqual(['contract:1', 'contract:2'])
  })

  it('testEventGreenLine: four processors give four results, the fourth ran last', async () => {
    const ran = line(4, 2, 3, 1)
    const receipt = await world().publish(about('ada'))
    expect(receipt.results.map(({ order }) => order)).toEqual([1, 2, 3, 4])
    expect(ran).toEqual([1, 2, 3, 4])
    expect(await world().event(receipt)).toMatchObject({ data: { content: { order: 4 } } })
  })

  it('testCloseEvent: the second closes, the third and fourth never run', async () => {
    const ran = line(1, 3, 4)
    world().judge('p:2', 2, () => close())
    const receipt = await world().publish(about('ada'))
    expect(receipt.state).toBe('closed')
    expect(receipt.results.map(({ order }) => order)).toEqual([1, 2])
    expect(ran).toEqual([1])
  })

  it('testSuspendEvent: suspended at 1 and at 3, resumed twice, nobody runs twice', async () => {
    const ran: number[] = []
    const at = (order: number, suspends: boolean) =>
      world().judge(`p:${order}`, order, () => {
        ran.push(order)
        return suspends ? suspend() : proceed()
      })
    for (const order of [1, 2, 3, 4]) at(order, order === 1 || order === 3)
    const first = await world().publish(about('ada', { id: 'e1' }))
    expect(first).toMatchObject({ state: 'suspended', results: [{ order: 1 }] })
    const second = await world().hub.events.resume(world().local, 'e1')
    expect(second.state).toBe('suspended')
    expect(await world().results(first)).toHaveLength(3)
    const third = await world().hub.events.resume(world().local, 'e1')
    expect(third.state).toBe('admitted')
    expect(await world().results(first)).toHaveLength(4)
    expect(ran).toEqual([1, 2, 3, 4])
  })

  it('testStartEventInMiddle: started after order 2, only 3 and 4 run', async () => {
    const ran = line(1, 2, 3, 4)
    const receipt = await world().publish(about('ada'), { after: 2 })
    expect(receipt.results.map(({ order }) => order)).toEqual([3, 4])
    expect(ran).toEqual([3, 4])
  })

  it('testStartEventInMiddle: asynchronous processors too', async () => {
    const ran: number[] = []
    for (const order of [1, 2, 3]) world().later(`a:${order}`, () => void ran.push(order), { order })
    await world().until(await world().publish(about('ada'), { after: 2 }), 'done')
    expect(ran).toEqual([3])
  })

  it('testOriginalSource: what the registry knew is the state before, the content the new one', async () => {
    const properties = { username: 'ada', firstName: 'Old' }
    await world().hub.resources.change(world().local, { do: 'create', id: 'ada', type: 'identity', properties })
    const content = { username: 'ada', firstName: 'New' }
    const receipt = await world().publish(about('ada', { type: 'identity.update', data: { content } }))
    expect(await world().event(receipt)).toMatchObject({ data: { before: { properties }, content } })
  })

  it('testOriginalSource: of the first events of a life too, many at once', async () => {
    await world().hub.resources.change(world().local, { do: 'create', id: 'ada', type: 'identity' })
    if (world().place.survives) await world().restart()
    const ids = Array.from({ length: 5 }, (_, index) => `e${index}`)
    await Promise.all(ids.map((id) => world().publish(about('ada', { id, type: 'identity.update' }))))
    for (const id of ids) expect(await world().event({ id })).toMatchObject({ data: { before: { status: null } } })
  })

  it('testOriginalSource: a state before that the publisher brings is left alone', async () => {
    await world().hub.resources.change(world().local, { do: 'create', id: 'ada', type: 'identity' })
    const data = { before: { mine: true }, content: {} }
    const receipt = await world().publish(about('ada', { type: 'identity.update', data }))
    expect(await world().event(receipt)).toMatchObject({ data: { before: { mine: true } } })
  })

  it('testOriginalSourceWithNotifyOnDifferentType: the notification raised by a contract is about its identity', async () => {
    const { hub, local } = world()
    await hub.resources.change(local, { do: 'create', id: 'ada', type: 'identity', properties: { name: 'Ada' } })
    hub.use({
      ...{ name: 'w:notify', kind: 'witness', types: ['contract.update'] },
      run: (event, { publish }) =>
        publish(about('ada', { id: `n of ${event.id}`, data: { content: { of: 'identity' } } })),
    })
    const seen: unknown[] = []
    world().later('a:notify', (event) => void seen.push(event), { types: ['identity.notify'] })
    const data = { before: { of: 'contract' }, content: { of: 'contract' } }
    await world().publish(about('contract-1', { type: 'contract.update', id: 'c1', data }))
    const [row] = await vi.waitFor(async () => {
      const rows = await world().rows({ states: ['done'] })
      expect(rows).toHaveLength(1)
      return rows
    })
    expect(row).toMatchObject({ type: 'identity.notify', subject: 'ada' })
    expect(seen).toMatchObject([
      {
        ...{ subject: 'ada', parentId: 'c1' },
        data: { content: { of: 'identity' }, before: { properties: { name: 'Ada' } } },
      },
    ])
  })

  it('testProcessorSameOrder: two of the same order both run', async () => {
    world().judge('p:a', 2, () => proceed())
    world().judge('p:b', 2, () => proceed())
    expect(told(await world().publish(about('ada')))).toEqual(['p:a executed', 'p:b executed'])
  })

  it('testSameOrderBeansOrder: seven of the same order give seven results (ours: in registration order)', async () => {
    const names = ['e', 'b', 'g', 'a', 'd', 'f', 'c'].map((letter) => `p:${letter}`)
    for (const name of names) world().judge(name, 7, () => proceed())
    const receipt = await world().publish(about('ada'))
    expect(receipt.results.map(({ processor }) => processor)).toEqual(names)
  })

  it('testConfigPropertyEventTypeOverwrite: heard by nobody, then by both once their types are set (ours: each by its own name)', async () => {
    const { hub, local } = world()
    for (const name of ['one:check', 'two:check'])
      world().judge(name, 1, () => proceed(), { types: ['identity.update'] })
    expect(told(await world().publish(about('ada')))).toEqual([])
    for (const name of ['one:check', 'two:check'])
      await hub.processors.configure(local, name, { types: ['identity.notify'] })
    expect(told(await world().publish(about('ada')))).toEqual(['one:check executed', 'two:check executed'])
    expect(told(await world().publish(about('ada', { type: 'identity.update' })))).toEqual([])
  })

  it('testConditionalProcessor: a condition that is false gives no result, a true one gives one', async () => {
    world().judge('p:when', 1, () => undefined, { when: ({ subject }) => subject === 'ada' })
    expect(told(await world().publish(about('eve')))).toEqual([])
    expect(told(await world().publish(about('ada')))).toEqual(['p:when executed'])
  })

  it('testEnableDisableProcessorById: is reflected at once (ours: by name)', async () => {
    const { hub, local } = world()
    const ran = line(1)
    expect((await hub.processors.configure(local, 'p:1', { enabled: false })).enabled).toBe(false)
    expect(hub.processors.list(local)).toMatchObject([{ name: 'p:1', enabled: false }])
    await world().publish(about('ada'))
    expect(ran).toEqual([])
    expect((await hub.processors.configure(local, 'p:1', { enabled: true })).enabled).toBe(true)
    await world().publish(about('ada'))
    expect(ran).toEqual([1])
  })

  it('testNextProcessorIsNotExecutedAfterException: the caller is told and nothing is stored', async () => {
    const ran = line(1, 2, 4)
    world().judge('p:3', 3, () => {
      throw new Error('broken')
    })
    await expect(world().publish(about('ada', { id: 'e1' }))).rejects.toMatchObject({ code: 'processor_failed' })
    expect(ran).toEqual([1, 2])
    expect(await codeOf(world().hub.events.get(world().local, 'e1'))).toBe('not_found')
  })

  it('testBaseDtoProcessing: one for a base type hears a subtype, and what it sets is seen', async () => {
    world().judge('p:base', 1, (event) => proceed({ ...event, extensions: { seen: 'base' } }), {
      resourceTypes: ['dto'],
    })
    const receipt = await world().publish(about('ada'))
    expect(told(receipt)).toEqual(['p:base executed'])
    expect(await world().event(receipt)).toMatchObject({ seen: 'base' })
  })

  it('testGetEvent: the row is found by the event, and both by their ids', async () => {
    world().later('a:1', () => {})
    const receipt = await world().publish(about('ada', { id: 'e1' }))
    expect(await world().row(receipt)).toMatchObject({ id: rowId(receipt), sequence: receipt.sequence, subject: 'ada' })
    expect(await world().event(receipt)).toMatchObject({ id: 'e1', subject: 'ada' })
  })

  it('testGetEventId: the id is the one that was set', async () => {
    expect((await world().publish(about('ada', { id: 'mine' }))).id).toBe('mine')
  })
})

onEveryStore('the queue', (world, { survives }) => {
  if (survives)
    it('testInit (ours: what ran when the process died is run again, not cancelled): one state remains', {
      timeout: 20_000,
    }, async () => {
      let runs = 0
      const run = () => (++runs === 1 ? new Promise<void>(() => {}) : undefined)
      world().later('a:1', run)
      const receipt = await world().publish(about('ada', { priority: 'high' }))
      await expect.poll(() => world().results(receipt)).toEqual(['a:1 running'])
      await world().crash()
      world().later('a:1', run)
      await world().until(receipt, 'done', 15_000)
      expect(await world().results(receipt)).toEqual(['a:1 executed'])
      expect(runs).toBe(2)
    })

  it('testMultiThreadEventProcessing: 250 events of distinct owners are executed within 15 s', {
    timeout: 30_000,
  }, async ({ annotate }) => {
    const owners = new Set<string>()
    world().later('a:1', async ({ subject }) => void owners.add(String(subject)))
    await world().stop()
    for (let index = 0; index < 250; index++) await world().publish(about(`owner-${index}`))
    const begun = performance.now()
    await world().go()
    await expect.poll(() => world().rows({ states: ['done'] })).toHaveLength(250)
    await annotate(`250 events of distinct owners: ${Math.round(performance.now() - begun)} ms`)
    expect(owners.size).toBe(250)
  })

  it('testRemoveDuplicateEventsForTheSameOwner (ours: the older ones stay readable as cancelled): of ten only the last is executed', async () => {
    const ran: string[] = []
    world().later('a:1', ({ id }) => void ran.push(id))
    await world().stop()
    const receipts = []
    for (let index = 0; index < 10; index++)
      receipts.push(await world().publish(about('ada', { id: `e${index}`, data: { content: { index } } })))
    await world().go()
    const last = receipts[9] ?? { sequence: null }
    await world().until(last, 'done')
    expect(ran).toEqual(['e9'])
    const rows = await world().rows()
    expect(rows.map(({ state, code }) => `${state} ${code}`)).toEqual([
      ...Array.from({ length: 9 }, () => 'cancelled duplicate'),
      'done null',
    ])
    expect(rows[8]?.message).toContain(String(Number(last.sequence)))
    await world().hub.tasks.remove(world().local, rowId(last))
    expect(await world().rows({ states: ['done'] })).toEqual([])
  })

  it('testPersistChildEventAutomatically: a child has its parent, root, type and priority, and is executed', async () => {
    world().later('a:parent', (_, { publish }) => publish(about('bob', { id: 'child', type: 'identity.notify' })), {
      types: ['identity.update'],
    })
    world().later('a:child', () => {}, { types: ['identity.notify'] })
    await world().publish(about('ada', { id: 'parent', type: 'identity.update', priority: 'high' }))
    await expect.poll(() => world().rows({ states: ['done'] })).toHaveLength(2)
    expect(await world().event({ id: 'child' })).toMatchObject({
      ...{ parentid: 'parent', rootid: 'parent', parenttype: 'identity.update', priority: 'high' },
    })
    expect(await world().rows({ parentId: 'parent' })).toMatchObject([{ subject: 'bob', priority: 'high' }])
    expect(await world().hub.events.tree(world().local, 'parent')).toMatchObject({
      event: { id: 'parent' },
      children: [{ event: { id: 'child' }, children: [] }],
    })
  })

  it('testSaveEvent: the row keeps state, priority, owner and type', async () => {
    world().later('a:1', () => {})
    await world().stop()
    const receipt = await world().publish(about('ada', { priority: 'high' }))
    expect(await world().row(receipt)).toMatchObject({
      ...{ state: 'due', priority: 'high', subject: 'ada', type: 'identity.notify', endedAt: null },
    })
  })

  it('testSaveResult: a result is replaced by the next', async () => {
    let broken = true
    world().later('a:1', () => {
      if (broken) throw new Error('not yet')
    })
    const receipt = await world().publish(about('ada'))
    await expect.poll(() => world().results(receipt)).toEqual(['a:1 exception processor_failed'])
    broken = false
    await world().hub.tasks.retry(world().local, rowId(receipt))
    await world().until(receipt, 'done')
    expect(await world().results(receipt)).toEqual(['a:1 executed'])
  })

  it('testSaveStates: no result and no operations give one state, two operations two, and the next run replaces them', async () => {
    world().later('a:none', () => undefined, { order: 1 })
    world().later('a:empty', () => ({ results: [] }), { order: 2 })
    const two = [{ state: 'exception', code: 'first' } as const, { state: 'cancelled', code: 'second' } as const]
    world().later('a:two', () => ({ results: two }), { order: 3 })
    let runs = 0
    world().later(
      'a:again',
      () => {
        if (runs++ === 0) throw new Error('not yet')
        return { results: [{ state: 'blocked' }] }
      },
      { order: 4 },
    )
    const receipt = await world().publish(about('ada'))
    const first = ['a:none executed', 'a:empty executed', 'a:two exception first', 'a:two cancelled second']
    await expect.poll(() => world().results(receipt)).toEqual([...first, 'a:again exception processor_failed'])
    await world().hub.tasks.retry(world().local, rowId(receipt))
    await world().until(receipt, 'done')
    expect(await world().results(receipt)).toEqual([...first, 'a:again blocked'])
  })

  it('testFindOwner: by id, by type and code, by type and id', async () => {
    const { hub, local } = world()
    const properties = { code: 'ada.l' }
    await hub.resources.change(local, { do: 'create', id: 'id-1', type: 'identity', properties })
    world().later('a:1', () => {}, { types: ['identity.*'] })
    const receipt = await world().publish(about('id-1'))
    await world().publish(about('id-2'))
    for (const query of [
      { subject: 'id-1' },
      { subject: 'ada.l', subjectType: 'identity' },
      { subject: 'id-1', subjectType: 'identity' },
    ])
      expect((await world().rows(query)).map(({ id }) => id)).toEqual([rowId(receipt)])
  })

  it.each(['testRemoveRunningEvent', 'testDeleteAll'])(
    '%s: deleting the row of an endless processor frees its owner at once, and nothing comes back',
    async (row) => {
      const end = gate()
      const ran: string[] = []
      let stopped = false
      world().later('a:1', ({ id }, { signal }) => {
        ran.push(id)
        signal.addEventListener('abort', () => {
          stopped = true
        })
        return id === 'endless' ? end.opened : undefined
      })
      const endless = await world().publish(about('ada', { id: 'endless' }))
      await world().until(endless, 'leased')
      await expect.poll(() => world().results(endless)).toEqual(['a:1 running'])
      const { tasks } = world().hub
      if (row === 'testDeleteAll') await tasks.removeAll(world().local)
      else await tasks.remove(world().local, rowId(endless))
      expect(await world().rows()).toEqual([])
      await world().until(await world().publish(about('ada', { id: 'next', data: { content: {} } })), 'done')
      end.open()
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect([ran, stopped]).toEqual([['endless', 'next'], true])
      expect((await world().rows()).map(({ state }) => state)).toEqual(['done'])
      expect(await world().results(endless)).toEqual([])
    },
  )

  it('testPropagatePropertiesOnNotifyIntoParent (ours: readable in the result on the receipt): with everything in place', async () => {
    await world().hub.processing.set(world().local, { asynchronous: false })
    world().later('a:1', () => ({ results: [{ state: 'executed', code: 'property', message: 'value' }] }))
    const receipt = await world().publish(about('ada', { type: 'identity.update' }))
    expect(receipt.results).toMatchObject([{ processor: 'a:1', state: 'executed', code: 'property', message: 'value' }])
    expect(receipt.queued).toEqual([])
    expect(await world().rows({ states: ['due', 'waiting', 'leased'] })).toEqual([])
  })

  it('testExecuteAsyncEventUnderEventCreatorAuthentication: what it makes has the original publisher', async () => {
    const publisher = await world().key('clerk', ['publisher'])
    const principals: string[] = []
    world().later(
      'a:1',
      (_, { principal, publish }) => {
        principals.push(principal.id)
        return publish(about('bob', { id: 'made', type: 'identity.create' }))
      },
      { types: ['identity.notify'] },
    )
    await world().until(await world().publish(about('ada'), { as: publisher }), 'done')
    expect(principals).toEqual([publisher.id])
    expect(await world().hub.events.get(world().local, 'made')).toMatchObject({ principal: publisher.id })
  })

  it('testExecuteAsyncEventUnderSameTransactionId: request and assignment share transaction and super owner', async () => {
    world().later(
      'a:request',
      (_, { publish }) => publish(about('identity-role-1', { type: 'role.create', superOwner: 'ada' })),
      { types: ['role.update'] },
    )
    world().later('a:role', () => {}, { types: ['role.create'] })
    await world().publish(about('request-1', { type: 'role.update', superOwner: 'ada', transactionId: 'tx-1' }))
    const view = await world().hub.settled('tx-1')
    expect(view).toMatchObject({ transactionId: 'tx-1', events: 2, settled: true, failed: 0, processing: { done: 2 } })
    for (const query of [{ transactionId: 'tx-1' }, { superOwner: 'ada' }])
      expect((await world().rows(query)).map(({ subject }) => subject)).toEqual(['request-1', 'identity-role-1'])
  })

  it('testAcceptedException: the event is executed and the state has the code', async () => {
    world().later('a:1', () => {
      throw new Accepted('Taken by a slow system.', 'ACCEPTED')
    })
    world().later('a:2', () => {}, { order: 1 })
    const receipt = await world().publish(about('ada'))
    await world().until(receipt, 'done')
    expect(await world().results(receipt)).toEqual(['a:1 executed ACCEPTED', 'a:2 executed'])
  })

  it('testCancelRunningEvent (ours: its signal is aborted as well)', async () => {
    const reasons: unknown[] = []
    world().later(
      'a:1',
      (_, { signal }) =>
        new Promise<void>((resolve) =>
          signal.addEventListener('abort', () => {
            reasons.push(signal.reason)
            resolve()
          }),
        ),
    )
    const receipt = await world().publish(about('ada'))
    await world().until(receipt, 'leased')
    await expect.poll(() => world().results(receipt)).toEqual(['a:1 running'])
    await world().hub.tasks.cancel(world().local, rowId(receipt))
    await expect.poll(() => reasons).toHaveLength(1)
    expect(await world().row(receipt)).toMatchObject({ state: 'cancelled', endedAt: expect.any(String) })
  })

  it('testCancelCreatedEvent: it never runs', async () => {
    const ran: unknown[] = []
    world().later('a:1', ({ subject }) => void ran.push(subject))
    await world().stop()
    const receipt = await world().publish(about('ada'))
    await world().hub.tasks.cancel(world().local, rowId(receipt))
    await world().go()
    await world().until(await world().publish(about('eve')), 'done')
    expect(await world().row(receipt)).toMatchObject({ state: 'cancelled' })
    expect(ran).toEqual(['eve'])
  })

  it('testCancelNotRunningEvent: what is not queued is refused', async () => {
    const receipt = await world().publish(about('ada'))
    expect(await codeOf(world().hub.tasks.cancel(world().local, rowId(receipt)))).toBe('not_found')
  })

  it('testCancelNotRunningEventWitnResult: what has ended is refused and stays as it is', async () => {
    world().later('a:1', () => ({ results: [{ state: 'blocked' }] }))
    const receipt = await world().publish(about('ada'))
    const before = await world().until(receipt, 'done')
    expect(await codeOf(world().hub.tasks.cancel(world().local, rowId(receipt)))).toBe('wrong_state')
    expect(await world().row(receipt)).toEqual(before)
    expect(before.subscription).toBe(CHAIN)
  })
})
