/** A breaker is open until somebody mends its target. The clock stands still, so that no pause ever ends. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Hub } from '../../src/index.js'
import { createGround, type Ground, user } from './ground.js'

describe.each(['memory', 'sqlite'] as const)('on %s, an open breaker', (kind) => {
  let ground: Ground
  let hub: Hub
  let id: string
  const heard: string[] = []
  let isDown: boolean

  beforeEach(async () => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2026, 10, 21, 12))
    isDown = true
    heard.splice(0)
    ground = createGround(kind)
    hub = await ground.open()
    hub.handle('down', (event) => {
      if (isDown) throw new Error('Out of order.')
      heard.push(event.type)
    })
    hub.handle('up', (event) => void heard.push(event.type))
    const target = { transport: 'local', target: { handler: 'down' }, order: 'none', concurrency: 1 }
    ;({ id } = await hub.subscriptions.create(hub.local, { name: 'all', types: ['user.*'], ...target }))
    for (let number = 0; number < 6; number++) await hub.publish(user(`s${number}`))
    await vi.waitFor(() => open(1), { timeout: 20_000 })
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await hub.close()
    ground.remove()
  })

  const open = async (count: number) =>
    expect(await hub.metrics()).toContain(`tocsin_breakers{state="open"} ${count}\n`)
  const told = () => expect.poll(() => heard).toContain('user.created')

  it('stays open over a failed test and a change of something else', async () => {
    expect(await hub.subscriptions.test(hub.local, id)).toMatchObject({ outcome: 'retry' })
    await hub.subscriptions.update(hub.local, id, { name: 'other' })
    await open(1)
    expect(heard).toEqual([])
  })

  it('closes when its target is changed', async () => {
    await hub.subscriptions.update(hub.local, id, { target: { handler: 'up' } })
    await open(0)
    await told()
  })

  it('closes when its receiver answers a test', async () => {
    isDown = false
    expect(await hub.subscriptions.test(hub.local, id)).toMatchObject({ outcome: 'delivered' })
    await open(0)
    await told()
  })
})
