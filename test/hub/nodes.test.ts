/** Several hubs on one database, as several processes would be. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createHub, type Hub, type HubOptions } from '../../src/index.js'
import { isLacking, named } from '../faults/tools.js'
import { freshDatabase, POSTGRES } from '../services.js'
import { gate, QUIET, useIn, user } from './ground.js'

describe.skipIf(isLacking(POSTGRES))(named('nodes', POSTGRES), () => {
  let database: string
  let hubs: Hub[]

  beforeEach(async () => {
    database = await freshDatabase()
    hubs = []
  })

  afterEach(async () => {
    await Promise.all(hubs.map((hub) => hub.close()))
  })

  async function node(name: string, { config, ...options }: HubOptions = {}): Promise<Hub> {
    const { store: _, ...quiet } = QUIET
    const hub = await createHub({ ...options, database, config: { ...quiet, node: name, ...config } })
    hubs.push(hub)
    return hub
  }

  const pair = async (options?: HubOptions) => [await node('one', options), await node('other', options)] as const

  const listening = (hub: Hub, heard: (id: string) => unknown = () => undefined) =>
    hub.handle('listener', async ({ id }) => void (await heard(id)))

  const subscribe = (hub: Hub, more: object = {}) =>
    hub.subscriptions.create(hub.local, {
      ...{ name: 'all', types: ['user.*'], transport: 'local', target: { handler: 'listener' } },
      ...more,
    })

  const soon = (check: () => unknown, within = 3_000) => vi.waitFor(check, { timeout: within, interval: 10 })

  it('share the work: everything once, the events of a subject in order', async () => {
    const [one, other] = await pair()
    const heard: (readonly [subject: string, sequence: number, id: string])[] = []
    const by = new Set<string>()
    for (const [name, hub] of [
      ['one', one],
      ['other', other],
    ] as const)
      hub.handle('listener', async ({ id, subject = '', sequence }) => {
        heard.push([subject, Number(sequence), id])
        by.add(name)
        await sleep(2)
      })
    await subscribe(one, { concurrency: 5 })
    const ids = Array.from({ length: 200 }, (_, number) => `${number % 10}.${number}`)
    await Promise.all(ids.map((id, number) => (number % 2 ? one : other).publish(user(`s${id.split('.')[0]}`, { id }))))
    await soon(() => expect(heard).toHaveLength(200), 15_000)
    await sleep(50)
    expect(heard.map(([, , id]) => id).sort()).toEqual([...ids].sort())
    for (const subject of new Set(heard.map(([of]) => of))) {
      const sequences = heard.flatMap(([of, sequence]) => (of === subject ? [sequence] : []))
      expect(sequences).toEqual([...sequences].sort((first, second) => first - second))
    }
    expect(by).toEqual(new Set(['one', 'other']))
  })

  it('hear of a subscription that was just made elsewhere, and of one that was removed', async () => {
    const [one, other] = await pair()
    for (const hub of [one, other]) listening(hub)
    await other.publish(user('before'))
    const { id } = await subscribe(one)
    expect(await other.publish(user('first'))).toMatchObject({ tasks: 1 })
    await one.subscriptions.remove(one.local, id)
    expect(await other.publish(user('second'))).toMatchObject({ tasks: 0 })
  })

  it('stop what was cancelled on another', async () => {
    const [one, other] = await pair({ config: { delivery: { lease: 60_000 } } })
    const began = gate()
    const stopped = gate()
    one.handle('listener', async (_event, { signal }) => {
      began.open()
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      stopped.open()
    })
    const { id } = await subscribe(one)
    const { sequence } = await one.publish(user('x'))
    await began.opened
    const task = `${Number(sequence)}.${id}`
    expect(await other.tasks.cancel(other.local, task)).toMatchObject({ state: 'cancelled' })
    // Long before the next heartbeat, which is due after twenty seconds.
    await stopped.opened
    await soon(async () => expect(await one.tasks.get(one.local, task)).toMatchObject({ state: 'cancelled' }))
  })

  it('tell who waits that processors elsewhere are done', async () => {
    const [one, other] = await pair()
    const { opened, open } = gate()
    for (const hub of [one, other]) useIn(hub, 'p:1', { run: () => opened })
    await one.publish(user('x', { id: 'e1', transactionId: 't1' }))
    const settled = other.settled('t1')
    await sleep(50)
    open()
    expect(await settled).toMatchObject({ settled: true, processing: { done: 1 } })
  })

  it('follow the log of all', async () => {
    const [one, other] = await pair()
    const stop = new AbortController()
    const seen: string[] = []
    const tail = (async () => {
      for await (const { event } of other.events.tail(other.local, { after: 0, signal: stop.signal }))
        seen.push(String(event.id))
    })()
    await sleep(100)
    for (let number = 0; number < 5; number++) {
      const at = performance.now()
      await one.publish(user('x', { id: `e${number}` }))
      await soon(() => expect(seen).toHaveLength(number + 1))
      expect(performance.now() - at).toBeLessThan(800)
    }
    stop.abort()
    await tail
  })

  it('stop and start processing together, and share the settings of processors', async () => {
    const [one, other] = await pair()
    const ran: string[] = []
    for (const [name, hub] of [
      ['one', one],
      ['other', other],
    ] as const)
      useIn(hub, 'p:1', { run: () => void ran.push(name) })
    await one.processing.set(one.local, { stopped: true })
    await soon(() => expect(other.processing.get(other.local)).toMatchObject({ stopped: true }))
    await other.publish(user('x', { transactionId: 't1' }))
    await sleep(200)
    expect(ran).toEqual([])
    await other.processing.set(other.local, { stopped: false })
    await one.settled('t1')
    expect(ran).toHaveLength(1)
    await one.processors.configure(one.local, 'p:1', { enabled: false })
    await soon(() => expect(other.processors.get(other.local, 'p:1')).toMatchObject({ enabled: false }))
  })

  it('refuse at once a key that was revoked on another, and a tenant that was disabled', async () => {
    const [one, other] = await pair()
    const { id, key } = await one.keys.create(one.local, { name: 'k', roles: ['reader'] })
    expect(await other.keys.authenticate(key)).not.toBeNull()
    await one.keys.revoke(one.local, id)
    await soon(async () => expect(await other.keys.authenticate(key)).toBeNull(), 1_000)
    await one.tenants.create(one.local, { id: 'acme', name: 'Acme' })
    const acme = await one.keys.create(one.local, { tenant: 'acme', name: 'k', roles: ['reader'] })
    expect(await other.keys.authenticate(acme.key)).not.toBeNull()
    await one.tenants.update(one.local, 'acme', { disabled: true })
    await soon(async () => expect(await other.keys.authenticate(acme.key)).toBeNull(), 1_000)
  })

  it('leave to others what they have no processor for', async () => {
    // More than it has room for: the other one could help.
    const able = await node('able', { config: { processing: { concurrency: 1 } } })
    const done: string[] = []
    useIn(able, 'p:only', {
      run: async ({ id }) => {
        await sleep(20)
        done.push(id)
      },
    })
    const unable = await node('unable')
    await soon(async () =>
      expect((await unable.nodes(unable.local)).map(({ processors }) => processors)).toContainEqual(['p:only']),
    )
    await Promise.all(
      Array.from({ length: 30 }, (_, number) => able.publish(user(`s${number}`, { transactionId: 't1' }))),
    )
    await able.settled('t1')
    expect(done).toHaveLength(30)
  })

  it('share a breaker', async () => {
    const [one, other] = await pair()
    let isDown = true
    let tried = 0
    for (const hub of [one, other])
      listening(hub, () => {
        tried += 1
        if (isDown) throw new Error('Out of order.')
      })
    await subscribe(one, { order: 'none', concurrency: 1, retry: { attempts: 100, firstDelay: 1, maxDelay: 2 } })
    for (let number = 0; number < 10; number++) await one.publish(user(`s${number}`))
    const open = async (hub: Hub) => /tocsin_breakers{state="open"} [1-9]/.test(await hub.metrics())
    await soon(async () => expect([await open(one), await open(other)]).toEqual([true, true]), 5_000)
    isDown = false
    await soon(
      async () =>
        expect(await one.tasks.counts(one.local, { states: ['done'] })).toMatchObject({ states: { done: 10 } }),
      15_000,
    )
    expect(tried).toBeLessThan(40)
  })

  it('close a breaker when its target is mended on any of them, and when it answers a test', async () => {
    const [one, other] = await pair()
    const heard: string[] = []
    for (const hub of [one, other]) {
      listening(hub, (id) => void heard.push(id))
      hub.handle('mended', ({ id }) => void heard.push(id))
    }
    const { id } = await subscribe(one)
    const breakers = async (count: number) => {
      for (const hub of [one, other]) expect(await hub.metrics()).toContain(`tocsin_breakers{state="open"} ${count}`)
    }
    const deeds = [
      () => other.subscriptions.update(other.local, id, { target: { handler: 'mended' } }),
      () => other.subscriptions.test(other.local, id),
    ]
    for (const [number, mend] of deeds.entries()) {
      await openBreaker(one.local.tenant, id)
      await soon(() => breakers(1), 20_000)
      await one.publish(user('s', { id: `e${number}` }))
      await sleep(100)
      expect(heard).not.toContain(`e${number}`)
      await mend()
      await soon(() => expect(heard).toContain(`e${number}`), 20_000)
      await soon(() => breakers(0), 20_000)
    }
  })

  /** As a receiver would that was down for long: for an hour nobody would try again. */
  async function openBreaker(tenant: string, subscription: string): Promise<void> {
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    const { rows } = await client.query("SELECT schemaname FROM pg_tables WHERE tablename = 'breakers'")
    const [{ schemaname: schema }] = rows
    const row = [tenant, subscription, Date.now() + 3_600_000]
    await client.query(`INSERT INTO "${schema}".breakers VALUES ($1, $2, 20, $3)`, row)
    // What no node can read makes each look again.
    await client.query('SELECT pg_notify($1, $2)', [schema, 'look'])
    await client.end()
  }

  it('keep a rate together', async () => {
    const [one, other] = await pair()
    const at: number[] = []
    for (const hub of [one, other]) listening(hub, () => void at.push(performance.now()))
    await subscribe(one, { order: 'none', rate: 10 })
    for (let number = 0; number < 30; number++) await (number % 2 ? one : other).publish(user(`s${number}`))
    await soon(() => expect(at).toHaveLength(30), 10_000)
    // A second's worth at once, then ten each second.
    for (const [index, time] of at.entries())
      expect(at.filter((each) => each >= time && each < time + 950).length, `from ${index}`).toBeLessThanOrEqual(21)
    expect((at.at(-1) ?? 0) - (at[0] ?? 0)).toBeGreaterThan(1_800)
  })

  it('read the log for a subscription one at a time, and go on where a node left', async () => {
    const [one, other] = await pair()
    const heard: string[] = []
    for (const hub of [one, other]) listening(hub, (id) => void heard.push(id))
    await subscribe(one, { delivery: 'log' })
    const ids = Array.from({ length: 50 }, (_, number) => `e${number}`)
    for (const id of ids.slice(0, 25)) await other.publish(user(id, { id }))
    await soon(() => expect(heard).toHaveLength(25), 10_000)
    hubs.splice(hubs.indexOf(one), 1)
    await one.close()
    for (const id of ids.slice(25)) await other.publish(user(id, { id }))
    await soon(() => expect(heard).toHaveLength(50), 10_000)
    expect(heard).toEqual(ids)
  })

  it('are seen, and draining ones leave', async () => {
    const [one, other] = await pair()
    const seen = async () => Object.fromEntries((await one.nodes(one.local)).map(({ id, state }) => [id, state]))
    expect(await seen()).toEqual({ one: 'ready', other: 'ready' })
    expect(await one.metrics()).toContain('tocsin_nodes{state="ready"} 2')
    hubs.splice(hubs.indexOf(other), 1)
    await other.close()
    expect(await seen()).toEqual({ one: 'ready' })
  })

  it('return what they were at when they close, and another takes it up at once', async () => {
    const slow = { delivery: { shutdown: 50, lease: 60_000 } }
    const [one, other] = await pair({ config: slow })
    const began = gate()
    let by = ''
    one.handle('listener', (_event, { signal }) => {
      began.open()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    await subscribe(one)
    await one.publish(user('x'))
    await began.opened
    listening(other, () => {
      by = 'other'
    })
    hubs.splice(hubs.indexOf(one), 1)
    await one.close()
    await soon(() => expect(by).toBe('other'))
  })
})
