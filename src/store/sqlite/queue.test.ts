/**
 * What the queue costs: statements and their plans are counted, never time.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admission, candidate, done, event, NOW, put, request, settlement, T } from '../conformance/fixtures.js'
import type { Admission, LeasedTask } from '../port.js'
import { admitOne } from './admit.js'
import type { Connection, Statement } from './driver.js'
import { openConnection } from './driver.js'
import { leaseTasks } from './lease.js'
import { sqliteLog } from './log.js'
import { pruneTasks } from './maintenance.js'
import { migrate } from './migrate.js'
import { applyChange, sqliteRegistry } from './registry.js'
import { Session } from './session.js'
import { settleOne } from './settle.js'
import { sqliteTasks } from './tasks.js'
import { seers } from './visibility.js'

const CHAIN = 'local.processors'
const chain = candidate({ subscription: CHAIN, locks: true, likeness: null })

let connection: Connection
let session: Session
let said: string[] = []

/** Notes each statement that is run. */
const listening = (inner: Connection): Connection => ({
  exec: (sql) => inner.exec(sql),
  close: () => inner.close(),
  prepare: (sql) => noting(sql, inner.prepare(sql)),
})

function noting(sql: string, statement: Statement): Statement {
  const noted = (): Statement => {
    said.push(sql)
    return statement
  }
  return {
    run: (...values) => noted().run(...values),
    get: (...values) => noted().get(...values),
    all: (...values) => noted().all(...values),
    setReturnArrays: (enabled) => statement.setReturnArrays(enabled),
  }
}

beforeEach(() => {
  connection = openConnection(':memory:')
  migrate(connection, 'epoch')
  session = new Session(listening(connection))
})
afterEach(() => session.close())

function statementsOf(work: () => unknown): number {
  said = []
  work()
  return said.length
}

const admit = (one: Admission) => admitOne(session, one, null)
const lease = (limit = 1): readonly LeasedTask[] => leaseTasks(session, request({ limit })).leased
const settle = ({ task }: LeasedTask) => settleOne(session, settlement(task, done, { attempt: null }), null)

const about = (id: string, superOwner: string | null = null) =>
  admission(event(id, { subject: id, superOwner }), [chain])

/** So many that wait for the same resource, copied from the one that does. */
function multiply(count: number): void {
  const copied = (table: string, change: Readonly<Record<string, string>>): string => {
    const columns = connection.prepare(`SELECT name FROM pragma_table_info('${table}')`).all() as { name: string }[]
    const values = columns.map(({ name }) => change[name] ?? name)
    return `INSERT INTO ${table} (${columns.map(({ name }) => name).join(', ')})
      SELECT ${values.join(', ')} FROM ${table}, (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT i FROM n) WHERE tenant = '${T}' AND sequence = 2`
  }
  const sequence = '1000 + i'
  connection.exec(copied('events', { sequence, id: "'m' || i", subject: "'m' || i" }))
  connection.exec(copied('tasks', { sequence, subject: "'m' || i", group_key: "'m' || i" }))
}

describe('100,000 tasks behind one busy super owner', () => {
  it('cost those of others nothing, nor the one that comes forward', () => {
    const counted = [0, 100_000].map((behind) => {
      session.close()
      connection = openConnection(':memory:')
      migrate(connection, 'epoch')
      session = new Session(listening(connection))
      admit(about('1', 'ann'))
      const [head] = lease()
      admit(about('2', 'ann'))
      if (behind > 0) multiply(behind)
      const others = statementsOf(() => {
        for (const id of ['x', 'y', 'z']) admit(about(`${id}${behind}`, 'bob'))
        for (const task of lease(10)) settle(task)
      })
      const end = statementsOf(() => head && settle(head))
      expect(lease(10).map(({ task }) => task.subject)).toContain('2')
      return [others, end]
    })
    expect(counted[1]).toEqual(counted[0])
  })
})

describe('a task without locks, likes and results', () => {
  it('takes as many statements as ever to be enqueued, leased and settled', () => {
    const plain = (id: string) => admission(event(id, { subject: id }), [candidate({ subscription: CHAIN })])
    const both = [plain('1'), about('2')].map((one) => [statementsOf(() => admit(one)), statementsOf(() => lease())])
    // Key, event, group, task; and the first lease reads what is held.
    expect(both[0]?.[0]).toBeLessThanOrEqual(6)
    admit(plain('3'))
    admit(about('4'))
    const rest = lease(10)
    const settled = rest.map((task) => statementsOf(() => settle(task)))
    expect(new Set(settled).size).toBeLessThanOrEqual(2)
    expect(Math.max(...settled)).toBeLessThanOrEqual(4)
  })
})

describe('every statement of the queue', () => {
  it('is answered by an index', () => {
    said = []
    const like = candidate({ subscription: CHAIN, locks: true, likeness: 'same' })
    for (const id of ['1', '2', '3', '4']) {
      admit(
        admission(
          event(id, { subject: id, superOwner: 'ann', parentId: '1', partitionKey: 'g' }),
          [like, chain].slice(0, 1),
        ),
      )
    }
    const tasks = sqliteTasks(session)
    const log = sqliteLog(session)
    for (const task of lease(10)) settle(task)
    tasks.reprioritise({ tenant: T, sequence: 4, subscription: CHAIN }, 'high')
    tasks.remove([{ tenant: T, sequence: 1, subscription: CHAIN }])
    for (const filter of [
      { transactionId: 't' },
      { parentId: 'p' },
      { rootId: 'r' },
      { subject: 's' },
      { superOwner: 'o' },
    ]) {
      tasks.list({ tenant: T, ...filter }, { after: null, limit: 10 })
      tasks.countsBy({ tenant: T, ...filter })
    }
    log.transaction(T, 't')
    log.children(T, 'p', 5)
    sqliteRegistry(session).byCode(T, null, 'x')
    pruneTasks(session, NOW + 1, 5)
    tasks.takeOver(NOW)
    for (const sql of new Set(said)) expect(scansOf(sql), sql).toEqual([])
    const firsts = [...new Set(said)].filter((sql) => /tasks_(blocked|ready|behind|alike)/.test(sql))
    for (const sql of firsts) expect(stepsOf(sql).join(), sql).not.toContain('TEMP B-TREE')
  })
})

describe('the graph', () => {
  it('is asked for the links of one resource, never for all there are', () => {
    said = []
    const looking = ['a', 'b', 'c', 'd', 'e'].map((resource) => ({ subscription: resource, scope: { resource } }))
    const linked = { do: 'link', from: 'b', relation: 'near', to: 'a', strong: false } as const
    const steps = [put('a', 'o'), ...['b', 'c', 'd', 'e'].map((id) => put(id)), linked]
    applyChange(session, { steps, expect: [] }, { tenant: T, sequence: 1, at: NOW, actor: 'k' })
    const registry = sqliteRegistry(session)
    registry.links(T, 'a', null)
    registry.link(T, linked)
    const after = { other: 'b', end: 'from', relation: 'near' } as const
    registry.linkPage({ tenant: T, id: 'a', relation: 'near' }, { after, limit: 5 })
    seers(session, T, looking, 'a', null)
    applyChange(
      session,
      { steps: [{ do: 'remove', id: 'a' }], expect: [] },
      { tenant: T, sequence: 2, at: NOW, actor: 'k' },
    )
    const asked = [...new Set(said)].filter((sql) => /\blinks\b/.test(sql) && !sql.startsWith('INSERT'))
    expect(asked.length).toBeGreaterThan(8)
    expect(
      stepsOf(asked.find((sql) => sql.includes('links_by_end') && sql.includes('LIMIT')) ?? '').join(),
    ).not.toContain('TEMP B-TREE')
    for (const sql of asked) expect(stepsOf(sql).join('\n'), sql).not.toMatch(/links USING .*\(tenant=\?\)/)
  })
})

/**
 * Steps that walk through a table, or through an index without a bound. What is leased or asleep is walked from its start;
 * slices, of which there are seldom any, are counted once.
 */
function scansOf(sql: string): readonly string[] {
  if (!/^(SELECT|UPDATE|DELETE|WITH)/.test(sql)) return []
  const allowed = /tasks_(leased|asleep|ready|blocked)|SCAN slices|CONSTANT ROW|SCAN f\b|SCAN family|SCAN json_each/
  return stepsOf(sql).filter((detail) => detail.startsWith('SCAN') && !allowed.test(detail))
}

function stepsOf(sql: string): readonly string[] {
  const steps = connection.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]
  return steps.map(({ detail }) => detail)
}
