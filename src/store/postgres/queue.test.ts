/**
 * What the queue costs on PostgreSQL: statements, waits for an answer and plans are counted, never time.
 */
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES, postgres } from '../../../test/services.js'
import type { Priority } from '../../event/envelope.js'
import { admission, candidate, event, NOW, request, settlement, subscription, T } from '../conformance/fixtures.js'
import type { LeasedTask, SettleResult, Store, TaskKey } from '../port.js'
import { Flight } from './flight.js'
import { settingsFor } from './pool.js'
import { openPostgresStore } from './store.js'

const CHAIN = 'local.processors'
const chain = (id: string) =>
  admission(event(id, { subject: id, superOwner: `owner-${id}` }), [
    candidate({ subscription: CHAIN, locks: true, likeness: id }),
  ])
const remote = (id: string) => admission(event(id, { subject: id }), [candidate()])
const some = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, index) => `e${from + index}`)

interface Said {
  readonly name: string | undefined
  readonly text: string
  readonly values: number
}

let database: Database
let store: Store
let said: Said[] = []
/** How often the loop turned with something asked and nothing answered: each is a wait for the server. */
let waits = 0

/** Both may fall into one turn of the loop. */
const atMostTwo = expect.toSatisfy((count: number) => count <= 2)

/** Notes each statement; they are sent all the same. */
function listen(): void {
  const query = pg.Client.prototype.query
  let isTold = false
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [string | Flight | { text: string; name?: string; values?: unknown[] }]
    if (typeof config === 'string') said.push({ name: undefined, text: config, values: 0 })
    else if (config instanceof Flight) said.push(...config.questions.map(saidOf))
    else said.push({ name: config.name, text: config.text, values: config.values?.length ?? 0 })
    if (!isTold) {
      isTold = true
      waits += 1
      setImmediate(() => {
        isTold = false
      })
    }
    return Reflect.apply(query, this, args)
  } as typeof query)
}

const saidOf = ({ statement: { name, text }, values }: Flight['questions'][number]): Said => ({
  name: name === '' ? undefined : name,
  text,
  values: values.length,
})

const isPlanned = ({ name, text }: Said): boolean => name !== undefined && !/^(BEGIN|COMMIT|ROLLBACK|SET)\b/.test(text)

async function costOf(work: () => Promise<unknown>): Promise<{ statements: number; waits: number }> {
  said = []
  waits = 0
  await work()
  return { statements: said.length, waits }
}

const lease = async (limit: number): Promise<readonly LeasedTask[]> =>
  (await store.tasks.lease(request({ limit, perLane: limit }))).leased
const settle = (leased: readonly LeasedTask[]) =>
  store.tasks.settle(
    leased.map(({ task }) => settlement(task)),
    null,
  )

describe.skipIf(isLacking(POSTGRES))(named('the queue on PostgreSQL', POSTGRES), () => {
  let schemas = 0
  beforeAll(async () => {
    database = await createDatabase(await postgres())
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    store = await openPostgresStore({ url: database.url, schema: `q${schemas++}`, connections: 2 })
    await store.subscriptions.create(subscription('a'))
    listen()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await store.close()
  })

  it.each([
    ['that of processors', chain],
    ['that of a subscriber', remote],
  ])('takes as many statements for a hundred tasks as for one: %s', async (_, make) => {
    const admit = (ids: readonly string[]) => store.admit(ids.map(make), null)
    // Once, for what is only done once.
    await admit(['first'])
    await settle(await lease(1))
    const costs = []
    for (const count of [1, 100]) {
      let leased: readonly LeasedTask[] = []
      const admitting = await costOf(() => admit(some(count, count)))
      const leasing = await costOf(async () => {
        leased = await lease(count)
      })
      expect(leased).toHaveLength(count)
      costs.push([admitting, leasing, await costOf(() => settle(leased))].map(({ statements }) => statements))
    }
    expect(costs[1]).toEqual(costs[0])
    expect(Math.max(...costs.flat())).toBeLessThanOrEqual(16)
  })

  it('waits as often for a hundred events that few may see as for one, and writes them together', async () => {
    const scoped = (id: string) =>
      admission(event(id, { subject: id }), [
        candidate({ scope: { resource: 'acme' } }),
        candidate({ scope: { resource: id } }),
      ])
    const admit = (ids: readonly string[]) => store.admit(ids.map(scoped), null)
    await admit(['first'])
    const costs = []
    for (const count of [1, 100]) costs.push(await costOf(() => admit(some(count, count))))
    expect(costs[1]?.waits).toBe(costs[0]?.waits)
    expect(said.filter(({ text }) => text.startsWith('INSERT INTO events'))).toHaveLength(1)
    expect((await store.tasks.lease(request({ limit: 200, perLane: 200 }))).leased).toHaveLength(102)
  })

  it('takes as many for a hundred that join groups, raise them and follow each other, each time with two waits', async () => {
    const member = (priority: Priority) => (id: string) =>
      admission(event(`${id}-${priority}`, { subject: id, superOwner: `owner-${id}` }), [
        candidate({ subscription: CHAIN, locks: true, likeness: `${id}-${priority}`, priority }),
      ])
    await store.admit([chain('first')], null)
    await settle(await lease(1))
    const costs = []
    for (const count of [1, 100]) {
      const ids = some(count, count)
      await store.admit(ids.map(member('normal')), null)
      const joining = await costOf(() => store.admit(ids.map(member('high')), null))
      const heads = await lease(count)
      let heirs: readonly SettleResult[] = []
      const following = await costOf(async () => {
        const settlements = heads.map(({ task }) => settlement(task, undefined, { leaseNext: true }))
        heirs = await store.tasks.settle(settlements, request())
      })
      expect(heirs.flatMap(({ leased }) => leased)).toHaveLength(count)
      expect([joining, following]).toMatchObject([{ waits: atMostTwo }, { waits: atMostTwo }])
      costs.push([joining, following].map(({ statements }) => statements))
      await settle(heirs.flatMap(({ leased }) => leased))
    }
    expect(costs[1]).toEqual(costs[0])
  })

  it('takes as many for a hundred that say what an older one says as for one, wherever that stands', async () => {
    const saying = (round: number, what: string) => (id: string) =>
      admission(event(`${id}-${what}-${round}`, { subject: id, superOwner: `owner-${id}` }), [
        candidate({
          ...{ subscription: CHAIN, locks: true, likeness: `${id}-${what}` },
          priority: what === 'urgent' ? 'high' : 'normal',
        }),
      ])
    const again = (ids: readonly string[], round: number, whats: readonly string[]) =>
      costOf(() =>
        store.admit(
          ids.flatMap((id) => whats.map((what) => saying(round, what)(id))),
          null,
        ),
      )
    await again(['once'], 0, ['head'])
    const costs = []
    for (const count of [1, 100]) {
      const ids = some(count, count)
      await again(ids, 0, ['head', 'behind', 'urgent', 'last'])
      const one = [await again(ids, 1, ['urgent']), await again(ids, 1, ['behind']), await again(ids, 1, ['head'])]
      const twins = await costOf(() =>
        store.admit(
          [2, 3].flatMap((round) => ids.map(saying(round, 'new'))),
          null,
        ),
      )
      expect(Math.max(...[...one, twins].map(({ waits }) => waits))).toBeLessThanOrEqual(4)
      costs.push([...one, twins].map(({ statements }) => statements))
    }
    expect(await store.tasks.counts(T)).toMatchObject({ cancelled: 4 * 101, due: 101 + 1 })
    expect(costs[1]).toEqual(costs[0])
  })

  it('takes as many for a hundred that supersede older ones as for one, whether those lead or wait', async () => {
    const newest = (round: number) => (id: string) =>
      admission(event(`${id}-${round}`, { subject: id }), [candidate({ order: 'latest' })])
    const again = (ids: readonly string[], rounds: readonly number[]) =>
      costOf(() =>
        store.admit(
          rounds.flatMap((round) => ids.map(newest(round))),
          null,
        ),
      )
    await again(['once'], [0])
    const costs = []
    for (const count of [1, 100]) {
      const ids = some(count, count)
      await again(ids, [0])
      const leading = await again(ids, [1, 2])
      await lease(200)
      await again(ids, [3])
      const waiting = await again(ids, [4, 5])
      for (const { waits } of [leading, waiting]) expect(waits).toBeLessThanOrEqual(3)
      costs.push([leading, waiting].map(({ statements }) => statements))
    }
    expect(await store.tasks.counts(T)).toMatchObject({ cancelled: 4 * 101, leased: 101 + 1, waiting: 101 })
    expect(costs[1]).toEqual(costs[0])
  })

  it('takes as many for a hundred that fail as for one: tried again later, awake again, rescued, and refused', async () => {
    const TRY = { state: 'waiting', wakeAt: NOW + 200, failed: true, code: 'no', message: 'No.' } as const
    const REFUSE = { state: 'refused', code: 'no', message: 'No.' } as const
    const fail = (leased: readonly LeasedTask[], next: typeof TRY | typeof REFUSE) =>
      costOf(() =>
        store.tasks.settle(
          leased.map(({ task }) => settlement(task, next)),
          null,
        ),
      )
    await store.admit([chain('once'), remote('twice')], null)
    await settle(await lease(2))
    const costs = []
    for (const count of [1, 100]) {
      const ids = some(count, count)
      await store.admit([...ids.map(chain), ...ids.map((id) => `${id}-too`).map(remote)], null)
      const trying = await fail(await lease(2 * count), TRY)
      let leased: readonly LeasedTask[] = []
      const leaseAt = (now: number) =>
        costOf(async () => {
          leased = (await store.tasks.lease(request({ now, limit: 2 * count, perLane: count }))).leased
        })
      const waking = await leaseAt(NOW + 200)
      expect(leased).toHaveLength(2 * count)
      const rescuing = await leaseAt(NOW + 200_000)
      expect(leased.map(({ task }) => task.attempts)).toEqual(Array.from({ length: 2 * count }, () => 3))
      const all = [trying, waking, rescuing, await fail(leased, REFUSE)]
      expect(Math.max(...all.map(({ waits }) => waits))).toBeLessThanOrEqual(12)
      costs.push(all.map(({ statements }) => statements))
    }
    expect(costs[1]).toEqual(costs[0])
  })

  it('takes as many for a hundred that are told from the log as for one, new or again', async () => {
    const lane = { tenant: T, subscription: 'a' }
    const turn = async (ids: readonly string[]) => {
      const found = (await Promise.all(ids.map((id) => store.log.find(T, id)))).flat()
      const entries = found.map((row) => ({ event: row, candidate: candidate() }))
      return costOf(() =>
        store.tasks.turn(lane, entries, { now: NOW, again: true, cursor: null, last: false, from: null }),
      )
    }
    await store.admit([admission(event('once'), [])], null)
    await turn(['once'])
    const costs = []
    for (const count of [1, 100]) {
      const ids = some(count, count)
      await store.admit(
        ids.map((id) => admission(event(id, { subject: id }), [])),
        null,
      )
      const first = await turn(ids)
      await settle(await lease(200))
      const again = await turn(ids)
      for (const { waits } of [first, again]) expect(waits).toBeLessThanOrEqual(4)
      costs.push([first, again].map(({ statements }) => statements))
      await settle(await lease(200))
    }
    expect(await store.tasks.counts(T)).toMatchObject({ done: 102 })
    expect(costs[1]).toEqual(costs[0])
  })

  it('takes as many for a hundred that are moved, cancelled or deleted together as for ten', async () => {
    const all = (ids: readonly string[], verb: (key: TaskKey) => Promise<unknown>) =>
      costOf(() =>
        Promise.all(ids.map(async (_, index) => verb({ tenant: T, sequence: first + index, subscription: CHAIN }))),
      )
    let first = 1
    const costs = []
    for (const count of [10, 100]) {
      const ids = some(count, count)
      await store.admit([...ids.map(chain), ...ids.map((id) => `${id}-too`).map(chain)], null)
      const moving = await all(ids, (key) => store.tasks.reprioritise(key, 'high'))
      const cancelling = await all(ids, (key) => store.tasks.cancel(key, NOW, 'no', 'No.'))
      const deleting = await costOf(() =>
        store.tasks.remove(ids.map((_, index) => ({ tenant: T, sequence: first + index, subscription: CHAIN }))),
      )
      costs.push([moving, cancelling, deleting].map(({ statements }) => statements))
      first += 2 * count
    }
    expect(await store.tasks.counts(T)).toEqual({ due: 110 })
    expect(costs[1]).toEqual(costs[0])
  })

  it('waits twice for the server: for what it asks, and for the commit', async () => {
    await store.admit(some(20, 100).map(chain), null)
    await settle(await lease(5))
    expect(await costOf(() => store.admit(some(20).map(chain), null))).toMatchObject({ waits: atMostTwo })
    let leased: readonly LeasedTask[] = []
    const leasing = await costOf(async () => {
      leased = (await store.tasks.lease(request({ limit: 10 }))).leased
    })
    expect(leased).toHaveLength(10)
    expect(leasing).toMatchObject({ waits: atMostTwo })
    expect(await costOf(() => settle(leased))).toMatchObject({ waits: atMostTwo })
  })

  it('shares a transaction between all that is asked at once', async () => {
    await store.admit(some(20, 100).map(chain), null)
    const leased = await lease(10)
    await costOf(() =>
      Promise.all([
        store.admit(some(5).map(chain), null),
        store.admit(some(5, 50).map(chain), null),
        settle(leased),
        lease(5),
      ]),
    )
    expect(said.filter(({ text }) => text === 'COMMIT')).toHaveLength(1)
  })

  it('lets large ones take turns: the next is prepared while the one is written', async () => {
    const admit = (from: number) => store.admit(some(150, from).map(remote), null)
    await costOf(() => Promise.all([admit(0), admit(150), store.admit([remote('small')], null)]))
    expect(said.filter(({ text }) => text === 'COMMIT')).toHaveLength(2)
  })

  it('asks by an index, in its order, whatever was there when a statement was planned', async () => {
    const like = candidate({ subscription: CHAIN, locks: true, likeness: 'same' })
    said = []
    await store.admit(
      ['1', '2', '3'].map((id) => admission(event(id, { subject: id, superOwner: 'ann', parentId: '1' }), [like])),
      null,
    )
    await store.admit(some(3).map(remote), null)
    await store.admit([admission(event('later'), [candidate({ wakeAt: NOW + 1 })])], null)
    await settle(await lease(10))
    await store.tasks.lease(request({ now: NOW + 100_000, only: { tenant: T, subscription: 'a' } }))
    await store.admit([remote('probe')], null)
    await store.tasks.lease(request({ lanes: [{ tenant: T, subscription: 'a', free: 1, probe: true }] }))
    await store.admit(
      ['n1', 'n2'].map((id) => admission(event(id, { subject: 'n' }), [candidate({ order: 'latest' })])),
      null,
    )
    const [newest] = await store.log.find(T, 'n2')
    const key = { tenant: T, sequence: newest?.sequence ?? 0, subscription: 'a' }
    await store.tasks.reprioritise(key, 'high')
    await store.tasks.cancel(key, NOW, 'no', 'No.')
    await store.tasks.retry(key, NOW)
    const entries = newest ? [{ event: newest, candidate: candidate() }] : []
    await store.tasks.turn(key, entries, { now: NOW, again: true, cursor: null, last: false, from: null })
    await store.tasks.remove([{ tenant: T, sequence: 1, subscription: CHAIN }])
    await store.tasks.heartbeat([{ tenant: T, sequence: 1, subscription: 'a', token: 1 }], NOW)
    await store.pruneTasks(NOW, 5)
    await store.prune(NOW, 5)
    vi.restoreAllMocks()
    const statements = [...new Map(said.filter(isPlanned).map((one) => [one.text, one])).values()]
    for (const [asked] of INDEXES)
      expect(
        statements.some(({ text }) => asked.test(text)),
        String(asked),
      ).toBe(true)
    const empty = await openPostgresStore({ url: database.url, schema: 'planned', connections: 2 })
    await empty.close()
    const plans = await Promise.all(['planned', `q${schemas - 1}`].map((schema) => plansOf(statements, schema)))
    for (const { text, plan } of plans.flat()) {
      expect(plan, text).not.toMatch(/Seq Scan on/)
      for (const [asked, index] of INDEXES) if (asked.test(text)) expect(plan, text).toMatch(index)
    }
  })
})

/** What is asked so must be answered by that index, and by as much of it as can be. */
const INDEXES = [
  [/state = 'due' AND/, /using tasks_ready/],
  [/ORDER BY failures, rank/, /using tasks_ready.*\n.*Index Cond: .*tenant.*subscription/],
  [
    /blocked_by IS NULL ORDER BY (t\.)?sequence LIMIT 1/,
    /using tasks_behind on.*\n.*Index Cond: .*tenant.*subscription.*group_key/,
  ],
  [
    /blocked_by IS NULL AND (t\.)?priority < 2/,
    /using tasks_behind_high on.*\n.*Index Cond: .*tenant.*subscription.*group_key/,
  ],
  [/blocked_by IS NOT NULL\b[\s\S]*? ORDER BY rank/, /using tasks_blocked/],
  [/SELECT v\.tenant, v\.resource, EXISTS/, /using tasks_blocked.*\n.*Index Cond: .*tenant.*blocked_by/],
  [/likeness = (v\.likeness|\$3)/, /using tasks_alike.*\n.*Index Cond: .*tenant.*subscription.*likeness/],
  [/FROM groups AS g/, /using groups_pkey.*\n.*Index Cond: .*tenant.*subscription.*key/],
  [/event_keys AS k\s+WHERE k.tenant = v/, /using event_keys_pkey.*\n.*Index Cond: .*tenant.*id.*source/],
  [/FROM groups AS g\s+JOIN tasks/, /using groups_pkey.*\n.*Index Cond: .*tenant.*subscription.*key/],
  [/RECURSIVE family/, /by_parent on events.*\n.*Index Cond: .*tenant.*parent_id/],
  [/SELECT v\.tenant, v\.id, EXISTS/, /by_parent on events.*\n.*Index Cond: .*tenant.*parent_id/],
  [/JOIN tasks AS t ON t.tenant = v.tenant AND t.sequence = v.sequence/, /using tasks_live_pkey/],
  [/wake_at <= /, /using tasks_asleep/],
  [/leased_until <= /, /using tasks_leased/],
] as const

/** A plan is kept, whether it was made when there was nothing yet, or after PostgreSQL had looked at what there was. */
async function plansOf(
  statements: readonly Said[],
  schema: string,
): Promise<readonly { text: string; plan: string }[]> {
  const client = new pg.Client({ connectionString: database.url, options: settingsFor(schema) })
  await client.connect()
  await client.query('ANALYZE')
  const plans: { text: string; plan: string }[] = []
  for (const { text, values } of statements) {
    await client.query(`PREPARE p AS ${text}`)
    const nothing = values === 0 ? '' : `(${Array.from({ length: values }, () => 'NULL').join(', ')})`
    const { rows } = await client.query<string[]>({ text: `EXPLAIN EXECUTE p${nothing}`, rowMode: 'array' })
    plans.push({ text, plan: rows.map(([line]) => line).join('\n') })
    await client.query('DEALLOCATE p')
  }
  await client.end()
  return plans
}
