/**
 * Publishing inside a transaction of the host's, on a database that both use.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  close,
  createHub,
  type Hub,
  type Principal,
  type Processor,
  proceed,
  reject,
  suspend,
} from '../../src/index.js'
import { isLacking } from '../faults/tools.js'
import { type Ground, type Host, postgresGround, sqliteGround } from '../inside-grounds.js'
import { POSTGRES } from '../services.js'
import { gate, listenIn, QUIET, user } from './ground.js'

const GROUNDS = isLacking(POSTGRES)
  ? ([['SQLite', sqliteGround]] as const)
  : ([
      ['SQLite', sqliteGround],
      ['PostgreSQL', postgresGround],
    ] as const)

describe.each(GROUNDS)("inside the host's own transaction on %s", (_, makeGround) => {
  let ground: Ground
  let hub: Hub
  let host: Host

  const open = () => {
    const { store, ...config } = QUIET
    const { database } = ground
    return createHub({ database, config: makeGround === sqliteGround ? { ...config, store } : config })
  }
  const judge = (run: Processor['run'], more: Partial<Processor> = {}) =>
    hub.use({ name: `j:${Math.random()}`, kind: 'judge', run, types: ['user.*', 'resource.*'], ...more })
  const begin = () => host.run('BEGIN')
  const commit = () => host.run('COMMIT')
  const rollback = () => host.run('ROLLBACK')
  const publish = (subject: string, more: object = {}, options: object = {}) =>
    hub.publish(user(subject, more), { transaction: host.handle, ...options })
  const people = () => host.count('SELECT name FROM people')
  const events = async () => (await hub.events.list(hub.local, { types: ['user.created'] }, {})).items
  const subjects = async () => (await events()).map(({ event }) => event.subject).reverse()
  const inbox = async () => (await hub.inbox.list(hub.local, {}, {})).items
  const emptied = () => expect.poll(() => hub.inbox.measure()).toMatchObject({ pending: 0 })

  beforeEach(async () => {
    ground = await makeGround()
    hub = await open()
    host = await ground.connect()
    await host.run('CREATE TABLE people (name TEXT)')
  })

  afterEach(async () => {
    await host.end()
    await hub.close()
    await ground.remove()
  })

  it('exists if and only if the host commits', async () => {
    const heard = await listenIn(hub, ['user.created'])
    await begin()
    await host.run("INSERT INTO people VALUES ('ada')")
    expect(await publish('ada')).toMatchObject({ state: 'pending', sequence: null, duplicate: false, tasks: 0 })
    await commit()
    await expect.poll(() => heard.map(({ subject }) => subject)).toEqual(['ada'])
    await begin()
    await host.run("INSERT INTO people VALUES ('eve')")
    await publish('eve')
    await rollback()
    await begin()
    await publish('bob')
    await commit()
    await expect.poll(() => subjects()).toEqual(['ada', 'bob'])
    expect(await inbox()).toEqual([])
    expect(await people()).toBe(1)
  })

  it('is part of its transaction from the commit on', async () => {
    hub.use({ name: 'a:1', kind: 'asynchronous', types: ['user.*'], run: () => {} })
    await begin()
    for (const subject of ['ada', 'eve', 'bob']) await publish(subject, { transactionId: 'together' })
    await commit()
    expect(await hub.settled('together')).toMatchObject({ events: 3, settled: true, processing: { done: 3 } })
  })

  it('does not wait for what waits for the host', async () => {
    await begin()
    const other = hub.publish(user('outside'))
    for (let index = 0; index < 5; index++) await publish(`inside-${index}`)
    expect((await subjects()).filter((subject) => subject !== 'outside')).toEqual([])
    await commit()
    await other
    await emptied()
    expect((await subjects()).sort()).toEqual(['inside-0', 'inside-1', 'inside-2', 'inside-3', 'inside-4', 'outside'])
  })

  it('keeps the order of a partition key, within a transaction and of one after another', async () => {
    for (const round of [1, 2, 3]) {
      await begin()
      for (const each of ['a', 'b', 'c']) await publish(`${each}${round}`, { partitionKey: 'same' })
      await commit()
    }
    await emptied()
    expect(await subjects()).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
  })

  describe('judges', () => {
    it('veto in the call', async () => {
      judge(() => reject('no_more', 'Enough.'))
      await begin()
      await expect(publish('ada')).rejects.toMatchObject({ code: 'rejected', data: { reason: 'no_more' } })
      await commit()
      expect(await inbox()).toEqual([])
    })

    it('are asked once, and what they say, change and publish is kept', async () => {
      let asked = 0
      judge(
        async (event, { publish: child }) => {
          asked += 1
          if (event.parentId === undefined) await child(user('child', { id: 'c' }))
          return proceed({ ...event, tags: ['judged'] })
        },
        { name: 'a:tags', order: -5 },
      )
      await begin()
      const receipt = await publish('ada', { id: 'p', data: { name: 'Ada' } })
      expect(receipt.results).toMatchObject([{ processor: 'a:tags', verdict: 'continue', order: -5 }])
      await commit()
      await emptied()
      expect(asked).toBe(2)
      expect(await subjects()).toEqual(['ada', 'child'])
      const { event, results, principal } = await hub.events.timeline(hub.local, 'p')
      expect(event).toMatchObject({ tags: 'judged', data: { name: 'Ada' } })
      expect(results).toMatchObject([{ processor: 'a:tags', state: 'executed' }])
      expect(principal).toBe('local')
      expect((await hub.events.get(hub.local, 'c')).event).toMatchObject({ parentid: 'p' })
    })

    it('close and suspend', async () => {
      judge((event) => (event.subject === 'ada' ? close() : suspend()))
      await begin()
      await publish('ada', { id: 'a' })
      await publish('eve', { id: 'e' })
      await commit()
      await emptied()
      expect((await hub.events.get(hub.local, 'a')).state).toBe('closed')
      expect((await hub.events.get(hub.local, 'e')).state).toBe('suspended')
      expect(await hub.events.resume(hub.local, 'e')).toMatchObject({ state: 'admitted' })
    })
  })

  it('is heard by witnesses and asynchronous processors once it is true, as who published it', async () => {
    const heard: (readonly [string, string | undefined, Principal['roles']])[] = []
    const hear = (kind: Processor['kind']): Processor => ({
      name: `a:${kind}`,
      kind,
      types: ['user.*'],
      run: ({ subject }, { principal }) => void heard.push([kind, subject, principal.roles]),
    })
    hub.use(hear('witness'))
    hub.use(hear('asynchronous'))
    const admin: Principal = { ...hub.local, id: 'key', roles: ['admin'] }
    await begin()
    await publish('ada', { id: 'a' }, { as: admin })
    await publish('eve', { id: 'e' })
    await rollback()
    await begin()
    await publish('bob', { id: 'b' }, { as: admin })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(heard).toEqual([])
    await commit()
    await expect.poll(() => heard.map(([kind]) => kind).sort()).toEqual(['asynchronous', 'witness'])
    expect(heard).toContainEqual(['witness', 'bob', ['admin']])
  })

  describe('its deed', () => {
    const add = (name: string) => () => host.run(`INSERT INTO people VALUES ('${name}')`)

    it('is done between the judges before it and those after it', async () => {
      const said: string[] = []
      judge(() => void said.push('before'), { order: -1 })
      judge(() => void said.push('after'), { order: 0 })
      await begin()
      await publish('ada', {}, { deed: async () => said.push('deed') })
      await commit()
      expect(said).toEqual(['before', 'deed', 'after'])
    })

    it('is done without judges, and what it throws reaches the caller', async () => {
      await begin()
      await publish('ada', {}, { deed: add('ada') })
      await commit()
      expect(await people()).toBe(1)
      await begin()
      const failing = () => {
        throw new RangeError('Too much.')
      }
      await expect(publish('eve', {}, { deed: failing })).rejects.toThrow('Too much.')
      await rollback()
      await emptied()
      expect(await subjects()).toEqual(['ada'])
    })

    it('is undone by the host when a later judge rejects', async () => {
      judge(() => reject('late', 'No.'), { order: 5 })
      await begin()
      await expect(publish('ada', {}, { deed: add('ada') })).rejects.toMatchObject({ code: 'rejected' })
      await rollback()
      expect(await people()).toBe(0)
      expect(await inbox()).toEqual([])
    })

    it('is kept back by a judge that closes before it', async () => {
      judge(() => close(), { order: -1 })
      await begin()
      await publish('ada', { id: 'a' }, { deed: add('ada') })
      await commit()
      await emptied()
      expect(await people()).toBe(0)
      expect((await hub.events.get(hub.local, 'a')).state).toBe('closed')
    })

    it('cannot wait: a judge that suspends before it is refused, one after it is not', async () => {
      const stop = judge(() => suspend(), { order: -1, name: 'a:waits' })
      await begin()
      await expect(publish('ada', {}, { deed: add('ada') })).rejects.toMatchObject({
        code: 'wrong_state',
        data: { processor: 'a:waits' },
      })
      await rollback()
      stop()
      judge(() => suspend(), { order: 1 })
      await begin()
      await publish('eve', { id: 'e' }, { deed: add('eve') })
      await commit()
      await emptied()
      expect((await hub.events.get(hub.local, 'e')).state).toBe('suspended')
      expect(await people()).toBe(1)
    })

    it('is not done again for an event that is there already', async () => {
      await begin()
      await publish('ada', { id: 'a' }, { deed: add('ada') })
      await commit()
      await emptied()
      await begin()
      expect(await publish('ada', { id: 'a' }, { deed: add('ada') })).toMatchObject({
        duplicate: true,
        state: 'admitted',
      })
      await expect(publish('eve', { id: 'a' }, { deed: add('eve') })).rejects.toMatchObject({
        code: 'duplicate_mismatch',
      })
      await commit()
      expect(await people()).toBe(1)
    })

    it('needs a transaction', async () => {
      await expect(hub.publish(user('ada'), { deed: add('ada') })).rejects.toThrow(TypeError)
      expect(await people()).toBe(0)
    })
  })

  describe('a change of the registry', () => {
    const change = (status: string) =>
      hub.resources.change(hub.local, { do: 'update', id: 'r', status }, { transaction: host.handle })

    beforeEach(() => hub.resources.change(hub.local, { do: 'create', id: 'r', type: 'card', status: 'new' }))

    it('is made if and only if the host commits', async () => {
      await begin()
      expect((await change('lost')).receipts).toMatchObject([{ state: 'pending', type: 'resource.changed' }])
      await rollback()
      await begin()
      expect((await change('issued')).resource).toMatchObject({ status: 'new', revision: 1 })
      await commit()
      await emptied()
      expect(await hub.resources.get(hub.local, 'r')).toMatchObject({ status: 'issued', revision: 2 })
    })

    it('is refused when the resource was changed meanwhile, and operators are told', async () => {
      const told = await listenIn(hub, ['tocsin.event.refused'])
      await begin()
      await change('one')
      await change('two')
      await commit()
      await emptied()
      expect(await hub.resources.get(hub.local, 'r')).toMatchObject({ status: 'one' })
      const [entry] = await inbox()
      expect(entry).toMatchObject({ state: 'refused', code: 'conflict', type: 'resource.changed', subject: 'r' })
      await expect.poll(() => told).toMatchObject([{ subject: 'r', data: { inbox: entry?.entry, code: 'conflict' } }])
    })
  })

  describe('the same key', () => {
    it('with the same content is one event', async () => {
      const heard = await listenIn(hub, ['user.*'])
      await begin()
      await publish('ada', { id: 'a' })
      await publish('ada', { id: 'a' })
      await publish('eve', { id: 'e' })
      await commit()
      await expect.poll(() => heard).toHaveLength(2)
      await emptied()
      expect(await subjects()).toEqual(['ada', 'eve'])
      expect(await inbox()).toEqual([])
    })

    it('with other content is refused and stays to be seen, tried again, and dropped', async () => {
      const told = await listenIn(hub, ['tocsin.event.refused'])
      await begin()
      await publish('ada', { id: 'a' })
      await publish('eve', { id: 'a' })
      await commit()
      await emptied()
      const [entry, ...more] = await inbox()
      expect(more).toEqual([])
      expect(entry).toMatchObject({
        state: 'refused',
        kind: 'judged',
        id: 'a',
        subject: 'eve',
        code: 'duplicate_mismatch',
      })
      await expect.poll(() => told).toMatchObject([{ subject: 'eve', data: { eventId: 'a' } }])
      const name = entry?.entry ?? ''
      expect((await hub.inbox.get(hub.local, name)).event).toMatchObject({
        id: 'a',
        subject: 'eve',
        specversion: '1.0',
      })
      expect(await hub.inbox.retry(hub.local, name)).toMatchObject({ state: 'pending', code: null })
      await expect.poll(() => inbox()).toMatchObject([{ state: 'refused' }])
      await hub.inbox.drop(hub.local, name)
      await expect(hub.inbox.drop(hub.local, name)).rejects.toMatchObject({ code: 'not_found' })
      expect(await inbox()).toEqual([])
      const { items } = await hub.audit.list(hub.local, {})
      expect(items.map(({ action }) => action)).toEqual(expect.arrayContaining(['inbox.retried', 'inbox.dropped']))
    })

    it('never shares a run with a call that stands for itself', async () => {
      const { open: letGo, opened } = gate()
      let asked = 0
      judge(async () => {
        asked += 1
        await opened
      })
      await begin()
      const outside = hub.publish(user('ada', { id: 'a' }))
      const inside = publish('ada', { id: 'a' })
      await expect.poll(() => asked).toBe(2)
      letGo()
      expect(await inside).toMatchObject({ state: 'pending', duplicate: false })
      await rollback()
      expect(await outside).toMatchObject({ state: 'admitted', duplicate: false })
      expect(await subjects()).toEqual(['ada'])
    })
  })

  it('is admitted after a restart, without another judgement', async () => {
    let asked = 0
    judge(() => {
      asked += 1
    })
    await begin()
    await publish('ada', { id: 'a' })
    await commit()
    await hub.close()
    hub = await open()
    judge(() => reject('never', 'No.'))
    await emptied()
    expect(await subjects()).toEqual(['ada'])
    expect(asked).toBe(1)
  })

  it('is refused where there are no transactions, and for who may not publish', async () => {
    const memory = await createHub({ database: 'memory', config: { log: { level: 'silent' } } })
    await expect(memory.publish(user('ada'), { transaction: host.handle })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'transaction',
    })
    expect(await memory.inbox.measure()).toBe(null)
    expect((await memory.inbox.list(memory.local, {}, {})).items).toEqual([])
    await memory.close()
    await begin()
    const reader: Principal = { ...hub.local, roles: ['reader'] }
    await expect(publish('ada', {}, { as: reader })).rejects.toMatchObject({ code: 'forbidden' })
    await rollback()
    const bound: Principal = { ...hub.local, roles: ['admin'], resource: 'r' }
    await expect(hub.inbox.list(bound, {}, {})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(hub.inbox.drop({ ...hub.local, roles: ['reader'] }, '1')).rejects.toMatchObject({ code: 'forbidden' })
  })
})
