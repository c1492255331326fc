/**
 * Publishing in plain SQL: `tocsin.publish(jsonb)`, judged and admitted by whoever finds it.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHub, type Hub, type Processor, reject, Unavailable } from '../../src/index.js'
import { isLacking, named } from '../faults/tools.js'
import { type Ground, type Host, postgresGround } from '../inside-grounds.js'
import { POSTGRES } from '../services.js'
import { listenIn, QUIET, user } from './ground.js'

describe.skipIf(isLacking(POSTGRES))(named('in plain SQL', POSTGRES), () => {
  let ground: Ground
  let hub: Hub
  let host: Host

  const publish = (event: object) => host.run(`SELECT tocsin.publish('${JSON.stringify(event).replaceAll("'", "''")}')`)
  const emptied = () => expect.poll(() => hub.inbox.measure()).toMatchObject({ pending: 0 })
  const inbox = async () => (await hub.inbox.list(hub.local, {}, {})).items

  beforeEach(async () => {
    ground = await postgresGround()
    const { store: _, ...config } = QUIET
    hub = await createHub({ database: ground.database, config })
    host = await ground.connect()
    await host.run("SELECT tocsin.allow_publishing(session_user, 'default', 'hr')")
  })
  afterEach(async () => {
    await host.end()
    await hub.close()
    await ground.remove()
  })

  it('is judged at admission, as who the role stands for, and heard of', async () => {
    const heard: unknown[] = []
    const note: Processor['run'] = ({ id, subject }, { principal, tenant }) =>
      void heard.push([id, subject, principal.id, principal.roles, tenant])
    hub.use({ name: 'a:judge', kind: 'judge', types: ['user.*'], run: note })
    hub.use({ name: 'a:witness', kind: 'witness', types: ['user.*'], run: note })
    await host.run('BEGIN')
    await publish(user('ada', { id: 'a', time: '2026-01-02T03:04:05Z' }))
    await publish(user('ada', { id: 'a', time: '2026-01-02T03:04:05Z' }))
    await host.run('COMMIT')
    await emptied()
    const ada = ['a', 'ada', 'hr', ['publisher'], 'default']
    await expect.poll(() => heard).toEqual([ada, ada])
    const { event, principal } = await hub.events.get(hub.local, 'a')
    expect(event).toMatchObject({
      specversion: '1.0',
      source: '/hr',
      time: '2026-01-02T03:04:05Z',
      data: { name: 'ada' },
    })
    expect(principal).toBe('hr')
    // The same by another way is the same event.
    const again = { ...user('ada'), id: 'a', time: '2026-01-02T03:04:05Z' }
    expect(await hub.publish(again)).toMatchObject({ duplicate: true })
    expect(await inbox()).toEqual([])
    // Other content under its key is not, and nobody judges it.
    await publish(user('eve', { id: 'a' }))
    await emptied()
    expect(await inbox()).toMatchObject([{ id: 'a', subject: 'eve', code: 'duplicate_mismatch' }])
    expect(heard).toHaveLength(2)
  })

  it('is refused from who may not publish', async () => {
    const { id } = await hub.keys.create(hub.local, { name: 'reads', roles: ['reader'] })
    await host.run(`SELECT tocsin.allow_publishing(session_user, 'default', '${id}')`)
    await publish(user('ada'))
    await emptied()
    expect(await inbox()).toMatchObject([{ state: 'refused', code: 'forbidden', principal: id }])
  })

  it('is refused late: by a judge, by its type, by its key; and tried again when that has changed', async () => {
    const told = await listenIn(hub, ['tocsin.event.refused'])
    const stop = hub.use({ name: 'a:no', kind: 'judge', types: ['user.*'], run: () => reject('no_more', 'Enough.') })
    await publish(user('ada', { id: '1' }))
    const away = () => {
      throw new Unavailable('unavailable', 'The directory is away.')
    }
    hub.use({ name: 'a:away', kind: 'judge', order: -1, types: ['user.updated'], run: away })
    await publish({ ...user('dan', { id: '5' }), type: 'user.updated', data: {} })
    await publish({ id: '2', type: 'what.is.this', source: '/hr' })
    await publish({ ...user('eve', { id: '3' }), data: { ['__proto__']: 1, constructor: 2 } })
    await publish(user('bob', { id: '4', priority: 'urgent' }))
    await emptied()
    expect((await inbox()).map(({ id, code, kind }) => [id, code, kind])).toEqual([
      ['1', 'no_more', 'received'],
      ['5', 'processor_failed', 'received'],
      ['2', 'unknown_type', 'received'],
      ['3', 'forbidden_key', 'received'],
      ['4', 'invalid_event', 'received'],
    ])
    await expect.poll(() => told).toHaveLength(5)
    expect(told.find(({ subject }) => subject === 'ada')?.data).toMatchObject({ processor: 'a:no', code: 'no_more' })
    stop()
    const [first] = await inbox()
    await hub.inbox.retry(hub.local, first?.entry ?? '')
    await emptied()
    expect((await hub.events.get(hub.local, '1')).state).toBe('admitted')
    expect(await inbox()).toHaveLength(4)
  })
})
