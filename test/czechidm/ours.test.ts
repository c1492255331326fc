/**
 * What CzechIdM's own tests do not cover: the list at the end of its row-by-row reference, decided and asserted by us.
 */
import { expect, it, vi } from 'vitest'
import { createHub, type Priority } from '../../src/index.js'
import { about, CHAIN, gate, onEveryStore } from './world.js'

onEveryStore('not covered by theirs: when', (world) => {
  it('future execute date: nothing is taken before its time, and nobody waits for it', async () => {
    const ran: { readonly id: string; readonly at: number }[] = []
    world().later('a:1', ({ id }) => void ran.push({ id, at: Date.now() }))
    const due = Date.now() + 2_000
    const dated = { id: 'dated', executeAt: new Date(due).toISOString(), extensions: { dated: true } }
    const receipt = await world().publish(about('ada', dated))
    expect(receipt.queued).toEqual(['a:1'])
    await world().until(await world().publish(about('ada', { id: 'other' })), 'done')
    await world().until(receipt, 'done')
    expect(ran.map(({ id }) => id)).toEqual(['other', 'dated'])
    expect(ran[1]?.at).toBeGreaterThanOrEqual(due)
  })

  it('IMMEDIATE vote: it is done when the publisher is answered, and leaves no unfinished row', async () => {
    const ran: string[] = []
    world().later('a:1', async ({ id }) => void ran.push(id), { priority: () => 'immediate' })
    const receipt = await world().publish(
      about('ada', { id: 'e1', executeAt: new Date(Date.now() + 60_000).toISOString() }),
    )
    expect(ran).toEqual(['e1'])
    expect(receipt).toMatchObject({ queued: [], results: [{ processor: 'a:1', state: 'executed' }] })
    expect((await world().rows()).map(({ state }) => state)).toEqual(['done'])
  })

  it('IMMEDIATE vote: it never overtakes its owner; if that is busy it waits and the receipt says so', async () => {
    const end = gate()
    const ran: string[] = []
    world().later('a:1', async ({ id, priority }) => {
      ran.push(id)
      if (priority !== 'immediate') await end.opened
    })
    await world().until(await world().publish(about('ada', { id: 'first' })), 'leased')
    const receipt = await world().publish(
      about('ada', { id: 'second', priority: 'immediate', extensions: { other: 1 } }),
    )
    expect(receipt).toMatchObject({ queued: ['a:1'], results: [] })
    expect(ran).toEqual(['first'])
    end.open()
    await world().until(receipt, 'done')
    expect(ran).toEqual(['first', 'second'])
  })

  it.each([
    ['high', 'normal', 'high'],
    ['normal', 'high', 'high'],
    [undefined, 'high', 'high'],
    ['normal', 'normal', 'normal'],
  ] as const)(
    'child priority: of a %s child of a %s parent it is %s (theirs lowered it)',
    async (own, parent, expected) => {
      const seen: (Priority | undefined)[] = []
      world().later('a:parent', (_, { publish }) => publish(about('bob', { ...(own && { priority: own }) })), {
        types: ['identity.update'],
      })
      world().later('a:child', ({ priority }) => void seen.push(priority ?? 'normal'), { types: ['identity.notify'] })
      await world().publish(about('ada', { type: 'identity.update', priority: parent }))
      await expect.poll(() => seen).toEqual([expected])
    },
  )
})

onEveryStore('not covered by theirs: together', (world) => {
  it('super owner: two owners that share one never overlap, whoever is owner and who super owner', {
    timeout: 20_000,
  }, async () => {
    const running = new Set<string>()
    const overlaps: string[] = []
    let most = 0
    world().later('a:1', async ({ subject = '', superOwner = subject }) => {
      const mine = [subject, superOwner]
      for (const other of running)
        if (other.split('+').some((name) => mine.includes(name))) overlaps.push(mine.join('+'))
      running.add(mine.join('+'))
      most = Math.max(most, running.size)
      await new Promise((resolve) => setTimeout(resolve, 2))
      running.delete(mine.join('+'))
    })
    const names = ['ada', 'bob', 'eve', 'joe']
    const events = Array.from({ length: 80 }, (_, index) => {
      const superOwner = names[Math.floor(index / 3) % 4] ?? ''
      return about(names[index % 4] ?? '', { extensions: { index }, ...(index % 5 > 0 && { superOwner }) })
    })
    await Promise.all(events.map((event) => world().publish(event)))
    await expect.poll(() => world().rows({ states: ['done'] })).toHaveLength(80)
    expect(overlaps).toEqual([])
    expect(most).toBeGreaterThan(1)
  })

  it('super owner: a busy one does not starve others (theirs filled its page with it)', async () => {
    await world().restart({ processing: { concurrency: 5 } })
    const end = gate()
    const ran: string[] = []
    world().later('a:1', async ({ id }, { signal }) => {
      ran.push(id)
      signal.addEventListener('abort', end.open)
      if (id === 'busy') await end.opened
    })
    await world().publish(about('team', { id: 'busy' }))
    await expect.poll(() => ran).toEqual(['busy'])
    for (let index = 0; index < 40; index++)
      await world().publish(about(`member-${index}`, { id: `m${index}`, superOwner: 'team', priority: 'high' }))
    await world().until(await world().publish(about('else', { id: 'else' })), 'done')
    expect(ran).toEqual(['busy', 'else'])
    end.open()
    const done = async () => expect(await world().rows({ states: ['done'] })).toHaveLength(42)
    await vi.waitFor(done, { timeout: 10_000 })
  })

  it('full pool: what finds no room waits, is refused by nobody and lost by nobody', async () => {
    await world().restart({ processing: { concurrency: 2 } })
    let running = 0
    let most = 0
    world().later('a:1', async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, 1))
      running -= 1
    })
    const receipts = await Promise.all(
      Array.from({ length: 60 }, (_, index) => world().publish(about(`owner-${index}`))),
    )
    expect(receipts.every(({ queued }) => queued.includes('a:1'))).toBe(true)
    await expect.poll(() => world().rows({ states: ['done'] })).toHaveLength(60)
    expect(most).toBe(2)
  })
})

onEveryStore(
  'not covered by theirs: failures',
  (world) => {
    it('exception: the event and the failing processor tell it, the ones before stay executed, later events of the owner run', async () => {
      const ran: string[] = []
      const at = (order: number) =>
        world().later(
          `a:${order}`,
          ({ id }) => {
            ran.push(`${id} ${order}`)
            if (id === 'bad' && order === 2) throw new Error('broken', { cause: new Error('the database') })
          },
          { order },
        )
      for (const order of [1, 2, 3]) at(order)
      await world().stop()
      const bad = await world().publish(about('ada', { id: 'bad' }))
      const good = await world().publish(about('ada', { id: 'good', extensions: { other: true } }))
      await world().go()
      await world().until(good, 'done')
      const row = await world().row(bad)
      expect(row).toMatchObject({ state: 'exhausted', code: 'processor_failed', endedAt: expect.any(String) })
      expect(row.message).toContain('broken')
      expect(await world().results(bad)).toEqual(['a:1 executed', 'a:2 exception processor_failed'])
      const { results } = await world().hub.events.timeline(world().local, 'bad')
      expect(results[1]?.cause).toContain('the database')
      expect(ran).toEqual(['bad 1', 'bad 2', 'good 1', 'good 2', 'good 3'])
    })
  },
  { processing: { attempts: 1 } },
)

onEveryStore('not covered by theirs: stopping and nodes', (world, { survives, database }) => {
  it('stop and continue: stopped, it keeps accepting and works nothing off; others are told all the same', async () => {
    const heard: string[] = []
    const ran: string[] = []
    world().hub.handle('all', ({ id }) => void heard.push(id))
    await world().hub.subscriptions.create(world().local, {
      ...{ name: 'all', types: ['identity.*'], transport: 'local', target: { handler: 'all' } },
    })
    world().later('a:1', ({ id }) => void ran.push(id))
    await world().stop()
    expect(await world().hub.processing.get(world().local)).toEqual({ asynchronous: true, stopped: true })
    const receipts = await Promise.all(['a', 'b', 'c'].map((id) => world().publish(about(id, { id }))))
    await expect.poll(() => [...heard].sort()).toEqual(['a', 'b', 'c'])
    expect(await world().hub.tasks.counts(world().local, { subscription: CHAIN })).toMatchObject({
      unprocessed: 3,
      errors: 0,
    })
    expect(ran).toEqual([])
    await world().go()
    for (const receipt of receipts) await world().until(receipt, 'done')
    expect(ran.sort()).toEqual(['a', 'b', 'c'])
  })

  if (survives)
    it('stop and continue: stopped stays stopped after a restart', { timeout: 20_000 }, async () => {
      const ran: string[] = []
      const listen = () => world().later('a:1', ({ id }) => void ran.push(id))
      listen()
      await world().stop()
      const receipt = await world().publish(about('ada', { id: 'e1' }))
      await world().crash()
      listen()
      expect(await world().hub.processing.get(world().local)).toMatchObject({ stopped: true })
      await new Promise((resolve) => setTimeout(resolve, 2_500))
      expect(ran).toEqual([])
      await world().go()
      await world().until(receipt, 'done')
      expect(ran).toEqual(['e1'])
    })

  if (survives)
    it('restart with more nodes (ours: a file has one process; who opens it next takes over what was running)', async () => {
      const file = { database: world().hub.config.database, config: { log: { level: 'silent' as const } } }
      await expect(createHub(file)).rejects.toMatchObject({ code: 'unavailable' })
      expect(database('x')).not.toBe('memory')
    })
})
