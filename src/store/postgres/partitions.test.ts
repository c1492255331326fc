import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES, postgres } from '../../../test/services.js'
import { admission, candidate, event, request, result, settlement, subscription, T } from '../conformance/fixtures.js'
import type { LeasedTask, PartitionStore, Settlement, Store } from '../port.js'
import { openPostgresStore } from './store.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let database: Database
let client: Client
let schemas = 0
let schema = ''
let store: Store
let partitions: PartitionStore
/** When the first period begins: the midnight after the schema was made. */
let start = 0

const names = async (table: string): Promise<readonly string[]> =>
  (await partitions.list()).filter((each) => each.table === table).map(({ name }) => name)

const nameOf = (table: string, from: number): string =>
  `${table}_${new Date(from).toISOString().slice(0, 10).replaceAll('-', '')}`

const admit = async (id: string, receivedAt: number, more = {}, candidates = [candidate()]): Promise<number> => {
  const [answer] = await store.admit(
    [admission(event(id, { receivedAt, subject: id, partitionKey: id, ...more }), candidates)],
    null,
  )
  if (answer?.status !== 'admitted') throw new Error(`It was not admitted, but ${answer?.status}.`)
  return answer.events[0]?.sequence ?? 0
}

async function placeOf(table: string, sequence: number): Promise<string | undefined> {
  const sql = `SELECT tableoid::regclass::text AS name FROM ${schema}.${table} WHERE sequence = $1`
  const { rows } = await client.query<{ name: string }>(sql, [sequence])
  return rows[0]?.name.replace(`${schema}.`, '')
}

const count = async (table: string): Promise<number> =>
  Number((await client.query(`SELECT count(*) AS n FROM ${schema}.${table}`)).rows[0].n)

const lease = async (now: number): Promise<readonly LeasedTask[]> =>
  (await store.tasks.lease(request({ now, until: now + HOUR, limit: 100, perLane: 100 }))).leased

const settle = (leased: readonly LeasedTask[], now: number, next?: Settlement['next']) =>
  store.tasks.settle(
    leased.map(({ task }) => {
      const done = settlement(task)
      const attempt = done.attempt && { ...done.attempt, startedAt: now, endedAt: now }
      return { ...done, now, attempt, ...(next && { next }) }
    }),
    null,
  )

describe.skipIf(isLacking(POSTGRES))(named('partitions', POSTGRES), () => {
  beforeAll(async () => {
    database = await createDatabase(await postgres())
    client = new Client({ connectionString: database.url })
    await client.connect()
  })
  afterAll(async () => {
    await client.end()
    await database.drop()
  })
  beforeEach(async () => {
    schema = `p${schemas++}`
    store = await openPostgresStore({ url: database.url, schema, connections: 3 })
    onTestFinished(() => store.close())
    await store.subscriptions.create(subscription('a'))
    if (store.partitions === undefined) throw new Error('There are none.')
    partitions = store.partitions
    start = (await partitions.list()).find(({ name }) => name === 'events_rest')?.from ?? 0
  })

  it('are made ahead, once, however many nodes do so, and at multiples of their width', async () => {
    expect(start % DAY).toBe(0)
    expect(start).toBeGreaterThan(Date.now())
    const other = await openPostgresStore({ url: database.url, schema, connections: 2 })
    onTestFinished(() => other.close())
    const made = await Promise.all([partitions.prepare(start, 7 * DAY), other.partitions?.prepare(start, 7 * DAY)])
    expect(Math.max(...made.map(Number))).toBeGreaterThan(0)
    expect(await partitions.prepare(start, 7 * DAY)).toBe(0)
    const periods = (await partitions.list()).filter(({ table, period }) => table === 'events' && period)
    expect(periods[0]).toMatchObject({ name: nameOf('events', start), from: start })
    for (const { until } of periods) expect((until ?? 0) % (7 * DAY)).toBe(0)
    expect(periods.at(-1)?.until).toBeGreaterThanOrEqual(start + 14 * DAY)
    // After a long sleep there is one for all of it.
    expect(await partitions.prepare(start + 7_000 * DAY, 7 * DAY)).toBeLessThanOrEqual(4 * 3)
  })

  it('take events by when they were received, and tasks and attempts by when they ended', async () => {
    await partitions.prepare(start, DAY)
    const first = await admit('a', start + HOUR)
    const second = await admit('b', start + DAY + HOUR)
    expect(await placeOf('events', first)).toBe(nameOf('events', start))
    expect(await placeOf('events', second)).toBe(nameOf('events', start + DAY))
    expect(await placeOf('tasks', first)).toBe('tasks_live')
    await settle(await lease(start + 2 * HOUR), start + DAY + 2 * HOUR)
    expect(await placeOf('tasks', first)).toBe(nameOf('tasks', start + DAY))
    expect(await placeOf('attempt_history', first)).toBe(nameOf('attempt_history', start + DAY))
    // Opened again, it is back among those that have not ended.
    expect(await store.tasks.retry({ tenant: T, sequence: first, subscription: 'a' }, start + DAY)).toBe(true)
    expect(await placeOf('tasks', first)).toBe('tasks_live')
    expect(await store.tasks.counts(T)).toEqual({ due: 1, done: 1 })
    expect(await store.tasks.attempts({ tenant: T, sequence: first, subscription: 'a' })).toHaveLength(1)
  })

  it('never lack a place for a row: what comes too early waits for its partition', async () => {
    const early = await admit('early', start + 5 * DAY + HOUR)
    await settle(await lease(start), start + 5 * DAY)
    expect(await placeOf('events', early)).toBe('events_rest')
    expect(await placeOf('tasks', early)).toBe('tasks_rest')
    await partitions.prepare(start + 4 * DAY, DAY)
    expect(await placeOf('events', early)).toBe(nameOf('events', start + 5 * DAY))
    expect(await placeOf('tasks', early)).toBe(nameOf('tasks', start + 5 * DAY))
    expect(await store.log.get(T, early)).toMatchObject({ id: 'early' })
    const late = await admit('late', start - 400 * DAY)
    expect(await placeOf('events', late)).toBe('events_first')
  })

  it('are dropped as a whole once they are past, but for what is still needed', async () => {
    await partitions.prepare(start, DAY)
    const [done, failed] = [await admit('done', start + HOUR), await admit('failed', start + HOUR)]
    const [one, other] = await lease(start + HOUR)
    if (one === undefined || other === undefined) throw new Error('Two were due.')
    await settle([one], start + 2 * HOUR)
    await settle([other], start + 2 * HOUR, { state: 'refused', code: '410', message: null })
    const held = await admit('held', start + HOUR, { state: 'suspended' }, [])
    const waits = await admit('waits', start + HOUR)
    const young = await admit('young', start + DAY + HOUR, {}, [])
    await store.log.putResults([{ ...result('w'), tenant: T, sequence: done }])

    expect(await partitions.dropEvents(start + DAY - 1)).toBe(0)
    expect(await store.log.get(T, done)).not.toBeNull()
    expect(await partitions.dropEvents(start + DAY)).toBe(3)

    expect(await names('events')).not.toContain(nameOf('events', start))
    const left = await store.log.list({ tenant: T }, { after: null, limit: 10, order: 'oldest' })
    expect(left.map(({ sequence }) => sequence)).toEqual([held, waits, young])
    expect(await placeOf('events', waits)).toBe('events_kept')
    for (const sequence of [done, failed]) {
      expect(await store.tasks.get({ tenant: T, sequence, subscription: 'a' })).toBeNull()
      expect(await store.log.results(T, sequence)).toEqual([])
    }
    expect(await count('attempt_history')).toBe(0)
    expect(await count('event_keys')).toBe(3)
    expect(await store.tasks.counts(T)).toEqual({ due: 1 })
    // Its event comes with it, from where it is now.
    const again = await lease(start + DAY)
    expect(again.map(({ event: { id } }) => id)).toEqual(['waits'])
    expect(
      await store.admit([admission(event('waits', { receivedAt: start + DAY, subject: 'waits' }))], null),
    ).toMatchObject([{ status: 'duplicate' }])
    expect(await admit('done', start + DAY)).toBeGreaterThan(young)
    // What was kept goes in slices, once nobody needs it.
    await settle(again, start + DAY + HOUR)
    expect(await store.prune(start + DAY, 10)).toBe(1)
    expect(await store.log.get(T, waits)).toBeNull()
    expect(await store.log.get(T, held)).not.toBeNull()
  })

  it('of tasks are dropped before those of their events, if so wanted; failed ones stay', async () => {
    await partitions.prepare(start, DAY)
    const sequences = [await admit('one', start + HOUR), await admit('two', start + HOUR)]
    const [one, two] = await lease(start + HOUR)
    if (one === undefined || two === undefined) throw new Error('Two were due.')
    await settle([one], start + 2 * HOUR)
    await settle([two], start + 2 * HOUR, { state: 'exhausted', code: '500', message: null })
    expect(await partitions.dropTasks(start + DAY)).toBe(2)
    expect(await store.tasks.counts(T)).toEqual({ exhausted: 1 })
    expect(await store.tasks.attempts({ tenant: T, sequence: sequences[1] ?? 0, subscription: 'a' })).toHaveLength(1)
    expect(await count('attempt_history')).toBe(1)
    for (const sequence of sequences) expect(await store.log.get(T, sequence)).not.toBeNull()
    expect(await store.tasks.retry({ tenant: T, sequence: sequences[1] ?? 0, subscription: 'a' }, start + DAY)).toBe(
      true,
    )
    expect(await store.tasks.counts(T)).toEqual({ due: 1 })
  })

  it('that were left half done by somebody are dropped by the next', async () => {
    await partitions.prepare(start, DAY)
    await admit('x', start + HOUR)
    await settle(await lease(start + HOUR), start + HOUR)
    const name = nameOf('events', start)
    await client.query(`ALTER TABLE ${schema}.events DETACH PARTITION ${schema}.${name}`)
    await client.query(`ALTER TABLE ${schema}.${name} RENAME TO gone_${name}`)
    // Meanwhile nothing can be opened again, and the key is free.
    expect(await store.tasks.retry({ tenant: T, sequence: 1, subscription: 'a' }, start + DAY)).toBe(false)
    const again = await admit('x', start + DAY + HOUR)
    expect(await partitions.dropEvents(start)).toBe(1)
    expect(await store.tasks.get({ tenant: T, sequence: 1, subscription: 'a' })).toBeNull()
    expect(await store.log.find(T, 'x')).toMatchObject([{ sequence: again }])
  })

  it('wait for who reads, and let nobody wait for them', async () => {
    await partitions.prepare(start, DAY)
    await admit('x', start + HOUR, {}, [])
    await client.query(`BEGIN; SELECT count(*) FROM ${schema}.events`)
    await expect(partitions.dropEvents(start + DAY)).rejects.toMatchObject({
      code: 'unavailable',
      data: { postgres: '55P03' },
    })
    await admit('y', start + HOUR, {}, [])
    await client.query('COMMIT')
    expect(await partitions.dropEvents(start + DAY)).toBe(3)
    expect(await store.log.list({ tenant: T }, { after: null, limit: 10 })).toEqual([])
  })
})
