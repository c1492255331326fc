/**
 * Subscriptions that read the log themselves, through the hub.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Conflict, type Hub, type LocalHandler } from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

describe.each(STORES)('a subscription that reads the log on %s', (kind) => {
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

  async function read(handler: LocalHandler = () => {}, spec: object = {}) {
    const heard: (string | undefined)[] = []
    hub.handle('reader', async (event, context) => {
      const answer = await handler(event, context)
      if (answer === undefined || answer.outcome === 'delivered') heard.push(event.subject)
      return answer
    })
    const { id } = await hub.subscriptions.create(hub.local, {
      name: 'reader',
      types: ['user.*'],
      transport: 'local',
      target: { handler: 'reader' },
      delivery: 'log',
      retry: { firstDelay: 5, maxDelay: 10 },
      ...spec,
    })
    return { id, heard }
  }

  const publish = async (...subjects: string[]) => {
    for (const subject of subjects) await hub.publish(user(subject))
  }
  const seen = (id: string) => hub.subscriptions.get(hub.local, id)
  const until = (check: () => unknown) => vi.waitFor(check, { timeout: 5_000, interval: 5 })

  it('is told everything in sequence, from where it starts, and no task is made', async () => {
    await publish('a', 'b')
    const { id, heard } = await read(undefined, { start: 'earliest' })
    await publish('c')
    await until(() => expect(heard).toEqual(['a', 'b', 'c']))
    expect((await hub.tasks.list(hub.local, {}, {})).items).toEqual([])
    const head = await hub.events.head(hub.local)
    await until(async () => expect(Number((await seen(id)).cursor)).toBe(head))
  })

  it('begins with what comes after it unless it says otherwise', async () => {
    await publish('a')
    const { heard } = await read()
    await publish('b')
    await until(() => expect(heard).toEqual(['b']))
  })

  it('stays before what fails, and tells operators when it fails long', async () => {
    const own: string[] = []
    hub.handle('operator', ({ type }) => void own.push(type))
    const operator = { name: 'operator', types: ['tocsin.*'], transport: 'local', target: { handler: 'operator' } }
    await hub.subscriptions.create(hub.local, operator)
    let failures = 0
    const { heard } = await read(({ subject }) => {
      if (subject !== 'b' || failures === 6) return
      failures += 1
      throw new Error('not yet')
    })
    await publish('a', 'b', 'c')
    await until(() => expect(heard).toEqual(['a', 'b', 'c']))
    await until(() => expect(own).toEqual(['tocsin.target.failing', 'tocsin.target.recovered']))
  })

  it.each([
    ['what it refuses', { outcome: 'refused', code: 'odd', message: 'Too odd.' }, {}],
    [
      'what fails too often',
      { outcome: 'retry', code: 'odd', message: 'Too odd.' },
      { retry: { attempts: 2, firstDelay: 1 } },
    ],
  ] as const)('is paused before %s, says why, and goes on from where an operator puts it', async (_, answer, spec) => {
    const { id, heard } = await read(({ subject }) => (subject === 'b' ? answer : undefined), spec)
    await publish('a', 'b', 'c')
    await until(async () => expect((await seen(id)).state).toBe('paused'))
    const { reason, cursor } = await seen(id)
    expect(reason).toMatch(/^It stopped before event ".+": odd\.$/)
    expect(heard).toEqual(['a'])
    await hub.subscriptions.seek(hub.local, id, Number(cursor) + 2)
    expect(await hub.subscriptions.resume(hub.local, id)).toMatchObject({ state: 'active', reason: null })
    await until(() => expect(heard).toEqual(['a', 'c']))
    const stopped = await hub.events.list(hub.local, { types: ['tocsin.subscription.stopped'] }, {})
    expect(stopped.items).toMatchObject([{ event: { subject: id, data: { code: 'odd', subject: 'b' } } }])
  })

  it('is disabled by a receiver that wants nothing more', async () => {
    const { id } = await read(() => ({ outcome: 'refused', code: '410', message: 'Gone.', disable: true }))
    await publish('a')
    await until(async () =>
      expect(await seen(id)).toMatchObject({ state: 'disabled', reason: expect.stringContaining('410') }),
    )
  })

  it('is told again what it seeks back to, while it goes on', async () => {
    const { id, heard } = await read()
    await publish('a', 'b')
    await until(() => expect(heard).toEqual(['a', 'b']))
    await hub.subscriptions.seek(hub.local, id, 'earliest')
    await until(() => expect(heard).toEqual(['a', 'b', 'a', 'b']))
    await hub.subscriptions.pause(hub.local, id)
    await publish('c')
    await hub.subscriptions.seek(hub.local, id, 'now')
    await hub.subscriptions.resume(hub.local, id)
    await publish('d')
    await until(() => expect(heard).toEqual(['a', 'b', 'a', 'b', 'd']))
  })

  it('reads no further while it is paused, and not at all when it is deleted', async () => {
    const { id, heard } = await read()
    await hub.subscriptions.pause(hub.local, id)
    await publish('a')
    await hub.subscriptions.resume(hub.local, id)
    await until(() => expect(heard).toEqual(['a']))
    await hub.subscriptions.remove(hub.local, id)
    await publish('b')
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toEqual(['a'])
  })

  it('hears what it saw then and sees now', async () => {
    const change = hub.resources.change.bind(hub.resources, hub.local)
    await change({ do: 'create', id: 'mine', type: 'user', owner: 'me' })
    await change({ do: 'create', id: 'other', type: 'user', owner: 'you' })
    const { heard } = await read(undefined, { start: 'earliest', scope: { resource: 'mine' } })
    await publish('other', 'mine')
    await until(() => expect(heard).toEqual(['mine']))
  })

  it('keeps its rate', async () => {
    const { heard } = await read(undefined, { rate: 50 })
    const begun = performance.now()
    await Promise.all(Array.from({ length: 10 }, (_, index) => publish(`u${index}`)))
    await until(() => expect(heard).toHaveLength(10))
    expect(performance.now() - begun).toBeGreaterThan(170)
  })

  describe('where order does not matter', () => {
    const spec = { order: 'none', concurrency: 3 }

    /** Those named are under way until they are let go, by what they answer. */
    function held(...names: readonly string[]) {
      const begun: string[] = []
      const open = new Map<string, (answer: Awaited<ReturnType<LocalHandler>>) => void>()
      const handler: LocalHandler = ({ subject = '' }) => {
        begun.push(subject)
        return names.includes(subject) ? new Promise((resolve) => open.set(subject, resolve)) : undefined
      }
      const letGo = (name: string, answer?: Awaited<ReturnType<LocalHandler>>) => open.get(name)?.(answer)
      return { begun, handler, letGo }
    }
    const odd = { outcome: 'refused', code: 'odd', message: 'Too odd.' } as const
    const cursor = async (id: string) => Number((await seen(id)).cursor ?? 0)

    it('is told as many side by side as it says, and its cursor stays before the oldest that is not told', async () => {
      const { begun, handler, letGo } = held('a', 'b', 'e')
      const { id, heard } = await read(handler, spec)
      await publish('x', 'a', 'b', 'c', 'd', 'e', 'f')
      await until(() => expect(heard).toEqual(['x', 'c', 'd']))
      await until(() => expect(begun).toEqual(['x', 'a', 'b', 'c', 'd', 'e']))
      await until(async () => expect(await cursor(id)).toBe(1))
      letGo('b')
      await until(() => expect(heard).toEqual(['x', 'c', 'd', 'b', 'f']))
      expect(await cursor(id)).toBe(1)
      letGo('a')
      await until(async () => expect(await cursor(id)).toBe(5))
      letGo('e')
      await until(async () => expect(await cursor(id)).toBe(7))
    })

    it('goes on beside one that fails, and operators hear once of several that do', async () => {
      const own: string[] = []
      hub.handle('operator', ({ type }) => void own.push(type))
      const operator = { name: 'operator', types: ['tocsin.*'], transport: 'local', target: { handler: 'operator' } }
      await hub.subscriptions.create(hub.local, operator)
      let failures = 0
      const { heard } = await read(({ subject }) => {
        if (subject === 'c' || failures >= 20) return
        failures += 1
        throw new Error('not yet')
      }, spec)
      await publish('a', 'b', 'c')
      await until(() => expect(heard).toContain('c'))
      expect(failures).toBeLessThan(20)
      await until(() => expect(heard.toSorted()).toEqual(['a', 'b', 'c']))
      await until(() => expect(own).toEqual(['tocsin.target.failing', 'tocsin.target.recovered']))
    })

    it('is paused before the oldest that is refused, when what is under way has ended, and tells nothing twice unless it is put back', async () => {
      const { begun, handler, letGo } = held('a', 'b', 'c')
      const { id, heard } = await read(handler, spec)
      await publish('a', 'b', 'c', 'd')
      await until(() => expect(begun).toEqual(['a', 'b', 'c']))
      letGo('b', odd)
      letGo('c')
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await seen(id)).toMatchObject({ state: 'active' })
      letGo('a')
      await until(async () => expect((await seen(id)).state).toBe('paused'))
      expect((await seen(id)).reason).toMatch(/^It stopped before event ".+": odd\.$/)
      expect(heard).toEqual(['c', 'a'])
      expect(await cursor(id)).toBe(1)
      await hub.subscriptions.seek(hub.local, id, 3)
      await hub.subscriptions.resume(hub.local, id)
      await until(() => expect(begun).toEqual(['a', 'b', 'c', 'd']))
      await until(() => expect(heard.toSorted()).toEqual(['a', 'c', 'd']))
      await until(async () => expect(await cursor(id)).toBeGreaterThanOrEqual(4))
      await hub.subscriptions.seek(hub.local, id, 3)
      await until(() => expect(begun).toEqual(['a', 'b', 'c', 'd', 'c', 'd']))
      letGo('c')
    })

    it('does not wait for the next try of one that failed when another is refused', async () => {
      const { id } = await read(
        ({ subject }) => (subject === 'b' ? odd : { outcome: 'retry', code: 'later', message: 'Later.' }),
        {
          ...spec,
          retry: { firstDelay: 3_600_000, maxDelay: 3_600_000 },
        },
      )
      await publish('a', 'b')
      await until(async () => expect((await seen(id)).state).toBe('paused'))
      expect(await cursor(id)).toBe(0)
    })

    it('leaves nothing out behind its cursor, though attempts fail and people stop and change, and processes end', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.infiniteStream(answer),
          fc.oneof(fc.array(act, { minLength: 3, maxLength: 12 }), fc.array(changing, { minLength: 3, maxLength: 12 })),
          trace,
        ),
        {
          numRuns: kind === 'postgres' ? 3 : 10,
        },
      )
    }, 60_000)

    const answer = fc.constantFrom('told', 'told', 'told', 'told', 'late', 'fault', 'refused')
    const changing = fc.constantFrom('pause', 'change', 'publish')
    const act = fc.oneof(changing, fc.constant('restart'))
    const orConflict = (error: unknown) => {
      if (!(error instanceof Conflict)) throw error
    }

    async function trace(answers: Iterator<string, string>, acts: readonly string[]) {
      await hub.close()
      ground.remove()
      ground = createGround(kind)
      hub = await ground.open()
      const told = new Set<string>()
      const twice: string[] = []
      const ear: LocalHandler = async ({ subject = '' }) => {
        // Whoever goes on for ever would never come to an end.
        const is = told.size > 150 ? 'told' : answers.next().value
        if (is === 'refused') return odd
        if (is === 'fault') throw new Error('As was wished.')
        if (is === 'late') await new Promise((resolve) => setTimeout(resolve, 3))
        if (told.has(subject)) twice.push(subject)
        told.add(subject)
        return undefined
      }
      const { id } = await read(ear, { ...spec, concurrency: 5 })
      let published = 0
      const tell = async (count: number) => {
        const names = Array.from({ length: count }, (_, index) => `${published + index}`)
        published += count
        for (const name of names) await hub.publish(user(name))
      }
      const check = async () => {
        const { items } = await hub.events.list(hub.local, { types: ['user.*'] }, { limit: 1_000 })
        const behind = items.filter(({ sequence }) => Number(sequence) <= at)
        expect(behind.filter(({ event }) => !told.has(String(event.subject)))).toEqual([])
      }
      let at = 0
      const goOn = async () => {
        if ((await seen(id)).state === 'paused') await hub.subscriptions.resume(hub.local, id)
      }
      const doing: Readonly<Record<string, () => Promise<unknown>>> = {
        pause: () => hub.subscriptions.pause(hub.local, id),
        change: () => hub.subscriptions.update(hub.local, id, { name: `reader ${published}` }),
        publish: () => tell(10),
        async restart() {
          if (kind === 'memory') return
          await hub.close()
          hub = await ground.open()
          hub.handle('reader', ear)
        },
      }
      await tell(20)
      for (const each of acts) {
        at = await cursor(id)
        await check()
        // It may have been paused by an event meanwhile.
        await doing[each]?.().catch(orConflict)
        await goOn()
        await tell(10)
      }
      const toTheEnd = async () => {
        await goOn()
        expect(told.size).toBe(published)
        expect(await cursor(id)).toBe(await hub.events.head(hub.local))
      }
      await vi.waitFor(toTheEnd, { timeout: 20_000, interval: 5 })
      if (!acts.includes('restart')) expect(twice).toEqual([])
    }

    it('begins no more than its pace allows', async () => {
      const { heard } = await read(undefined, { ...spec, rate: 50 })
      const begun = performance.now()
      await publish(...Array.from({ length: 10 }, (_, index) => `u${index}`))
      await until(() => expect(heard).toHaveLength(10))
      expect(performance.now() - begun).toBeGreaterThan(170)
    })
  })

  it('is not waited for when it is slow', async () => {
    const { id, heard } = await read(undefined, { rate: 0.001 })
    await publish('a', 'b')
    await until(() => expect(heard).toEqual(['a']))
    await until(async () => expect((await seen(id)).cursor).not.toBeNull())
    const begun = performance.now()
    await hub.close()
    expect(performance.now() - begun).toBeLessThan(5_000)
    expect(heard).toEqual(['a'])
  })

  it('explains that its cursor tells', async () => {
    const { id, heard } = await read()
    const { id: event } = await hub.publish(user('a'))
    await until(() => expect(heard).toEqual(['a']))
    await until(async () => expect((await seen(id)).cursor).not.toBeNull())
    const { told, decisions } = await hub.explain(hub.local, event, id)
    expect(told).toBe(true)
    expect(decisions.at(-1)?.text).toMatch(/^It reads the log itself and has been told all up to \d{20}\.$/)
  })

  it.each([
    [{ order: 'latest' }, 'order'],
    [{ duplicates: 'remove' }, 'duplicates'],
    [{ concurrency: 2 }, 'concurrency'],
    [{ order: 'strict', concurrency: 2 }, 'concurrency'],
    [{ order: 'none', digest: { window: 60_000 } }, 'digest'],
    [{ transport: 'pull', target: {} }, 'delivery'],
    [{ delivery: 'rows' }, 'delivery'],
  ])('cannot be with %j', async (spec, field) => {
    await expect(read(undefined, spec)).rejects.toMatchObject({ code: 'invalid_request', field })
  })

  it('stays what it is, seeks instead of replaying, and others do not seek', async () => {
    const { id } = await read()
    const { local } = hub
    const change = hub.subscriptions.update(local, id, { delivery: 'tasks' })
    await expect(change).rejects.toMatchObject({ code: 'invalid_request', field: 'delivery' })
    await hub.subscriptions.update(local, id, { name: 'renamed' })
    await expect(hub.replay(local, id, {})).rejects.toMatchObject({ code: 'wrong_state' })
    await expect(hub.subscriptions.seek(local, id, 99)).rejects.toMatchObject({ code: 'invalid_request', field: 'to' })
    const spec = { name: 't', types: ['*'], transport: 'log' }
    const tasked = await hub.subscriptions.create(local, spec)
    await expect(hub.subscriptions.seek(local, tasked.id, 0)).rejects.toMatchObject({ code: 'wrong_state' })
  })

  const itLasts = kind === 'sqlite' ? it : () => {}
  itLasts('goes on from its cursor after a restart', async () => {
    const { id, heard } = await read()
    await publish('a')
    await until(async () => expect(Number((await seen(id)).cursor)).toBe(1))
    await hub.close()
    hub = await ground.open()
    await publish('b')
    hub.handle('reader', ({ subject }) => void heard.push(subject))
    await until(() => expect(heard).toEqual(['a', 'b']))
  })
})
