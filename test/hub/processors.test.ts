/**
 * Processors and what outlives a call: resuming, children, witnesses and chains that are tried again.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  type AnyEvent,
  createHub,
  type Hub,
  openConnection,
  type Processor,
  proceed,
  reject,
  suspend,
} from '../../src/index.js'
import { createGround, type Ground, user } from './ground.js'

let ground: Ground
let hub: Hub

const open = () => ground.open({ config: { delivery: { lease: 1_000 } } })

beforeEach(async () => {
  ground = createGround('sqlite')
  hub = await open()
})

afterEach(async () => {
  await hub.close()
  ground.remove()
})

async function listen(): Promise<readonly AnyEvent[]> {
  const heard: AnyEvent[] = []
  hub.handle('all', (event) => void heard.push(event))
  await hub.subscriptions.create(hub.local, {
    name: 'all',
    types: ['user.*', 'device.*', 'resource.*'],
    transport: 'local',
    target: { handler: 'all' },
  })
  return heard
}

const processor = (name: string, kind: Processor['kind'], run: Processor['run'], more: Partial<Processor> = {}) =>
  hub.use({ name, kind, run, ...more })

const subjects = (events: readonly AnyEvent[]) => events.map(({ subject }) => subject)

describe('an event that a judge changes', () => {
  const changes = (change: (event: AnyEvent) => AnyEvent, more: Partial<Processor> = {}) =>
    processor('changes', 'judge', (event) => proceed(change(event)), { types: ['user.created'], ...more })

  it.each<[string, (event: AnyEvent) => AnyEvent, string]>([
    ['data that does not fit its type', (event) => ({ ...event, data: { reason: 5 } }), 'data.reason'],
    ['data that is no JSON', (event) => ({ ...event, data: { count: 1n } }), 'data.count'],
    ['an attribute of another kind', (event) => ({ ...event, executeAt: 'soon' }), 'executeAt'],
    ['a subject that is none', (event) => ({ ...event, subject: 'a\0b' }), 'subject'],
    ['an extension that is none', (event) => ({ ...event, extensions: { 'Bad Name': 1 } }), 'extensions.Bad Name'],
  ])('stays one: %s fails the judge', async (_, change, field) => {
    changes(change)
    const failure = { code: 'processor_answer', data: { processor: 'changes', field } }
    await expect(hub.publish(user('ada'))).rejects.toMatchObject(failure)
    expect((await hub.events.list(hub.local, {}, {})).items).toEqual([])
  })

  it('stays within its size', async () => {
    changes((event) => ({ ...event, data: { note: 'x'.repeat(1_048_577) } }))
    await expect(hub.publish(user('ada'))).rejects.toMatchObject({ code: 'processor_answer' })
  })

  it('stays as it was where the judge may fail', async () => {
    changes((event) => ({ ...event, data: { reason: 5 } }), { onError: 'continue' })
    await hub.publish(user('ada', { id: 'u1' }))
    expect((await hub.events.get(hub.local, 'u1')).event).toMatchObject({ data: { name: 'ada' } })
  })

  it('stays one when it is resumed', async () => {
    processor('waits', 'judge', () => suspend(), { types: ['user.created'], order: -1 })
    changes((event) => ({ ...event, data: { reason: 5 } }))
    await hub.publish(user('ada', { id: 'u1' }))
    await expect(hub.events.resume(hub.local, 'u1')).rejects.toMatchObject({ code: 'processor_answer' })
    expect(await hub.events.get(hub.local, 'u1')).toMatchObject({ state: 'suspended' })
  })
})

describe('the children of a suspended event', () => {
  const parent = (order: number, more: Partial<Processor> = {}) =>
    processor(
      'parent',
      'judge',
      async (_, context) => {
        await context.publish({ type: 'device.issued', source: '/cms', subject: 'card' })
        return suspend()
      },
      { order, types: ['user.created'], ...more },
    )

  it.each([-1, 1])('wait for it and are told when it goes on (suspended at order %i)', async (order) => {
    const heard = await listen()
    parent(order)
    await hub.publish(user('ada', { id: 'u1' }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(heard).toEqual([])
    expect(await hub.events.resume(hub.local, 'u1')).toMatchObject({ state: 'admitted' })
    await expect.poll(() => subjects(heard).sort()).toEqual(['ada', 'card'])
  })

  it('are never told when it ends refused', async () => {
    const heard = await listen()
    parent(1)
    processor('later', 'judge', () => reject('no', 'No.'), { order: 2, types: ['user.created'] })
    await hub.publish(user('ada', { id: 'u1' }))
    expect(await hub.events.resume(hub.local, 'u1')).toMatchObject({ state: 'refused' })
    expect((await hub.events.list(hub.local, { types: ['device.issued'] }, {})).items).toEqual([])
    expect(heard).toEqual([])
  })

  it('refuse it when one of them is rejected: one reject rejects all', async () => {
    const heard = await listen()
    parent(1)
    await hub.publish(user('ada', { id: 'u1' }))
    processor('no-cards', 'judge', () => reject('no', 'No.'), { types: ['device.issued'] })
    expect(await hub.events.resume(hub.local, 'u1')).toMatchObject({ state: 'refused' })
    expect(heard).toEqual([])
  })

  it('are kept when it is suspended again', async () => {
    const heard = await listen()
    parent(-2)
    processor('again', 'judge', () => suspend(), { order: -1, types: ['user.created'] })
    await hub.publish(user('ada', { id: 'u1' }))
    expect(await hub.events.resume(hub.local, 'u1')).toMatchObject({ state: 'suspended' })
    await hub.events.resume(hub.local, 'u1')
    await expect.poll(() => subjects(heard).sort()).toEqual(['ada', 'card'])
  })
})

it('an event that its own time woke and a judge suspended again goes on by itself', async () => {
  const heard = await listen()
  processor('first', 'judge', () => suspend(Date.now() + 20), { order: 1 })
  processor('second', 'judge', () => suspend(Date.now() + 20), { order: 2 })
  expect(await hub.publish(user('ada'))).toMatchObject({ state: 'suspended' })
  await expect.poll(() => subjects(heard)).toEqual(['ada'])
})

describe('what an earlier process left', () => {
  it('waits for the processors that the host registers after the hub is open', async () => {
    const ran: string[] = []
    processor('a:chain', 'asynchronous', () => {
      throw new Error('not in this process')
    })
    const { sequence } = await hub.publish(user('ada'))
    const id = `${Number(sequence)}.local.processors`
    await expect.poll(() => hub.tasks.get(hub.local, id)).toMatchObject({ failures: 1 })
    await hub.close()
    hub = await open()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    processor('a:chain', 'asynchronous', (event) => void ran.push(String(event.subject)))
    await expect.poll(() => ran).toEqual(['ada'])
  }, 20_000)

  it('is resumed only when its judges had time to come back', async () => {
    await hub.publish(user('ada', { id: 'before' }))
    processor('gate', 'judge', () => suspend(Date.now() + 100), { order: 1 })
    await hub.publish(user('eve', { id: 'u1' }))
    await hub.close()
    hub = await open()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(await hub.events.get(hub.local, 'u1')).toMatchObject({ state: 'suspended' })
    processor('second', 'judge', () => reject('no', 'No.'), { order: 2 })
    await expect.poll(() => hub.events.get(hub.local, 'u1')).toMatchObject({ state: 'refused' })
  }, 20_000)
})

describe('witnesses', () => {
  it('keep their task while they take longer than a lease', async () => {
    let runs = 0
    processor('slow', 'witness', async () => {
      runs += 1
      await new Promise((resolve) => setTimeout(resolve, 2_500))
    })
    await hub.publish(user('ada'))
    expect(runs).toBe(1)
  }, 10_000)

  it('may go while they are heard', async () => {
    const leave = processor('leaving', 'witness', () => {
      leave()
      throw new Error('gone')
    })
    const receipt = await hub.publish(user('ada'))
    expect(receipt.results).toMatchObject([{ processor: 'leaving', state: 'exception' }])
  })

  it('are tried again as often as each says, and the others are not', async () => {
    const ran: string[] = []
    const failing = (name: string) => () => {
      ran.push(name)
      throw new Error('no')
    }
    processor('patient', 'witness', failing('patient'), { retries: 1 })
    processor('final', 'witness', failing('final'))
    processor('fine', 'witness', () => void ran.push('fine'))
    const { sequence } = await hub.publish(user('ada'))
    const id = `${Number(sequence)}.local.witnesses`
    await expect.poll(() => hub.tasks.get(hub.local, id)).toMatchObject({ state: 'done' })
    expect(ran).toEqual(['patient', 'final', 'fine', 'patient'])
  })
})

it('a witness that ends its process each time keeps no later process from going on: in the end it is not called', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-witness-'))
  const database = join(folder, 'one.db')
  let calls = 0
  const opened = async () => {
    const hub = await createHub({ database, config: { log: { level: 'silent' } } })
    const run = () => {
      calls += 1
      throw new Error('no')
    }
    hub.use({ name: 'deadly', kind: 'witness', types: ['user.*'], retries: 1, run })
    return hub
  }
  const before = await opened()
  const { sequence } = await before.publish(user('ada'))
  await before.close()
  // As after eleven processes that ended while it was called.
  const rows = openConnection(database)
  rows.exec(`update tasks set failures = 11, state = 'due', wake_at = null where subscription = 'local.witnesses'`)
  rows.close()
  const after = await opened()
  const task = () => after.tasks.get(after.local, `${Number(sequence)}.local.witnesses`)
  await expect.poll(() => task()).toMatchObject({ state: 'exhausted', code: 'lease_lost' })
  expect(calls).toBe(1)
  await after.close()
  rmSync(folder, { recursive: true })
}, 60_000)

describe('asynchronous processors', () => {
  it('do not stop each other by failing: there is no receiver to spare', async () => {
    const ran: unknown[] = []
    processor('picky', 'asynchronous', (event) => {
      if (event.subject !== 'good') throw new Error('no')
      ran.push(event.subject)
    })
    for (let index = 0; index < 8; index++) await hub.publish(user(`bad-${index}`))
    await vi.waitFor(async () => {
      const tasks = (await hub.tasks.list(hub.local, {}, {})).items
      expect(tasks.every(({ failures }) => failures === 1)).toBe(true)
    })
    await hub.publish(user('good'))
    await expect.poll(() => ran).toEqual(['good'])
  })

  it('keep each success before the next runs, and publish children while the hub closes', async () => {
    let second = () => {}
    let waits = false
    const ran: string[] = []
    processor('a:1', 'asynchronous', () => void ran.push('one'), { order: 1, types: ['user.created'] })
    processor(
      'a:2',
      'asynchronous',
      async (_, context) => {
        await new Promise<void>((resolve) => {
          second = resolve
          waits = true
        })
        await context.publish({ type: 'device.issued', source: '/cms', subject: 'card' })
      },
      { order: 2, types: ['user.created'] },
    )
    await hub.publish(user('ada', { id: 'u1' }))
    await expect.poll(() => waits).toBe(true)
    await expect
      .poll(async () => (await hub.events.timeline(hub.local, 'u1')).results)
      .toMatchObject([
        { processor: 'a:1', state: 'executed' },
        { processor: 'a:2', state: 'running', endedAt: null },
      ])
    const closing = hub.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    second()
    await closing
    hub = await open()
    expect((await hub.events.list(hub.local, { subject: 'card' }, {})).items).toHaveLength(1)
    expect(ran).toEqual(['one'])
  })
})
