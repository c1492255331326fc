/**
 * CzechIdM's DefaultEntityEventManagerUnitTest, row by row: what is taken from the queue first, duplicates, votes, and
 * what an event is when it comes back from the queue.
 */
import { expect, it } from 'vitest'
import type { EventInput, Priority, Receipt } from '../../src/index.js'
import { about, codeOf, gate, onEveryStore, rowId, type World } from './world.js'

/** Processing is stopped, events wait, and of those that begin none ends: what begins is the bulk. */
async function bulk(world: World, size: number, waiting: readonly (readonly [Priority, number])[]) {
  await world.restart({ processing: { concurrency: size } })
  const begun: { readonly id: string; readonly priority: Priority }[] = []
  const end = gate()
  world.later('a:1', async ({ id, priority }, { signal }) => {
    begun.push({ id, priority: priority ?? 'normal' })
    signal.addEventListener('abort', end.open)
    await end.opened
  })
  await world.stop()
  for (const [priority, count] of waiting)
    for (let index = 0; index < count; index++)
      await world.publish(about(`owner-${priority}-${index}`, { id: `${priority}-${index}`, priority }))
  await world.go()
  const all = waiting.reduce((sum, [, count]) => sum + count, 0)
  await expect.poll(() => begun).toHaveLength(Math.min(size, all))
  await new Promise((resolve) => setTimeout(resolve, 20))
  const first = [...begun]
  end.open()
  await expect.poll(() => world.rows({ states: ['done'] })).toHaveLength(all)
  const count = (wanted: Priority) => first.filter(({ priority }) => priority === wanted).length
  return { high: count('high'), normal: count('normal'), ids: first.map(({ id }) => id) }
}

onEveryStore('what is taken first', (world) => {
  it('testCreatedEventsEmpty: nothing queued, nothing taken', async () => {
    expect(await bulk(world(), 100, [])).toEqual({ high: 0, normal: 0, ids: [] })
  })

  it.each([
    ['testCreatedEventsHighOnly: 100 of 100', 100, [['high', 100]], 100, 0],
    ['testCreatedEventsNormalOnly: 100 of 100', 100, [['normal', 100]], 0, 100],
    [
      'testCreatedEventsMoreHighThanAvailableSize: 100 HIGH and 30 NORMAL give 70 and 30',
      100,
      [
        ['high', 100],
        ['normal', 30],
      ],
      70,
      30,
    ],
    [
      'testCreatedEventsLessHighThanAvailableSize: 65 HIGH and 50 NORMAL give 65 and 35',
      100,
      [
        ['high', 65],
        ['normal', 50],
      ],
      65,
      35,
    ],
    [
      'testCreatedEventsLessHighThanAvailableSizeNotDividable: of 16 they give 11 and 5',
      16,
      [
        ['high', 65],
        ['normal', 50],
      ],
      11,
      5,
    ],
  ] as const)('%s', { timeout: 20_000 }, async (_, size, waiting, high, normal) => {
    expect(await bulk(world(), size, waiting)).toMatchObject({ high, normal })
  })

  it('testCreatedEventsSortByCreatedAndPriority: HIGH before NORMAL, older first in each', async () => {
    const { ids } = await bulk(world(), 10, [
      ['normal', 5],
      ['high', 5],
    ])
    expect(ids).toEqual(['high', 'normal'].flatMap((name) => [0, 1, 2, 3, 4].map((index) => `${name}-${index}`)))
  })
})

onEveryStore('duplicates', (world) => {
  const ran: string[] = []
  /** Publishes all while nothing is worked off, then lets them go; answers `id state priority` of each row. */
  async function queued(...events: readonly EventInput[]): Promise<readonly string[]> {
    ran.length = 0
    world().later('a:1', ({ id }) => void ran.push(id))
    await world().stop()
    const receipts = new Map<string, string>()
    for (const event of events) {
      const receipt = await world().publish(event)
      receipts.set(rowId(receipt), receipt.id)
    }
    const rows = (await world().rows()).map(
      ({ id, state, priority, code }) => `${receipts.get(id)} ${state === 'cancelled' ? code : 'queued'} ${priority}`,
    )
    await world().go()
    await expect.poll(() => world().rows({ states: ['due', 'waiting', 'leased'] })).toEqual([])
    return rows
  }
  const like = (id: string, priority: Priority = 'normal', more: Partial<EventInput> = {}) =>
    about('ada', { id, priority, data: { content: { id } }, ...more })
  const unlike = (id: string, color = id) => like(id, 'normal', { extensions: { color } })

  it('testCreatedEventsHigherPriorityByDuplicate (ours: promoted, but at its own place)', async () => {
    expect(await queued(like('older', 'high'), like('newer'))).toEqual(['older duplicate high', 'newer queued high'])
    expect(ran).toEqual(['newer'])
  })

  it('testCreatedEventsRemoveOlderDuplicates: only the newest is kept, HIGH', async () => {
    const rows = await queued(like('1'), like('2', 'high'), like('3'), like('4'))
    expect(rows.map((row) => row.split(' ').slice(0, 2).join(' '))).toEqual([
      ...['1 duplicate', '2 duplicate', '3 duplicate', '4 queued'],
    ])
    expect(rows[3]).toBe('4 queued high')
    expect(ran).toEqual(['4'])
  })

  it('testCreatedEventsDontRemoveDuplicatesWithDifferentPerentEventType: another parent type is no duplicate', async () => {
    const from = (id: string, parentType: string) => like(id, 'normal', { parentType })
    const rows = await queued(from('1', 'identity.update'), from('2', 'identity.update'), from('3', 'contract.update'))
    expect(rows).toEqual(['1 duplicate normal', '2 queued normal', '3 queued normal'])
    expect(ran).toEqual(['2', '3'])
  })

  it('testIsDuplicate: type, parent type, a property, a state before and the owner tell events apart', async () => {
    const before = { name: 'Ada', born: 1815 }
    const base = { extensions: { color: 'red' }, data: { before, content: { n: 1 }, requestId: 'r1' } }
    const others: readonly Partial<EventInput>[] = [
      { type: 'identity.update' },
      { parentType: 'contract.update' },
      { extensions: { color: 'blue' } },
      { extensions: {} },
      { data: { content: { n: 1 } } },
      { data: { before: { ...before, name: 'Eve' } } },
      { subject: 'eve' },
    ]
    const rows = await queued(
      like('first', 'normal', base),
      ...others.map((other, index) => like(`other-${index}`, 'normal', { ...base, ...other })),
    )
    expect(rows.filter((row) => row.includes('duplicate'))).toEqual([])
  })

  it('testIsDuplicate: present state and the name of the message tell nothing, and the compare changes nothing', async () => {
    const event = (id: string, n: number) =>
      like(id, 'normal', { data: { before: { a: 1, b: { c: 2 } }, content: { n }, requestId: `r${n}` } })
    const again = { before: { b: { c: 2 }, a: 1 }, content: { n: 2 }, requestId: 'r2' }
    const rows = await queued(event('1', 1), like('2', 'normal', { data: again }))
    expect(rows).toEqual(['1 duplicate normal', '2 queued normal'])
    expect(await world().event({ id: '2' })).toMatchObject({ data: again })
  })

  it('testCreatedEventsRemoveDuplicatesByProps (ours: the older is cancelled): the unlike third follows in order', async () => {
    const rows = await queued(unlike('1', 'red'), unlike('2', 'red'), unlike('3', 'blue'))
    expect(rows).toEqual(['1 duplicate normal', '2 queued normal', '3 queued normal'])
    expect(ran).toEqual(['2', '3'])
  })

  it('testCreatedEventsDistinctByOwner: of six one is left, HIGH', async () => {
    const rows = await queued(
      ...[1, 2, 3, 4, 5, 6].map((index) => like(String(index), index === 2 ? 'high' : 'normal')),
    )
    expect(rows.filter((row) => row.includes('queued'))).toEqual(['6 queued high'])
    expect(ran).toEqual(['6'])
  })

  it('A, B, A′: the newer A keeps its own place behind the unlike B (theirs overtook it)', async () => {
    expect(await queued(unlike('a', 'red'), unlike('b', 'blue'), unlike('a2', 'red'))).toEqual([
      ...['a duplicate normal', 'b queued normal', 'a2 queued normal'],
    ])
    expect(ran).toEqual(['b', 'a2'])
  })

  it('a duplicate that has children is kept', async () => {
    const child = about('card', { id: 'child', parentId: 'parent', rootId: 'parent', parentType: 'identity.notify' })
    expect(await queued(like('parent'), child, like('newer'))).toEqual([
      ...['parent queued normal', 'child queued normal', 'newer queued normal'],
    ])
    expect(ran.filter((id) => id !== 'child')).toEqual(['parent', 'newer'])
  })

  it('one that runs is no duplicate; one that comes back while a newer like it waits is', async () => {
    const end = gate()
    const tried: string[] = []
    world().later('a:1', async ({ id }) => {
      tried.push(id)
      if (id !== 'older') return
      await end.opened
      throw new Error('once more')
    })
    const older = await world().publish(like('older'))
    await world().until(older, 'leased')
    const newer = await world().publish(like('newer'))
    expect(await world().row(older)).toMatchObject({ state: 'leased' })
    end.open()
    await world().until(newer, 'done')
    expect(await world().row(older)).toMatchObject({
      state: 'cancelled',
      code: 'duplicate',
      endedAt: expect.any(String),
    })
    expect(tried).toEqual(['older', 'newer'])
  })
})

onEveryStore('votes', (world) => {
  const voting = (votes: readonly (Priority | null)[], more: Partial<EventInput> = {}) => {
    votes.forEach((vote, index) => {
      world().later(`a:${index}`, () => {}, { priority: () => vote })
    })
    return world().publish(about('ada', more))
  }

  it.each([
    ['all abstain', [null, null], 'normal'],
    ['one votes NORMAL', [null, 'normal'], 'normal'],
    ['the highest wins', ['normal', 'high', null], 'high'],
  ] as const)('testVoteAboutEventPriority: %s', async (_, votes, priority) => {
    await world().stop()
    expect(await world().row(await voting(votes))).toMatchObject({ priority })
  })

  it('testVoteAboutEventPriority: no processors, no row', async () => {
    const receipt = await voting([])
    expect(await codeOf(world().row(receipt))).toBe('not_found')
    expect(receipt.queued).toEqual([])
  })

  it('testVoteAboutEventPriority: a vote never lowers', async () => {
    await world().stop()
    expect(await world().row(await voting(['normal'], { priority: 'high' }))).toMatchObject({ priority: 'high' })
  })

  it('testVoteAboutEventPriority: IMMEDIATE wins, ends the voting and runs in the call', async () => {
    const asked: string[] = []
    const processor = (name: string, vote: Priority) =>
      world().later(name, () => {}, {
        priority: () => {
          asked.push(name)
          return vote
        },
      })
    processor('a:high', 'high')
    processor('a:immediate', 'immediate')
    processor('a:never', 'high')
    const receipt = await world().publish(about('ada'))
    expect(asked).toEqual(['a:high', 'a:immediate'])
    expect(receipt.queued).toEqual([])
    expect(receipt.results.map(({ state }) => state)).toEqual(['executed', 'executed', 'executed'])
  })
})

onEveryStore('what comes back from the queue', (world, { survives }) => {
  const whole = (more: Partial<EventInput> = {}): EventInput =>
    about('ada', {
      id: 'whole',
      priority: 'high',
      executeAt: new Date(Date.now() + 40).toISOString(),
      parentType: 'identity.update',
      transactionId: 'tx-1',
      extensions: { color: 'red', size: 3 },
      ...more,
    })

  /** Queued while nothing is worked off, in another life where there can be one, then handed to a processor. */
  async function fromQueue(event: EventInput): Promise<{ readonly receipt: Receipt; readonly seen: unknown }> {
    const seen: unknown[] = []
    const listen = () => world().later('a:1', (back) => void seen.push(back))
    listen()
    await world().stop()
    const receipt = await world().publish(event)
    if (survives) {
      await world().crash()
      listen()
    }
    await world().go()
    await world().until(receipt, 'done', 10_000)
    return { receipt, seen: seen[0] }
  }

  it('testResurrectEventWithPersistedContent: content, type, id, priority, execute date, parent type, properties', {
    timeout: 20_000,
  }, async () => {
    const event = whole()
    const { seen } = await fromQueue(event)
    expect(seen).toMatchObject(event)
  })

  it('testResurrectEventWithTransactionId: it survives', { timeout: 20_000 }, async () => {
    const { seen, receipt } = await fromQueue(whole())
    expect(seen).toMatchObject({ transactionId: 'tx-1' })
    expect(receipt.transactionId).toBe('tx-1')
  })

  it('testResurrectEventWithLoadedContent (ours: the event is as it was published; what its owner is now is read from the registry)', async () => {
    const { hub, local } = world()
    await hub.resources.change(local, { do: 'create', id: 'ada', type: 'identity', properties: { name: 'Old' } })
    const names: unknown[] = []
    world().later(
      'a:1',
      async ({ subject = '', data }) => {
        const { properties } = await world().hub.resources.get(world().local, subject)
        names.push([properties.name, data])
      },
      { types: ['identity.notify'] },
    )
    await world().stop()
    const receipt = await world().publish(about('ada', { data: {} }))
    await hub.resources.change(local, { do: 'update', id: 'ada', properties: { name: 'New' } })
    await world().go()
    await world().until(receipt, 'done')
    expect(names).toMatchObject([['New', {}]])
  })

  it('testResurrectEventWithDeletedContent (ours: it ends not-executed): the owner is gone', async () => {
    const { hub, local } = world()
    const ran: unknown[] = []
    world().later('a:1', (event) => void ran.push(event), { types: ['identity.notify'] })
    await hub.resources.change(local, { do: 'create', id: 'ada', type: 'identity' })
    await world().stop()
    const receipt = await world().publish(about('ada'))
    await hub.resources.change(local, { do: 'remove', id: 'ada' })
    await world().go()
    expect(await world().until(receipt, 'not-executed')).toMatchObject({
      code: 'content_deleted',
      endedAt: expect.any(String),
    })
    expect(ran).toEqual([])
  })

  it('testSetAdditionalPrioritiesForEvent: the row takes execute date and priority from the event (ours: no instance, any node may run it)', async () => {
    world().later('a:1', () => {})
    const executeAt = '2100-01-01T00:00:00.000Z'
    const receipt = await world().publish(about('ada', { priority: 'high', executeAt }))
    expect(await world().row(receipt)).toMatchObject({ wakeAt: executeAt, priority: 'high', leasedBy: null })
  })

  it('testPropagatePropertiesOnNotifyIntoChildren: a custom property comes to the queue', async () => {
    const { seen } = await fromQueue(about('ada', { extensions: { custom: 'value' } }))
    expect(seen).toMatchObject({ extensions: { custom: 'value' } })
  }, 20_000)

  it('testPropagatePropertiesFromParentEvent: a child keeps its id and its own, gains the rest, but no execute date', async () => {
    const seen: { id: string; executeAt?: string; extensions?: object }[] = []
    world().later(
      'a:parent',
      (_, { publish }) => publish(about('bob', { id: 'child', extensions: { mine: 'child' } })),
      {
        types: ['identity.update'],
      },
    )
    world().later('a:child', (event) => void seen.push(event), { types: ['identity.notify'] })
    await world().publish(
      about('ada', {
        ...{ id: 'parent', type: 'identity.update', executeAt: new Date(Date.now() - 1_000).toISOString() },
        extensions: { mine: 'parent', custom: 'value' },
      }),
    )
    await expect.poll(() => seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ id: 'child', extensions: { mine: 'child', custom: 'value' } })
    expect(seen[0]?.executeAt).toBeUndefined()
  })
})
