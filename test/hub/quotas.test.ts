import { afterEach, describe, expect, it } from 'vitest'
import { type Hub, isTocsinError, type TocsinError } from '../../src/index.js'
import { createGround, type Ground, STORES, user } from './ground.js'

describe.each(STORES)('the quotas of a tenant (%s)', (kind) => {
  let ground: Ground
  let hub: Hub
  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  const opened = async (quotas: object, options = {}) => {
    ground = createGround(kind)
    hub = await ground.open(options)
    await hub.tenants.create(hub.local, { id: 'acme', name: 'Acme', ...quotas })
    return { ...hub.local, tenant: 'acme' }
  }
  const refusal = { code: 'quota_exceeded', status: 429 }

  it('refuses what is more than it may publish, and nothing of others', async () => {
    const as = await opened({ eventsPerSecond: 20 })
    const many = (caller: typeof as) =>
      Promise.all(Array.from({ length: 60 }, (_, nth) => hub.publish(user(`u${nth}`), { as: caller }).catch(told)))
    const answers = await many(as)
    const refused = answers.filter(isTocsinError)
    const accepted = answers.length - refused.length
    // A second's worth, what was taken together with the last of it, and what came to be while it ran.
    expect(accepted).toBeGreaterThanOrEqual(20)
    expect(accepted).toBeLessThan(60)
    expect(refused[0]).toMatchObject({ ...refusal, data: { quota: 'eventsPerSecond', limit: 20 } })
    expect(refused[0]?.retryAfter).toBeGreaterThan(0)
    expect(refused[0]?.retryAfter).toBeLessThanOrEqual(1)
    expect((await hub.events.list(as, {}, { limit: 100 })).items).toHaveLength(accepted)
    expect((await many({ ...as, tenant: 'default' })).filter(isTocsinError)).toEqual([])
    await hub.tenants.update(hub.local, 'acme', { eventsPerSecond: null })
    expect((await many(as)).filter(isTocsinError)).toEqual([])
  })

  it('takes many at once whole or not at all, and has the next ones wait for so many', async () => {
    const as = await opened({ eventsPerSecond: 10 })
    const many = () =>
      hub.publishMany(
        Array.from({ length: 150 }, (_, nth) => user(`u${nth}`)),
        { as },
      )
    expect((await many()).filter(isTocsinError)).toEqual([])
    const refused = await many().catch(told)
    expect(refused).toMatchObject(refusal)
    expect(await hub.publish(user('one'), { as }).catch(told)).toMatchObject(refusal)
    expect((await hub.events.list(as, {}, { limit: 500 })).items).toHaveLength(150)
  })

  it('is measured by the rate of now: what is owed is owed in events', async () => {
    const as = await opened({ eventsPerSecond: 1 })
    const many = Array.from({ length: 600 }, (_, nth) => user(`u${nth}`))
    await hub.publishMany(many, { as })
    const wait = async () =>
      Number((await hub.publish(user('one'), { as }).then(() => ({ retryAfter: 0 }), told)).retryAfter)
    expect(await wait()).toBeGreaterThan(500)
    await hub.tenants.update(hub.local, 'acme', { eventsPerSecond: 1_000 })
    expect(await wait()).toBeLessThanOrEqual(1)
    await expect.poll(wait).toBe(0)
  })

  it('is not used up by who may not publish', async () => {
    const as = await opened({ eventsPerSecond: 1 })
    const reader = { ...as, roles: ['reader'] } as const
    const message = { ...{ id: 'm', source: '/test', type: 'user.created' }, tell: () => ({ data: {}, to: [] }) }
    for (let nth = 0; nth < 5; nth++) {
      await expect(hub.tasks.send(reader, message)).rejects.toMatchObject({ code: 'forbidden' })
      await expect(hub.publish(user('one'), { as: reader })).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(await hub.publish(user('one'), { as })).toMatchObject({ state: 'admitted' })
  })

  it('lets an import wait for as long as somebody waits for it', async () => {
    const as = await opened({ unfinishedTasks: 1 })
    await hub.subscriptions.create(as, { name: 'p', transport: 'pull', types: ['*'] })
    await hub.publish(user('first'), { as })
    await expect.poll(() => hub.publish(user('more'), { as }).then(() => null, told)).toMatchObject(refusal)
    const gone = new AbortController()
    const line = JSON.stringify({ id: 'i', type: 'user' })
    const importing = hub.imports.run(as, chunks(line), { id: 'later', events: true, signal: gone.signal })
    setTimeout(() => gone.abort(new Error('The client has gone.')), 100)
    await expect(importing).rejects.toThrow('The client has gone.')
    await hub.tenants.update(hub.local, 'acme', { unfinishedTasks: null })
    const again = await hub.imports.run(as, chunks(line), { id: 'later', events: true })
    expect(again).toMatchObject({ created: 1, state: 'done' })
  })

  it('counts changes of resources, lets imports wait for their turn, and hears our own events always', async () => {
    const as = await opened({ eventsPerSecond: 5 })
    const create = (id: string) => hub.resources.change(as, { do: 'create', id, type: 'user', properties: {} })
    const outcomes = await Promise.allSettled(Array.from({ length: 30 }, (_, nth) => create(`u${nth}`)))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(refused.length).toBeGreaterThan(0)
    expect(refused[0]).toMatchObject(refusal)
    const lines = Array.from({ length: 6 }, (_, nth) => JSON.stringify({ id: `i${nth}`, type: 'user' })).join('\n')
    const imported = await hub.imports.run(as, chunks(lines), { events: true })
    expect(imported).toMatchObject({ created: 6, refused: 0 })
  })

  it('refuses to publish while too many tasks are unfinished', async () => {
    const as = await opened({ unfinishedTasks: 3 })
    const paused = await hub.subscriptions.create(as, { name: 'p', transport: 'pull', types: ['user.*'] })
    for (let nth = 0; nth < 3; nth++) await hub.publish(user(`u${nth}`), { as })
    await expect
      .poll(() =>
        hub.publish(user('more'), { as }).then(
          () => null,
          ({ code, data }) => ({ code, data }),
        ),
      )
      .toEqual({ code: 'quota_exceeded', data: { quota: 'unfinishedTasks', limit: 3 } })
    await hub.subscriptions.remove(as, paused.id)
    await expect
      .poll(() =>
        hub.publish(user('again'), { as }).then(
          () => 'accepted',
          () => null,
        ),
      )
      .toBe('accepted')
  })

  it('lets in whatever follows from what was let in', async () => {
    const as = await opened({ eventsPerSecond: 1 })
    let told = 0
    hub.use({
      name: 'test:copies',
      kind: 'witness',
      types: ['user.created'],
      run: async (event, context) => {
        for (let nth = 0; nth < 5; nth++) {
          await context.publish({ type: 'user.updated', source: '/test', subject: `${event.subject}-${nth}`, data: {} })
          told += 1
        }
      },
    })
    await hub.publish(user('ann'), { as })
    expect(told).toBe(5)
  })
})

const told = (error: TocsinError) => error

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
