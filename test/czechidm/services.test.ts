/**
 * CzechIdM's other event tests, row by row: integrity of the queue, states, what processors hear and how they are found,
 * transactions, and two of its customers (accounts, role requests).
 */
import { expect, it } from 'vitest'
import { type Processor, proceed, ResourceTypes } from '../../src/index.js'
import { about, codeOf, gate, IDM, onEveryStore, rowId, told, type World } from './world.js'

onEveryStore('DefaultIdmEntityEventServiceIntegrationTest', (world) => {
  /** A parent, its child and its grandchild, all executed. */
  async function family(): Promise<void> {
    const more = (type: string) => (type === 'identity.update' ? 'role.update' : 'contract.update')
    world().later('a:child', ({ id, type }, { publish }) => publish(about('x', { id: `${id}>`, type: more(type) })), {
      types: ['identity.update', 'role.update'],
    })
    world().later('a:last', () => {}, { types: ['contract.update'] })
    await world().publish(about('ada', { id: 'p', type: 'identity.update' }))
    await expect.poll(() => world().rows({ states: ['done'] })).toHaveLength(3)
  }
  const rowOf = async (id: string) => rowId(await world().hub.events.get(world().local, id))

  it('testReferentialIntegrity: deleting an event from the queue deletes its states (ours: the event itself stays)', async () => {
    world().later('a:1', () => {})
    const receipt = await world().publish(about('ada'))
    await world().until(receipt, 'done')
    expect(await world().results(receipt)).toEqual(['a:1 executed'])
    expect(await world().hub.tasks.remove(world().local, rowId(receipt))).toEqual({ count: 1 })
    expect(await world().results(receipt)).toEqual([])
    expect(await world().event(receipt)).toMatchObject({ id: receipt.id })
  })

  it('testReferentialIntegrityParentIsDeleted: children go with their parent', async () => {
    await family()
    expect(await world().hub.tasks.remove(world().local, await rowOf('p>'))).toEqual({ count: 2 })
    expect((await world().rows()).map(({ type }) => type)).toEqual(['identity.update'])
  })

  it('testReferentialIntegrityRootIsDeleted: the whole tree goes with its root', async () => {
    await family()
    expect(await world().hub.tasks.remove(world().local, await rowOf('p'))).toEqual({ count: 3 })
    expect(await world().rows()).toEqual([])
  })

  it('testReferentialIntegrityParentIsDeletedByLrt (ours: by a bulk action over what is done): children go with it', async () => {
    await family()
    const action = { action: 'delete', filter: { types: ['identity.update'], states: ['done'] } } as const
    expect(await world().hub.tasks.bulk(world().local, { ...action, dryRun: true })).toEqual({ count: 1 })
    await world().hub.tasks.bulk(world().local, action)
    expect(await world().rows()).toEqual([])
  })

  it('testReferentialIntegrityOwnerIsDeleted (disabled in the product; ours: the row stays, what waits ends not-executed)', async () => {
    const { hub, local } = world()
    world().later('a:1', () => {}, { types: ['identity.notify'] })
    await hub.resources.change(local, { do: 'create', id: 'ada', type: 'identity' })
    const done = await world().publish(about('ada'))
    await world().until(done, 'done')
    await world().stop()
    const waiting = await world().publish(about('ada', { data: {} }))
    await hub.resources.change(local, { do: 'remove', id: 'ada' })
    await world().go()
    await world().until(waiting, 'not-executed')
    expect(await world().row(done)).toMatchObject({ state: 'done' })
  })

  it('testDeleteAll: every row and its states go (ours: what judges answered belongs to the event and stays)', async () => {
    world().judge('j:1', 1, () => proceed())
    world().later('a:1', () => {})
    const receipts = [await world().publish(about('ada')), await world().publish(about('eve'))]
    for (const receipt of receipts) await world().until(receipt, 'done')
    const { tasks } = world().hub
    expect(await tasks.removeAll(world().local, { dryRun: true })).toEqual({ count: 2 })
    expect(await tasks.removeAll(world().local)).toEqual({ count: 2 })
    expect(await world().rows()).toEqual([])
    for (const receipt of receipts) expect(await world().results(receipt)).toEqual(['j:1 executed'])
    expect(await codeOf(tasks.removeAll(await world().key('clerk', ['publisher'])))).toBe('forbidden')
  })

  it('testExceptOwner: what belongs to an owner that is busy is left out, others go on', async () => {
    const end = gate()
    const ran: string[] = []
    world().later('a:1', async ({ id }) => {
      ran.push(id)
      if (id === 'busy') await end.opened
    })
    const busy = await world().publish(about('ada', { id: 'busy' }))
    await world().until(busy, 'leased')
    const next = await world().publish(about('ada', { id: 'next', extensions: { other: true } }))
    await world().until(await world().publish(about('eve', { id: 'eve' })), 'done')
    expect(ran).toEqual(['busy', 'eve'])
    end.open()
    await world().until(next, 'done')
    expect(ran).toEqual(['busy', 'eve', 'next'])
  })
})

it('DefaultEntityStateManagerIntergationTest.getOwnerType: a type and what implements it map to one (ours: by the resource types)', () => {
  const types = new ResourceTypes(IDM.resourceTypes ?? [])
  expect(['identity', 'contract', 'role', 'dto'].map((name) => types.lineage(name).at(-1))).toEqual([
    ...['dto', 'dto', 'dto', 'dto'],
  ])
})

onEveryStore('states and processors', (world) => {
  it('testSaveState: a state is found by its event alone, and can be deleted', async () => {
    world().later('a:1', () => {})
    const [ada, eve] = [await world().publish(about('ada')), await world().publish(about('eve'))]
    for (const receipt of [ada, eve]) await world().until(receipt, 'done')
    await world().hub.tasks.remove(world().local, rowId(ada))
    expect([await world().results(ada), await world().results(eve)]).toEqual([[], ['a:1 executed']])
  })

  const heard = async (w: World, ...events: readonly [type: string, subject: string][]) => {
    const results = []
    for (const [type, subject] of events) {
      const receipt = await w.publish(about(subject, { type }))
      results.push(told(receipt).length)
    }
    return results
  }

  it('testSupportAllIdentityEvents: no types means every type of that content, and no other content', async () => {
    world().judge('p:identity', 1, () => proceed(), { resourceTypes: ['identity'] })
    expect(
      await heard(
        world(),
        ['identity.create', 'a'],
        ['identity.update', 'a'],
        ['identity.delete', 'a'],
        ['role.create', 'r'],
      ),
    ).toEqual([1, 1, 1, 0])
  })

  it('testSupportRoleDeleteOnly: only what it names, by name', async () => {
    world().judge('p:role', 1, () => proceed(), { resourceTypes: ['role'], types: [`role.${'delete'}`] })
    expect(await heard(world(), ['role.delete', 'r'], ['role.update', 'r'], ['identity.delete', 'a'])).toEqual([
      1, 0, 0,
    ])
  })

  it('testSuppotsAll: one for a base type hears every subtype', async () => {
    world().judge('p:base', 1, () => proceed(), { resourceTypes: ['dto'] })
    expect(await heard(world(), ['role.create', 'r'], ['identity.create', 'a'], ['contract.update', 'c'])).toEqual([
      1, 1, 1,
    ])
  })

  it('testHasEventType: types are equal by name', async () => {
    const name = ['identity', 'notify'].join('.')
    world().judge('p:1', 1, () => proceed(), { types: [name] })
    expect(await heard(world(), ['identity.notify', 'a'], ['identity.create', 'a'])).toEqual([1, 0])
  })

  it('testOverwriteOfEventTypes: set types take the place of the declared ones, spaces do not count', async () => {
    world().judge('p:1', 1, () => proceed(), { types: ['identity.create'] })
    const { processors } = world().hub
    await processors.configure(world().local, 'p:1', { types: [' identity.update ', 'role.update'] })
    expect(await heard(world(), ['identity.create', 'a'], ['identity.update', 'a'], ['role.update', 'r'])).toEqual([
      0, 1, 1,
    ])
    expect(processors.get(world().local, 'p:1').types).toEqual(['identity.update', 'role.update'])
  })
})

onEveryStore('EntityEventProcessorFilterUnitTest', (world) => {
  const found = (filter?: object) => {
    const more: Partial<Processor> = { resourceTypes: ['identity'], types: ['identity.create', 'identity.update'] }
    const run = () => proceed()
    const { hub } = world()
    hub.use({ name: 'core:save', kind: 'judge', order: 1, description: 'Persists the identity.', run, ...more })
    hub.use({
      name: 'acc:save',
      kind: 'judge',
      order: 2,
      description: 'Creates accounts.',
      resourceTypes: ['role'],
      run,
    })
    hub.use({ name: 'acc:password', kind: 'judge', order: 3, titles: { cs: 'Heslo' }, resourceTypes: ['dto'], run })
    return hub.processors.list(world().local, filter).map(({ name }) => name)
  }
  const ALL = ['core:save', 'acc:save', 'acc:password']

  it.each([
    ['testFilterIsNull: no filter, all', undefined, ALL],
    ['testName: equal', { name: 'acc:save' }, ['acc:save']],
    ['testText: part of the name', { text: 'SAVE' }, ['core:save', 'acc:save']],
    ['testDescription: part of it', { description: 'persists' }, ['core:save']],
    ['testModule: equal', { module: 'acc' }, ['acc:save', 'acc:password']],
    ['testEventTypes: all must be heard', { types: ['identity.create', 'role.create'] }, ['acc:save', 'acc:password']],
    ['testEntityType: simple name, equal', { resourceType: 'role' }, ['acc:save']],
    ['testContentClass: with the types it implements', { implements: 'dto' }, ALL],
  ] as const)('%s', (_, filter, names) => {
    expect(found(filter)).toEqual(names)
  })

  it('testId: an id is nothing to filter by', () => {
    expect(() => found({ id: '1' })).toThrow(expect.objectContaining({ code: 'invalid_filter', field: 'id' }))
  })
})

onEveryStore('TransactionalEventListenerIntegrationTest', (world) => {
  it('testOrder: what is told after the commit keeps the order of publishing', async () => {
    const heard: string[] = []
    world().hub.handle('all', ({ id }) => void heard.push(id))
    await world().hub.subscriptions.create(world().local, {
      ...{ name: 'all', types: ['*'], transport: 'local', target: { handler: 'all' } },
    })
    const ids = Array.from({ length: 20 }, (_, index) => `e${index}`)
    await Promise.all(ids.map((id) => world().publish(about('ada', { id, partitionKey: 'one' }))))
    await expect.poll(() => heard).toHaveLength(20)
    expect(heard).toEqual(ids)
  })

  it('testNothingBeforeCommit: nobody is told of what a later judge rejects', async () => {
    const heard: string[] = []
    world().hub.use({ name: 'w:1', kind: 'witness', run: ({ id }) => void heard.push(id) })
    world().later('a:1', ({ id }) => void heard.push(id))
    world().judge('j:last', 99, ({ id }) => {
      expect(heard).not.toContain(id)
      if (id === 'no') throw new Error('no')
    })
    await expect(world().publish(about('ada', { id: 'no' }))).rejects.toThrow()
    await world().until(await world().publish(about('ada', { id: 'yes' })), 'done')
    expect(heard).toEqual(['yes', 'yes'])
  })
})

onEveryStore(
  'customers of the queue',
  (world) => {
    const accounts: string[] = []
    /** Makes an account for each assigned role, as a role request or an assignment asks. */
    function provisioning(broken: boolean): void {
      accounts.length = 0
      world().later(
        'acc:provisioning',
        ({ subject }) => {
          if (broken) throw new Error('The mapping is broken.')
          accounts.push(String(subject))
        },
        { types: ['role.create'] },
      )
    }
    const assigned = (more: object = {}) => about('assignment', { type: 'role.create', superOwner: 'ada', ...more })

    it('AsynchronousAccountManagementIntegrationTest.GreenLine: an assignment worked on later makes the account', async () => {
      provisioning(false)
      await world().until(await world().publish(assigned()), 'done')
      expect(accounts).toEqual(['assignment'])
    })

    it('AsynchronousAccountManagementIntegrationTest.Error: a broken mapping gives exactly one exception, and no account', async () => {
      provisioning(true)
      const receipt = await world().publish(assigned())
      const row = await world().until(receipt, 'exhausted')
      expect(row).toMatchObject({ subject: 'assignment', code: 'processor_failed', endedAt: expect.any(String) })
      expect(row.message).toContain('The mapping is broken.')
      expect(await world().rows({ states: ['exhausted'] })).toHaveLength(1)
      expect(await world().results(receipt)).toEqual(['acc:provisioning exception processor_failed'])
      expect(accounts).toEqual([])
    })

    const request = (more: object = {}) => about('request', { type: 'role.update', superOwner: 'ada', ...more })
    function realising(broken = false): string[] {
      provisioning(false)
      const roles: string[] = []
      world().later(
        'core:realise',
        async (_, { publish }) => {
          if (broken) throw new Error('The request cannot be realised.')
          roles.push('role')
          await publish(about('assignment', { type: 'role.create', superOwner: 'ada' }))
        },
        { types: ['role.update'] },
      )
      return roles
    }

    it('RoleRequestNotifyProvisioningProcessorIntegrationTest: realised asynchronously', async () => {
      const roles = realising()
      await world().until(await world().publish(request()), 'done')
      await expect.poll(() => [roles, accounts]).toEqual([['role'], ['assignment']])
    })

    it('RoleRequestNotifyProvisioningProcessorIntegrationTest: realised synchronously, the same comes of it', async () => {
      const roles = realising()
      await world().hub.processing.set(world().local, { asynchronous: false })
      const receipt = await world().publish(request())
      expect([roles, accounts, receipt.queued]).toEqual([['role'], ['assignment'], []])
    })

    it('RoleRequestNotifyProvisioningProcessorIntegrationTest: IMMEDIATE, the same comes of it', async () => {
      const roles = realising()
      const receipt = await world().publish(request({ priority: 'immediate' }))
      expect(receipt.results).toMatchObject([{ processor: 'core:realise', state: 'executed' }])
      expect([roles, accounts]).toEqual([['role'], ['assignment']])
    })

    it.each([
      ['asynchronously', {}, true],
      ['synchronously', {}, false],
      ['IMMEDIATE', { priority: 'immediate' }, true],
    ] as const)(
      'RoleRequestNotifyProvisioningProcessorIntegrationTest: failing %s, event and request tell it (ours: by tocsin.processing.failed)',
      async (_, more, asynchronous) => {
        realising(true)
        const failures: unknown[] = []
        world().hub.handle('failures', ({ data }) => void failures.push(data))
        await world().hub.subscriptions.create(world().local, {
          ...{
            name: 'failures',
            types: ['tocsin.processing.failed'],
            transport: 'local',
            target: { handler: 'failures' },
          },
        })
        await world().hub.processing.set(world().local, { asynchronous })
        const receipt = await world().publish(request(more))
        await world().until(receipt, 'exhausted')
        expect(await world().results(receipt)).toEqual(['core:realise exception processor_failed'])
        await expect.poll(() => failures).toHaveLength(1)
        expect(failures[0]).toMatchObject({ processor: 'core:realise' })
        expect(JSON.stringify(failures[0])).toContain('The request cannot be realised.')
        expect(accounts).toEqual([])
      },
    )
  },
  { processing: { attempts: 1 } },
)
