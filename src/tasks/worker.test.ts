/**
 * The worker on the real memory store. Time is ours; what is timed by the runtime is driven by `wake`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { Unavailable } from '../errors.js'
import {
  admission,
  admitted,
  candidate,
  event,
  request,
  subscription,
  T,
  tenantRow,
} from '../store/conformance/fixtures.js'
import { openMemoryStore } from '../store/memory/store.js'
import type { LeasedTask, Store, TaskKey } from '../store/port.js'
import { isFinished } from '../store/task-rules.js'
import type { Errand } from './attempt.js'
import type { LaneLimits } from './lanes.js'
import { runsOf } from './runs.js'
import type { Outcome } from './settle.js'
import { Worker } from './worker.js'

const DELIVERED: Outcome = { outcome: 'delivered' }
const RETRY: Outcome = { outcome: 'retry', code: '503', message: 'Later.' }
const RETRY_SCHEDULE = { attempts: 100, firstDelay: 2, maxDelay: 4 }

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))
const ticks = async (count: number) => {
  for (let index = 0; index < count; index++) await tick()
}
const keyOf = ({ task: { tenant, sequence, subscription } }: LeasedTask): TaskKey => ({
  tenant,
  sequence,
  subscription,
})

interface Setting {
  readonly limits?: LaneLimits
  readonly workers?: number
  readonly lease?: number
  readonly timeout?: number
  readonly slow?: number
  readonly store?: Store
  run(leased: LeasedTask, signal: AbortSignal): Promise<Outcome>
  errand?(): Promise<Errand | null>
  closed?(): readonly string[]
  weight?(tenant: string): number
}

const started: Worker[] = []

async function working({ limits = { concurrency: 10 }, run, ...setting }: Setting) {
  const store = setting.store ?? openMemoryStore()
  await store.subscriptions.create(subscription('a'))
  const clock = { now: 1_700_000_000_000 }
  const failures: unknown[] = []
  const settled: string[] = []
  const timeout = setting.timeout ?? 60_000
  const errand = async () => ({ terms: { ...limits, transport: 'x', retry: RETRY_SCHEDULE, timeout }, run })
  const worker = new Worker(
    {
      ...{ node: 'n1', workers: setting.workers ?? 100, lease: setting.lease ?? 30_000, poll: 1_000 },
      slow: setting.slow ?? 60_000,
    },
    {
      store,
      errand: setting.errand ?? errand,
      limits: () => null,
      weight: setting.weight ?? (() => 1),
      closed: setting.closed ?? (() => []),
      settled: ({ task }, { settlement }) => settled.push(`${task.sequence} ${settlement.next.state}`),
      failed: (error) => failures.push(error),
      now: () => clock.now,
      random: () => 0,
    },
  )
  started.push(worker)
  const publish = (id: string, key = id) => admitted(store, admission(event(id, { partitionKey: key })))
  return { store, clock, worker, failures, settled, publish }
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((worker) => worker.stop(0)))
})

describe('a worker', () => {
  it('keeps to the concurrency of a subscription from the first attempt on', async () => {
    let running = 0
    let most = 0
    const { worker, publish, settled } = await working({
      limits: { concurrency: 2 },
      run: async () => {
        running += 1
        most = Math.max(most, running)
        await ticks(2)
        running -= 1
        return DELIVERED
      },
    })
    for (let index = 0; index < 20; index++) await publish(`e${index}`)
    worker.start()
    await expect.poll(() => settled).toHaveLength(20)
    expect(most).toBe(2)
  })

  it('keeps to the weights of tenants where looks at the store take long', async () => {
    const store = openMemoryStore()
    const weights: Readonly<Record<string, number>> = { [T]: 4, other: 1 }
    for (const [tenant, weight] of Object.entries(weights)) {
      await store.access.putTenant(tenantRow(tenant, { weight }))
      if (tenant !== T) await store.subscriptions.create(subscription('a', { tenant }))
      for (let index = 0; index < 400; index++)
        await admitted(store, admission(event(`e${index}`, { tenant, partitionKey: `e${index}` })))
    }
    const { lease } = store.tasks
    store.tasks.lease = async (request) => {
      await sleep(150)
      return await lease(request)
    }
    const begun: string[] = []
    const run = async ({ task }: LeasedTask) => {
      begun.push(task.tenant)
      await sleep(60 + (begun.length % 5) * 10)
      return DELIVERED
    }
    const { worker, clock } = await working({ store, workers: 10, run, weight: (tenant) => weights[tenant] ?? 1 })
    Object.defineProperty(clock, 'now', { get: () => Date.now() })
    worker.start()
    await expect.poll(() => begun.length).toBeGreaterThan(300)
    const others = begun.slice(100, 300).filter((tenant) => tenant === 'other')
    // A fifth, where nothing else is at work.
    expect(others.length).toBeLessThan(60)
  })

  it('leases ahead of its room while attempts are short, and runs no more at once than it may', async () => {
    const store = openMemoryStore()
    const sizes: number[] = []
    const { lease } = store.tasks
    store.tasks.lease = async (request) => {
      const answer = await lease(request)
      sizes.push(answer.leased.length)
      return answer
    }
    let running = 0
    let most = 0
    const run = async () => {
      running += 1
      most = Math.max(most, running)
      await tick()
      running -= 1
      return DELIVERED
    }
    const { worker, publish, settled } = await working({ store, limits: { concurrency: 2 }, run })
    for (let index = 0; index < 150; index++) await publish(`e${index}`, `k${index % 70}`)
    worker.start()
    await expect.poll(() => settled).toHaveLength(150)
    expect(most).toBe(2)
    expect(Math.max(...sizes)).toBeGreaterThan(50)
  })

  it('returns what it leased ahead when its lane is closed or it stops', async () => {
    let closed: readonly string[] = []
    const begun: string[] = []
    const run = async ({ event }: LeasedTask) => {
      begun.push(event.id)
      if (begun.length === 5) closed = ['a']
      await tick()
      return DELIVERED
    }
    const { worker, store, publish, settled } = await working({ limits: { concurrency: 1 }, run, closed: () => closed })
    for (let index = 0; index < 40; index++) await publish(`e${index}`)
    worker.start()
    await expect.poll(() => begun.length).toBeGreaterThanOrEqual(5)
    worker.wake()
    await expect.poll(() => store.tasks.counts(T, 'a')).toMatchObject({ due: 35, done: 5 })
    closed = []
    worker.wake()
    await expect.poll(() => begun.length).toBeGreaterThan(10)
    await worker.stop(1_000)
    const counts = await store.tasks.counts(T, 'a')
    expect((counts.due ?? 0) + (counts.done ?? 0)).toBe(40)
    expect(counts.done).toBe(begun.length)
    expect(settled).toHaveLength(begun.length)
  })

  it('takes no more than it has room for', async () => {
    const begun: string[] = []
    const { worker, publish, settled } = await working({
      workers: 3,
      run: (leased, signal) => {
        begun.push(leased.event.id)
        if (leased.event.id === 'answered') return Promise.resolve(DELIVERED)
        return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
      },
    })
    worker.start()
    await publish('answered')
    worker.wake()
    await expect.poll(() => settled).toHaveLength(1)
    for (let index = 0; index < 10; index++) await publish(`e${index}`)
    worker.wake()
    await expect.poll(() => begun).toHaveLength(4)
    await ticks(20)
    expect(begun).toHaveLength(4)
    expect(worker.claim({ tenant: T, subscription: 'other' })).toBe(false)
  })

  it('keeps half of its room for receivers that are well, whoever else never answers', async () => {
    const begun: string[] = []
    const { store, worker, publish, settled } = await working({
      workers: 4,
      run: ({ event: { id } }, signal) => {
        begun.push(id)
        if (id.startsWith('good')) return Promise.resolve(DELIVERED)
        return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
      },
    })
    const lane = (subscription: string) => ({ tenant: T, subscription })
    worker.start()
    await publish('good')
    worker.wake()
    await expect.poll(() => settled).toHaveLength(1)
    for (let index = 0; index < 5; index++) {
      const never = `never${index}`
      await store.subscriptions.create(subscription(never))
      await admitted(store, admission(event(never, { partitionKey: never }), [candidate({ subscription: never })]))
    }
    worker.wake()
    await expect.poll(() => begun).toHaveLength(3)
    await ticks(20)
    expect(begun).toHaveLength(3)
    expect(worker.claim(lane('unknown'))).toBe(false)
    expect([worker.claim(lane('a')), worker.claim(lane('a')), worker.claim(lane('a'))]).toEqual([true, true, false])
    worker.unclaim(lane('a'))
    await publish('good again')
    worker.wake()
    await expect.poll(() => settled).toHaveLength(2)
    await worker.stop(1)
  })

  it('gives the room of attempts that only wait to others, up to so many', async () => {
    const begun: string[] = []
    const ends: (() => void)[] = []
    const { worker, publish, settled } = await working({
      ...{ workers: 1, slow: 1, limits: { concurrency: 1_000 } },
      run: (leased) => {
        begun.push(leased.event.id)
        return new Promise((resolve) => ends.push(() => resolve(DELIVERED)))
      },
    })
    for (let index = 0; index < 30; index++) await publish(`e${index}`)
    worker.start()
    // Twenty wait for each worker, and one works.
    await expect.poll(() => begun).toHaveLength(21)
    await ticks(20)
    expect(begun).toHaveLength(21)
    const endAll = setInterval(() => {
      for (const end of ends.splice(0)) end()
    }, 1)
    await expect.poll(() => settled).toHaveLength(30)
    clearInterval(endAll)
    await expect.poll(() => worker.running).toBe(0)
    expect(worker.claim({ tenant: T, subscription: 'other' })).toBe(true)
    worker.unclaim({ tenant: T, subscription: 'other' })
  })

  it('looks for what another node left, and seldom where somebody else had it already', async () => {
    const memory = openMemoryStore()
    let looks = 0
    const lease: typeof memory.tasks.lease = (request) => {
      looks += 1
      return memory.tasks.lease(request)
    }
    const store = { ...memory, tasks: { ...memory.tasks, lease } }
    const { worker, publish, settled } = await working({ store, run: async () => DELIVERED })
    worker.start()
    for (let index = 0; index < 50; index++) {
      worker.hear()
      await sleep(1)
    }
    expect(looks).toBeLessThan(10)
    await publish('left')
    worker.hear()
    await expect.poll(() => settled).toHaveLength(1)
  })

  it('probes a receiver that may be well with what has not failed yet', async () => {
    const begun: string[] = []
    const { worker, clock, publish, settled } = await working({
      run: async ({ event }) => {
        begun.push(event.id)
        return event.id === 'good' ? DELIVERED : RETRY
      },
    })
    for (let index = 0; index < 5; index++) await publish(`bad${index}`)
    worker.start()
    await expect.poll(() => settled).toHaveLength(5)
    await publish('good')
    // All are due, and the breaker lets one through.
    clock.now += 1_000
    worker.wake()
    await expect.poll(() => settled.length).toBeGreaterThan(5)
    expect(begun[5]).toBe('good')
  })

  it('begins what goes to receivers that are well before what goes to others, in turns of their own', async () => {
    const begun: string[] = []
    const turns: number[] = []
    let turn = 0
    const count = () => {
      turn += 1
      immediate = setImmediate(count)
    }
    let immediate = setImmediate(count)
    const { store, worker, settled } = await working({
      run: async ({ task }) => {
        begun.push(task.subscription)
        turns.push(turn)
        return task.subscription === 'a' ? RETRY : DELIVERED
      },
    })
    await store.subscriptions.create(subscription('b'))
    const publish = (id: string, ids: readonly string[]) =>
      admitted(
        store,
        admission(
          event(id, { partitionKey: id }),
          ids.map((each) => candidate({ subscription: each })),
        ),
      )
    await publish('first', ['b', 'a'])
    worker.start()
    await expect.poll(() => settled).toHaveLength(2)
    // Neither has answered yet: one in a turn.
    expect(turns[1]).toBeGreaterThan(turns[0] ?? Number.NaN)
    await ticks(5)
    await publish('both', ['a', 'b'])
    worker.wake()
    await expect.poll(() => settled).toHaveLength(4)
    clearImmediate(immediate)
    expect(begun.slice(2)).toEqual(['b', 'a'])
    expect(turns[3]).toBeGreaterThan(turns[2] ?? Number.NaN)
  })

  it('begins what goes to receivers that fail all the same while others keep coming', async () => {
    const begun: string[] = []
    const { store, worker, settled } = await working({
      ...{ workers: 1, limits: { concurrency: 1_000 } },
      run: async ({ task }) => {
        begun.push(task.subscription)
        await tick()
        return begun.length === 1 ? RETRY : DELIVERED
      },
    })
    await store.subscriptions.create(subscription('b'))
    const publish = (id: string, each: string) =>
      admitted(store, admission(event(id, { partitionKey: id }), [candidate({ subscription: each })]))
    await publish('fails', 'a')
    worker.start()
    await expect.poll(() => settled).toHaveLength(1)
    for (let index = 0; index < 200; index++) await publish(`b${index}`, 'b')
    await publish('again', 'a')
    worker.wake()
    await expect.poll(() => settled).toHaveLength(202)
    expect(begun.lastIndexOf('a')).toBeLessThan(150)
  })

  it('gives claimed room back, by a lane that fails too', async () => {
    const { worker, settled, publish } = await working({ limits: { concurrency: 1 }, run: async () => RETRY })
    worker.start()
    await publish('one', 'k')
    worker.wake()
    await expect.poll(() => settled).toHaveLength(1)
    await ticks(3)
    expect(worker.lanes.free({ tenant: T, subscription: 'a' }, 1_700_000_000_000)).toBe(1)
    expect(worker.running).toBe(0)
  })

  it('goes on after a settlement could not be written', async () => {
    const store = openMemoryStore()
    const settle = store.tasks.settle
    let broken = true
    const tasks = {
      ...store.tasks,
      settle: (...wanted: Parameters<typeof settle>) =>
        broken ? Promise.reject(new Error('disk full')) : settle(...wanted),
    }
    const { worker, clock, publish, failures, settled } = await working({
      store: { ...store, tasks },
      limits: { concurrency: 1 },
      run: async () => DELIVERED,
    })
    await publish('one', 'k')
    await publish('two', 'k')
    worker.start()
    await expect.poll(() => failures).toHaveLength(1)
    expect(worker.running).toBe(0)
    broken = false
    clock.now += 30_001
    worker.wake()
    await expect.poll(() => settled).toEqual(['1 done', '2 done'])
  })

  it('has room again when an errand cannot be looked up', async () => {
    const { worker, publish, failures } = await working({
      run: async () => DELIVERED,
      errand: () => Promise.reject(new Error('unreachable')),
    })
    await publish('one')
    worker.start()
    await expect.poll(() => failures).toHaveLength(1)
    expect(worker.running).toBe(0)
    expect(worker.lanes.free({ tenant: T, subscription: 'a' }, 1_700_000_000_000)).toBe(1)
  })

  it('stops: what runs is aborted after the patience and returns without a failure', async () => {
    const { worker, publish, store, settled } = await working({
      run: (_, signal) => new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason))),
    })
    await publish('one')
    worker.start()
    await ticks(5)
    await worker.stop(5)
    expect(settled).toEqual(['1 waiting'])
    expect(await store.tasks.get({ tenant: T, sequence: 1, subscription: 'a' })).toMatchObject({
      state: 'due',
      failures: 0,
      code: 'aborted',
    })
    expect(worker.claim({ tenant: T, subscription: 'a' })).toBe(false)
  })

  it('stops: what is leased by a look under way is waited for', async () => {
    const store = openMemoryStore()
    const lease = store.tasks.lease
    const tasks = {
      ...store.tasks,
      lease: async (request: Parameters<typeof lease>[0]) => {
        const answer = await lease(request)
        await ticks(3)
        return answer
      },
    }
    const { worker, publish, settled } = await working({ store: { ...store, tasks }, run: async () => DELIVERED })
    await publish('one')
    worker.start()
    await worker.stop(1_000)
    expect(settled).toEqual(['1 done'])
  })

  it('tells an attempt that its task was cancelled', async () => {
    let reason: unknown
    const { worker, publish, store } = await working({
      run: (_, signal) =>
        new Promise((_, fail) =>
          signal.addEventListener('abort', () => {
            reason = signal.reason
            fail(signal.reason)
          }),
        ),
    })
    await publish('one')
    worker.start()
    await ticks(5)
    const key = { tenant: T, sequence: 1, subscription: 'a' }
    await store.tasks.cancel(key, 1_700_000_000_000, 'cancelled', 'By Ada.')
    worker.abort(key)
    await expect.poll(() => worker.running).toBe(0)
    expect(reason).toMatchObject({ message: 'The task was cancelled.' })
    expect(await store.tasks.get(key)).toMatchObject({ state: 'cancelled' })
  })

  it('is not robbed of its own leases by a standstill', async () => {
    const begun: number[] = []
    let finish: (outcome: Outcome) => void = () => {}
    const { worker, publish, clock, settled } = await working({
      run: (leased) => {
        begun.push(leased.task.token)
        return new Promise((resolve) => {
          finish = resolve
        })
      },
    })
    await publish('one')
    worker.start()
    await ticks(5)
    clock.now += 600_000
    worker.wake()
    await ticks(5)
    expect(begun).toEqual([1])
    finish(DELIVERED)
    await expect.poll(() => settled).toEqual(['1 done'])
  })

  it('prolongs the lease of a task that is held outside of its room', async () => {
    const { worker, store, clock } = await working({ run: async () => DELIVERED })
    worker.start()
    await ticks(3)
    const outcomes = await store.admit(
      [admission(event('w'), [candidate({ subscription: 'local.witnesses', order: 'none', lease: true })])],
      worker.grant(),
    )
    const [born] = outcomes.flatMap((outcome) =>
      outcome.status === 'admitted' ? outcome.events.flatMap(({ leased }) => leased) : [],
    )
    if (!born) throw new Error('it must be born leased')
    await worker.hold([born], async () => {
      clock.now += 600_000
      worker.wake()
      await ticks(5)
      expect(await store.tasks.get(keyOf(born))).toMatchObject({ state: 'leased', token: 1 })
    })
    clock.now += 600_000
    worker.wake()
    await expect.poll(() => store.tasks.get(keyOf(born))).toMatchObject({ state: 'done' })
  })

  it('does not end an attempt for a lease before it that was lost, however late it hears of that', async () => {
    const memory = openMemoryStore()
    const second = { aborted: false, end: () => {} }
    let begun = 0
    let isTold = false
    const heartbeat: Store['tasks']['heartbeat'] = async (keys) => {
      // Rescued and leased to us anew, while it is on its way to tell that it was lost.
      await memory.tasks.takeOver(1_700_000_000_000)
      worker.wake()
      await expect.poll(() => begun).toBe(2)
      isTold = true
      return keys
    }
    const { worker, publish, settled } = await working({
      store: { ...memory, tasks: { ...memory.tasks, heartbeat } },
      run: ({ task }, signal) => {
        begun += 1
        if (task.token === 1)
          return new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
        signal.addEventListener('abort', () => {
          second.aborted = true
        })
        return new Promise((resolve) => {
          second.end = () => resolve(DELIVERED)
        })
      },
    })
    await publish('one')
    worker.start()
    await expect.poll(() => begun).toBe(1)
    worker.check()
    await expect.poll(() => isTold).toBe(true)
    await ticks(5)
    expect(second.aborted).toBe(false)
    second.end()
    await expect.poll(() => settled).toEqual(['1 done'])
  })

  it('ends an attempt whose task it has leased again', async () => {
    const aborted: number[] = []
    const { worker, publish, store, settled } = await working({
      run: ({ task }, signal) =>
        task.token > 1
          ? Promise.resolve(DELIVERED)
          : new Promise((_, fail) =>
              signal.addEventListener('abort', () => {
                aborted.push(task.token)
                fail(signal.reason)
              }),
            ),
    })
    await publish('one')
    worker.start()
    await ticks(5)
    // Somebody with another clock rescued it.
    await store.tasks.takeOver(1_700_000_000_000)
    worker.wake()
    await expect.poll(() => settled).toEqual(['1 done'])
    expect(aborted).toEqual([1])
    await expect.poll(() => worker.running).toBe(0)
  })
})

describe('a group of which many wait', () => {
  /** Notes how many of the group each look has brought. */
  function looking() {
    const store = openMemoryStore()
    const looks: number[] = []
    const lease: Store['tasks']['lease'] = async (request) => {
      const answer = await store.tasks.lease(request)
      if (answer.leased.length > 0) looks.push(answer.leased.length)
      return answer
    }
    return { looks, store: { ...store, tasks: { ...store.tasks, lease } } }
  }

  async function publishing(setting: Setting, count: number) {
    const world = await working(setting)
    for (let number = 1; number <= count; number++) await world.publish(`e${number}`, 'k')
    return world
  }

  /** At work, and standing at the third while those behind it are leased. */
  async function standing(count: number, setting: Partial<Setting> = {}) {
    const ran: number[] = []
    let end = () => {}
    const third = new Promise<Outcome>((resolve) => {
      end = () => resolve(DELIVERED)
    })
    const run = ({ task: { sequence } }: LeasedTask) => {
      ran.push(sequence)
      return sequence === 3 ? third : Promise.resolve(DELIVERED)
    }
    const world = await publishing({ ...setting, run }, count)
    world.worker.start()
    await expect.poll(() => ran).toContain(3)
    return { ...world, ran, end }
  }

  it('is leased as a run, and one begins when the one before it has ended', async () => {
    const { looks, store } = looking()
    const log: string[] = []
    const { worker, settled } = await publishing(
      {
        store,
        run: async ({ task: { sequence } }) => {
          log.push(`+${sequence}`)
          await tick()
          log.push(`-${sequence}`)
          return DELIVERED
        },
      },
      12,
    )
    worker.start()
    await expect.poll(() => settled).toHaveLength(12)
    expect(log).toEqual(Array.from({ length: 12 }, (_, index) => [`+${index + 1}`, `-${index + 1}`]).flat())
    // The first alone, as nothing is known yet; the second follows it, and tells that there are others.
    expect(looks).toEqual([1, 10])
  })

  it('waits as a whole behind one that fails', async () => {
    const ran: number[] = []
    const { worker, store, clock, settled } = await publishing(
      {
        run: async ({ task: { sequence, attempts } }) => {
          ran.push(sequence)
          return sequence === 5 && attempts === 1 ? RETRY : DELIVERED
        },
      },
      8,
    )
    worker.start()
    await expect.poll(() => settled).toContain('5 waiting')
    await expect.poll(() => worker.running).toBe(0)
    expect(ran).toEqual([1, 2, 3, 4, 5])
    const rows = await store.tasks.list({ tenant: T }, { after: null, limit: 10, order: 'oldest' })
    expect(rows.slice(5).map(({ state, failures }) => [state, failures])).toEqual(Array(3).fill(['waiting', 0]))
    expect((await store.tasks.lease(request(worker.grant()))).leased).toEqual([])
    clock.now += 10_000
    worker.wake()
    await expect.poll(() => settled.filter((each) => each.endsWith('done'))).toHaveLength(8)
    expect(ran).toEqual([1, 2, 3, 4, 5, 5, 6, 7, 8])
  })

  it('goes on without one that is cancelled before its turn', async () => {
    const { worker, store, settled, ran, end } = await standing(6)
    for (const sequence of [4, 5]) {
      const key = { tenant: T, sequence, subscription: 'a' }
      expect(await store.tasks.cancel(key, 0, 'cancelled', 'x')).toBe(true)
      worker.abort(key)
    }
    end()
    await expect.poll(() => settled).toContain('6 done')
    expect(ran).toEqual([1, 2, 3, 6])
  })

  it('has the room of one: what waits in a run keeps no other lane from beginning', async () => {
    const { worker, store, settled, ran, end } = await standing(9, { workers: 2 })
    await store.subscriptions.create(subscription('b'))
    await admitted(store, admission(event('other'), [candidate({ subscription: 'b' })]))
    worker.wake()
    await expect.poll(() => settled).toContain('10 done')
    expect(ran).toEqual([1, 2, 3, 10])
    end()
    await expect.poll(() => settled).toHaveLength(10)
  })

  it('is given back, all but the one that is under way, when the worker stops', async () => {
    const { worker, store, settled, ran, end } = await standing(6)
    const stopped = worker.stop(60_000)
    end()
    await stopped
    expect(settled).toContain('3 done')
    expect(ran).toEqual([1, 2, 3])
    const rows = await store.tasks.list({ tenant: T }, { after: null, limit: 10, order: 'oldest' })
    expect(rows.slice(3).map(({ state, failures }) => [state, failures])).toEqual([
      ['due', 0],
      ['waiting', 0],
      ['waiting', 0],
    ])
  })
})

describe('a worker whose store goes away', () => {
  /** Fails so many times. */
  function leaving(times: number) {
    const store = openMemoryStore()
    const calls = { settle: 0 }
    const settle: Store['tasks']['settle'] = async (...wanted) => {
      calls.settle += 1
      if (calls.settle <= times) throw new Unavailable('unavailable', 'Away.')
      return store.tasks.settle(...wanted)
    }
    return { calls, store: { ...store, tasks: { ...store.tasks, settle } } }
  }

  it('writes what ended when the store is back, tells its receiver once, and says once that it was away', async () => {
    const { calls, store } = leaving(3)
    let told = 0
    const run = async () => {
      told += 1
      return DELIVERED
    }
    const { worker, publish, settled, failures } = await working({ store, run })
    await publish('one', 'k')
    await publish('two', 'k')
    worker.start()
    await expect.poll(() => settled).toEqual(['1 done', '2 done'])
    expect(told).toBe(2)
    expect(failures).toEqual([expect.objectContaining({ message: 'Away.' })])
    expect(calls.settle).toBeGreaterThanOrEqual(5)
  })

  it('does not keep a publisher waiting that wants to know how it ended', async () => {
    const { store } = leaving(1)
    const { worker, settled } = await working({ store, run: async () => DELIVERED })
    worker.start()
    await ticks(3)
    expect(worker.claim({ tenant: T, subscription: 'a' })).toBe(true)
    const [outcome] = await store.admit([admission(event('w'), [candidate({ lease: true })])], worker.grant())
    const [born] = outcome?.status === 'admitted' ? outcome.events.flatMap(({ leased }) => leased) : []
    if (!born) throw new Error('it must be born leased')
    expect(await worker.work(born)).toBeNull()
    expect(settled).toEqual([])
    await expect.poll(() => settled).toEqual(['1 done'])
  })

  it('gives up what it cannot write when it is told to stop', async () => {
    const { calls, store } = leaving(Number.POSITIVE_INFINITY)
    const { worker, publish, settled } = await working({ store, run: async () => DELIVERED })
    await publish('one')
    worker.start()
    await expect.poll(() => calls.settle).toBeGreaterThan(1)
    await worker.stop(100)
    expect(worker.running).toBe(0)
    expect(settled).toEqual([])
  })

  it('gives up what it cannot write when its lease is lost', async () => {
    const { calls, store } = leaving(Number.POSITIVE_INFINITY)
    const { worker, publish, clock } = await working({ store, run: async () => DELIVERED })
    await publish('one')
    worker.start()
    await expect.poll(() => calls.settle).toBeGreaterThan(1)
    await store.tasks.takeOver(clock.now)
    const elsewhere = request({ ...worker.grant(), node: 'n2', limit: 1 })
    expect((await store.tasks.lease(elsewhere)).leased).toHaveLength(1)
    worker.check()
    await expect.poll(() => worker.running).toBe(0)
  })

  it('gives up at once what the store refuses for another reason', async () => {
    const store = openMemoryStore()
    const settle = () => Promise.reject(new Error('A fault.'))
    const { worker, publish, failures } = await working({
      store: { ...store, tasks: { ...store.tasks, settle } },
      run: async () => DELIVERED,
    })
    await publish('one')
    worker.start()
    await expect.poll(() => failures).toHaveLength(1)
    expect(worker.running).toBe(0)
  })
})

describe('whatever happens', () => {
  /** Of each trace. */
  const longestRuns: number[] = []
  const short = fc.nat({ max: 20 })
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('publish' as const),
        key: fc.constantFrom('k1', 'k1', 'k2', 'k3'),
        many: fc.constantFrom(1, 1, 2, 12),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), nth: fc.nat({ max: 80 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), milliseconds: short, turns: short }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom<'crash' | 'stop' | 'giveBack' | 'close'>('crash', 'stop', 'giveBack', 'close'),
      }),
    },
  )
  const outcomes = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constant('delivered') },
      { weight: 1, arbitrary: fc.constantFrom('retry', 'throw', 'release', 'refuse', 'slow') },
    ),
    { minLength: 1, maxLength: 40 },
  )

  it('nothing is lost, groups keep their order, and nothing runs twice under one lease', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), outcomes, fc.integer({ min: 1, max: 3 }), trace),
      { numRuns: 100 },
    )
    expect(longestRuns.filter((length) => length > 1).length).toBeGreaterThan(20)
  }, 60_000)

  async function trace(script: readonly Step[], answers: readonly string[], concurrency: number) {
    const store = openMemoryStore()
    await store.subscriptions.create(subscription('a'))
    const clock = { now: 1_700_000_000_000 }
    const runs: { sequence: number; token: number; group: string | null; worker: number }[] = []
    let closed: readonly string[] = []
    let longest = 0
    let turn = 0
    let generation = 0
    const begin = () => {
      const mine = ++generation
      // A crash: nothing of this process is heard any more, in either direction.
      const dead = () => mine !== generation
      const never = new Promise<never>(() => {})
      const guard = <Result>(answer: Promise<Result>) => answer.then((result) => (dead() ? never : result))
      const tasks: Store['tasks'] = {
        ...store.tasks,
        lease: async (request) => {
          if (dead()) return never
          const answer = await guard(store.tasks.lease(request))
          for (const { behind } of runsOf(answer.leased)) longest = Math.max(longest, 1 + behind.length)
          return answer
        },
        settle: (...wanted) => (dead() ? never : guard(store.tasks.settle(...wanted))),
        heartbeat: (...wanted) => (dead() ? never : guard(store.tasks.heartbeat(...wanted))),
      }
      const run = async ({ task }: LeasedTask): Promise<Outcome> => {
        if (dead()) return never
        runs.push({ sequence: task.sequence, token: task.token, group: task.groupKey, worker: mine })
        const answer = answers[turn++ % answers.length]
        if (answer === 'slow') await ticks(2)
        if (answer === 'throw' && turn < 60) throw new Error('a fault')
        if (answer === 'retry' && turn < 60) return RETRY
        if (answer === 'refuse') return { outcome: 'refused', code: 'x', message: 'x' }
        if (answer === 'release' && turn < 60) return { outcome: 'release', code: 'x', message: 'x', after: 1 }
        return DELIVERED
      }
      const terms = { transport: 'x', concurrency, retry: RETRY_SCHEDULE, timeout: 60_000 }
      const worker = new Worker(
        { node: `n${mine}`, workers: 4, lease: 10_000, poll: 1_000 },
        {
          store: { ...store, tasks },
          errand: async () => ({ terms, run }),
          limits: () => null,
          weight: () => 1,
          closed: () => closed,
          settled: () => {},
          failed: (error) => {
            throw error
          },
          now: () => clock.now,
          random: () => 0,
        },
      )
      worker.start()
      return worker
    }
    let worker = begin()
    const dead: Worker[] = []
    let published = 0
    const publish = async (partitionKey: string) => {
      const claimed = worker.claim({ tenant: T, subscription: 'a' })
      const [answer] = await store.admit(
        [admission(event(`e${published++}`, { partitionKey }), [candidate({ lease: claimed })])],
        worker.grant(),
      )
      const born = answer?.status === 'admitted' ? answer.events.flatMap(({ leased }) => leased) : []
      if (claimed && born.length === 0) worker.unclaim({ tenant: T, subscription: 'a' })
      for (const leased of born) worker.take(leased)
      worker.wake()
    }
    for (const each of script) {
      if (each.do === 'publish') {
        for (let nth = 0; nth < each.many; nth++) await publish(each.key)
      } else if (each.do === 'crash') {
        dead.push(worker)
        worker = begin()
        await store.tasks.takeOver(clock.now)
        worker.wake()
      } else if (each.do === 'cancel') {
        const key = { tenant: T, sequence: each.nth + 1, subscription: 'a' }
        if (await store.tasks.cancel(key, clock.now, 'cancelled', 'x')) worker.abort(key)
      } else if (each.do === 'stop') {
        await worker.stop(0)
        worker = begin()
      } else if (each.do === 'giveBack') worker.giveBack(() => true)
      else if (each.do === 'close') closed = closed.length > 0 ? [] : ['a']
      else if (each.do === 'pass') {
        clock.now += each.milliseconds
        worker.wake()
        await ticks(each.turns)
      }
      await tick()
    }
    closed = []
    for (let round = 0; round < 2_000 && !(await allEnded(store)); round++) {
      // Less than a lease: what a turn of the loop has on its way is not prolonged.
      clock.now += 3_000
      worker.wake()
      await tick()
    }
    const rows = await store.tasks.list({ tenant: T }, { after: null, limit: 1_000 })
    expect(rows).toHaveLength(published)
    expect(rows.map(({ state }) => state).filter((state) => !isFinished(state))).toEqual([])
    const leases = runs.map(({ sequence, token }) => `${sequence}.${token}`)
    expect(new Set(leases).size).toBe(leases.length)
    for (const key of ['k1', 'k2', 'k3']) {
      const ofKey = runs.filter(({ group }) => group === key)
      const first = [...new Set(ofKey.map(({ sequence }) => sequence))]
      expect(first).toEqual([...first].sort((one, other) => one - other))
      // Whoever takes over from a worker that crashed may begin again a little earlier.
      for (const mine of new Set(ofKey.map(({ worker }) => worker))) {
        const order = ofKey.filter(({ worker }) => worker === mine).map(({ sequence }) => sequence)
        expect(order).toEqual([...order].sort((one, other) => one - other))
      }
    }
    await worker.stop(0)
    expect(worker.running).toBe(0)
    expect(worker.lanes.free({ tenant: T, subscription: 'a' }, clock.now + 100_000)).toBeGreaterThan(0)
    generation += 1
    for (const each of dead) stopTimers(each)
    longestRuns.push(longest)
  }

  type Step =
    | { do: 'publish'; key: string; many: number }
    | { do: 'crash' | 'stop' | 'giveBack' | 'close' }
    | { do: 'cancel'; nth: number }
    | { do: 'pass'; milliseconds: number; turns: number }

  const allEnded = async (store: Store): Promise<boolean> =>
    (await store.tasks.list({ tenant: T, states: ['due', 'waiting', 'leased'] }, { after: null, limit: 1 })).length ===
    0

  /** A worker that crashed cannot be waited for: its work never answers. */
  const stopTimers = (worker: Worker): void => void worker.stop(0)
})
