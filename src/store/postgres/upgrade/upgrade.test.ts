/**
 * A node of the version before works on while a newer one brings the schema forward, and beside it afterwards. The old node
 * is played from what it once said to the database (`recording.ts`), prepared statements and all: each answer must be the
 * one it got then.
 */
import pg from 'pg'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isLacking, named } from '../../../../test/faults/tools.js'
import { freshDatabase, POSTGRES } from '../../../../test/services.js'
import { dump } from '../../conformance/dump.js'
import { admission, candidate, event, NOW, request, settlement } from '../../conformance/fixtures.js'
import { nextStep, RESOURCES, startLife, TENANTS } from '../../conformance/trace-steps.js'
import type { Store } from '../../port.js'
import { migrate } from '../migrate.js'
import { MIGRATIONS, SCHEMA_VERSION } from '../migrations/all.js'
import { openPool, type PostgresOptions, settingsFor } from '../pool.js'
import { openPostgresStore } from '../store.js'
import { lastRecorded, listen, RECORDED_SCHEMA, readRecording, type Said, sent, writeRecording } from './recording.js'

const STEPS = 100
const SEED = 20_260
const PREVIOUS = lastRecorded(SCHEMA_VERSION)

const optionsFor = (url: string, connections: number): PostgresOptions => ({
  url,
  connections,
  schema: RECORDED_SCHEMA,
})

async function openFor(url: string, connections = 1): Promise<Store> {
  const store = await openPostgresStore(optionsFor(url, connections))
  onTestFinished(() => store.close())
  return store
}

/** A schema as a program of that version left it, and a connection like one of its. */
async function openOld(url: string, version: number): Promise<pg.Client> {
  const pool = await openPool(optionsFor(url, 1))
  await migrate(
    pool,
    RECORDED_SCHEMA,
    'epoch',
    MIGRATIONS.filter((step) => step.version <= version),
  )
  await pool.end()
  const old = new pg.Client({ connectionString: url, options: settingsFor(RECORDED_SCHEMA) })
  old.setTypeParser(20, Number)
  old.setTypeParser(1700, Number)
  await old.connect()
  onTestFinished(() => old.end())
  return old
}

/** What is asked of all tenants hears of the new node's too. */
const isOfAll = ({ text }: Said): boolean => /WHERE true\s+GROUP BY/.test(text)

async function play(old: pg.Client, said: readonly Said[]): Promise<void> {
  for (const one of said) {
    if (one.count === null) {
      await old.query(one.text)
      continue
    }
    const { rows, rowCount } = await old.query(sent(one))
    if (isOfAll(one)) continue
    const told = (each: readonly unknown[]) => each.map((row) => JSON.stringify(row)).sort()
    expect({ rows: told(rows), count: rowCount }, one.text).toEqual({ rows: told(one.rows), count: one.count })
  }
}

/** Too young for what the old node prunes. */
const LATER = NOW + 1_000_000_000

/** Publishes, leases and settles in a tenant of its own, and leaves nothing due. */
async function work(store: Store, round: number): Promise<void> {
  const lane = { tenant: 'newer', subscription: 'local.newer' }
  const events = Array.from({ length: 5 }, (_, index) =>
    event(`${round}-${index}`, { tenant: lane.tenant, receivedAt: LATER }),
  )
  await store.admit(
    events.map((each) => admission(each, [candidate({ subscription: lane.subscription })], { tenant: lane.tenant })),
    null,
  )
  for (let settled = 0; settled < events.length; ) {
    const { leased } = await store.tasks.lease(request({ now: NOW - 1, only: lane }))
    await store.tasks.settle(
      leased.map(({ task }) => settlement(task)),
      null,
    )
    settled += leased.length
  }
}

describe.skipIf(isLacking(POSTGRES))(named('an upgrade', POSTGRES), () => {
  if (process.env.TOCSIN_RECORD === '1')
    it('is prepared by writing down what this version says', async () => {
      const url = await freshDatabase()
      await (await openFor(url)).close()
      const store = await openFor(url)
      await store.ping()
      const { said, stop } = listen()
      const life = startLife(SEED)
      for (let step = 0; step < STEPS; step++) {
        const { perform, learn } = nextStep(life)
        learn(await perform(store))
      }
      await dump(store, TENANTS, RESOURCES)
      stop()
      writeRecording(SCHEMA_VERSION, said)
      expect(readRecording(SCHEMA_VERSION)).toEqual(JSON.parse(JSON.stringify(said)))
    }, 120_000)

  it('is not tried with a version whose nodes may not go on', () => {
    for (const step of MIGRATIONS.filter(({ version }) => version > PREVIOUS))
      expect(step.oldest, `migration ${step.version}`).toBeLessThanOrEqual(PREVIOUS)
  })

  it('finds resources by codes that are numbers and were kept before', async () => {
    const url = await freshDatabase()
    const old = await openOld(url, 15)
    const resources = {
      n: { code: 42, x: '"code":1' },
      float: { x: { code: 7 }, code: -1.5e-7 },
      within: { x: { code: 8 } },
      // PostgreSQL cannot take these apart: they wait until they are written next.
      nul: { code: 9, x: '\0' },
      half: { code: 9, x: '\ud800' },
      text: { code: 'a', x: '"code":1' },
    }
    for (const [id, properties] of Object.entries(resources))
      await old.query(
        `INSERT INTO resources (tenant, id, type, revision, properties, created_at, updated_at, key)
          VALUES ('t', $1, 'card', 1, $2, 1, 1, $1)`,
        [id, JSON.stringify(properties)],
      )
    const { registry } = await openFor(url)
    const found = ['42', '-1.5e-7', '7', '8', '9'].map(async (code) => (await registry.byCode('t', null, code))?.id)
    expect(await Promise.all(found)).toEqual(['n', 'float', undefined, undefined, undefined])
  })

  it('leaves a node of the version before all its answers, while it comes and afterwards', async () => {
    const url = await freshDatabase()
    const old = await openOld(url, PREVIOUS)
    const said = readRecording(PREVIOUS)
    // Between two transactions, as the steps wait for whoever writes.
    const half = said.findIndex(({ text }, index) => index > said.length / 2 && text === 'COMMIT') + 1
    await play(old, said.slice(0, half))
    const store = await openFor(url, 2)
    expect((await store.ping()).schemaVersion).toBe(SCHEMA_VERSION)
    const pieces = 8
    const size = Math.ceil((said.length - half) / pieces)
    let from = half
    for (let piece = 0; piece < pieces; piece++) {
      const end = said.findIndex(({ text }, index) => index >= from + size && text === 'COMMIT')
      const to = end === -1 ? said.length : end + 1
      await work(store, piece)
      await play(old, said.slice(from, to))
      from = to
    }
    expect((await store.tasks.counts('newer')).done).toBe(pieces * 5)
  }, 120_000)
})
