/**
 * The bench runs to its end and prints what it promises. Never how fast: a test machine is no place to tell.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { isLacking, named } from './faults/tools.js'
import { POSTGRES } from './services.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUILT = existsSync(new URL('../dist/src/index.js', import.meta.url))

const bench = async (args: readonly string[], env = process.env) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'bench/main.ts', ...args, '--quick'],
    { cwd: ROOT, timeout: 150_000, env },
  )
  return stdout
}

type Row = Readonly<Record<string, unknown>>

const rowsOf = async (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  JSON.parse(await bench([...args, '--json'], env)) as readonly Row[]

const expectRow = (row: Row) => {
  expect(row).toMatchObject({
    work: expect.any(String),
    unit: expect.any(String),
    ours: expect.any(Number),
    against: expect.any(Object),
    ratio: expect.any(Object),
    runs: 1,
    min: expect.any(Number),
    max: expect.any(Number),
  })
  expect(Object.keys(row.ratio as object)).toEqual(Object.keys(row.against as object))
}

/** Of the ways that need no server. */
const CLIENTS = ['SQLite, the same thread', 'appendFile, datasync']
const LIMIT = 'the same, kept before and its end after'

const having = (rows: readonly Row[], limit: string) => rows.filter((row) => row[limit] !== undefined)

describe.skipIf(!BUILT)('npm run bench -- spine', () => {
  it('prints an array of rows with --json', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['spine'])
    expect(rows).toHaveLength(12)
    for (const row of rows) expectRow(row)
    expect(having(rows, 'goal')).toHaveLength(7)
    expect(having(rows, 'atMost')).toHaveLength(1)
  })

  it('prints a table for people', { timeout: 60_000 }, async () => {
    const lines = (await bench(['spine', '--only', 'dispatch'])).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^work +unit +ours +range +against +its value +ratio +wanted/)
    expect(lines).toHaveLength(4)
  })
})

describe.skipIf(!BUILT)('npm run bench -- queue', () => {
  it('prints an array of rows without any peer', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['queue', '--peers', 'none'])
    expect(rows).toHaveLength(21)
    for (const row of rows) {
      expectRow(row)
      expect(row.against).toEqual({})
    }
    expect(having(rows, 'atLeast').map(({ work }) => work)).toEqual([
      'enqueue one by one, 50 callers',
      'drain of a backlog',
      'drain, 90 % of the tasks on 10 keys',
    ])
    expect(having(rows, 'atMost')).toHaveLength(8)
  })

  it('prints what the bare store can do beside what only has to be kept', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['queue', '--peers', 'raw', '--only', 'a backlog'])
    const limits = having(rows, 'limits').map(({ work, against }) => [work, Object.keys(against as object)])
    const raw = ['raw limit (embedded, bare SQLite)']
    expect(limits).toEqual([['drain of a backlog', raw]])
    for (const row of rows) expectRow(row)
  })

  it('names a peer that cannot be had, with the reason', { timeout: 60_000 }, async () => {
    const nothing = { ...process.env, PATH: '' }
    const [row = {}] = await rowsOf(['queue', '--peers', 'bullmq', '--only', 'drain of'], nothing)
    expectRow(row)
    expect(row.absent).toEqual({
      'BullMQ, fsync always': expect.stringMatching(/./),
      'BullMQ, fsync everysec': expect.stringMatching(/./),
    })
  })

  it('refuses a peer it does not know', { timeout: 60_000 }, async () => {
    await expect(bench(['queue', '--peers', 'bullmq,cron'])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('raw,pg-boss,graphile-worker,bullmq'),
    })
  })
})

describe.skipIf(!BUILT)('npm run bench -- deliveries', () => {
  it('prints rows of each way out, beside its bare client', { timeout: 60_000 }, async () => {
    const rows = await rowsOf(['deliveries', '--only', 'file'])
    expect(rows.map(({ work, against }) => [work, ...Object.keys(against as object)])).toEqual(
      ['rows in an SQLite file', 'lines in a file'].flatMap((way, index) => [
        [way, CLIENTS[index], LIMIT],
        [`${way}, our processor time for 1,000`, CLIENTS[index], LIMIT],
        [`${way}, heap left by 1,000`],
      ]),
    )
    for (const row of rows) expectRow(row)
    expect(having(rows, 'goal').map(({ goal }) => goal)).toEqual([0.7, 0.7])
    expect(having(rows, 'limits').map(({ limits }) => limits)).toEqual(Array.from({ length: 4 }, () => [LIMIT]))
  })
})

describe.skipIf(!BUILT)('npm run bench -- hostile', () => {
  it('prints rows of good receivers and tenants, beside what they have alone', { timeout: 120_000 }, async () => {
    const rows = await rowsOf(['hostile', '--only', 'tenants'])
    expect(rows.map(({ work }) => work)).toEqual([
      '19 tenants beside one that floods, p50',
      '19 tenants beside one that floods, p99',
      'events of the one that floods',
    ])
    for (const row of rows) expectRow(row)
    expect(having(rows, 'goal').map(({ goal, less }) => [goal, less])).toEqual([[1.5, true]])
  })
})

describe.skipIf(!BUILT || isLacking(POSTGRES))(named('npm run bench -- postgres', POSTGRES), () => {
  it('prints rows of several nodes', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['postgres', '--peers', 'none', '--only', 'drain of a backlog, 2'])
    expect(rows.map(({ work }) => work)).toEqual(['drain of a backlog, 2 nodes'])
    for (const row of rows) expectRow(row)
  })
})

describe.skipIf(!BUILT)('npm run bench -- aws', () => {
  it('prints rows of messages sent, received and deleted beside our own API and the bare store', {
    timeout: 160_000,
  }, async () => {
    const rows = await rowsOf(['aws', '--only', 'SQLite: Send'])
    expect(rows.map(({ against }) => Object.keys(against as object))).toEqual(
      Array.from({ length: 3 }, () => ['our own API', 'in process, no HTTP', 'the bare store']),
    )
    for (const row of rows) expectRow(row)
  })
})

describe.skipIf(!BUILT)('npm run bench -- registry', () => {
  const SIZES = ['--resources', '500', '--links', '1500', '--subscribers', '4']

  it('prints rows of each store, with what is wanted of them', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['registry', ...SIZES])
    expect(rows).toHaveLength(isLacking(POSTGRES) ? 12 : 24)
    for (const row of rows) expectRow(row)
    const wanted = rows.slice(0, 12).flatMap(({ work, atLeast, atMost }) => (atLeast || atMost ? [work] : []))
    expect(wanted).toEqual([
      'SQLite: import, to raw inserts',
      'SQLite: who may see, a candidate',
      'SQLite: 4 told, others held, longest',
    ])
  })

  it('refuses what is no size', { timeout: 60_000 }, async () => {
    const stderr = 'A size is a whole number from 2 on, not many.\n'
    await expect(bench(['registry', '--links', 'many'])).rejects.toMatchObject({ code: 2, stderr })
  })
})

describe.skipIf(!BUILT || isLacking(POSTGRES))(named('npm run bench -- capture', POSTGRES), () => {
  it('catches up with as many changes as it is told', { timeout: 160_000 }, async () => {
    const rows = await rowsOf(['capture', '--changes', '200', '--only', 'changes, written and told'])
    expect(rows.map(({ work }) => work)).toEqual(
      ['logical decoding', 'triggers'].flatMap((method) =>
        ['written and told', 'written', 'our processor time of one', 'most resident memory'].map(
          (figure) => `${method}: 200 changes, ${figure}`,
        ),
      ),
    )
    for (const row of rows) expectRow(row)
  })
})
