/**
 * Events that wait for one SQLite file share a transaction, and none pays for another.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type SqlGround, sqliteGround } from '../../../test/sql-grounds.js'
import { sqliteDatabase } from './sqlite.js'
import type { SqliteFailed } from './sqlite-threads.js'

let ground: SqlGround
let database: ReturnType<typeof sqliteDatabase>
beforeEach(async () => {
  ground = await sqliteGround()
  database = sqliteDatabase(ground.filesRoot ?? '', ['default', 'idms.db'])
})
afterEach(async () => {
  await database.close()
  await ground.close()
})

const insert = (id: string | null, signal = new AbortController().signal) =>
  database.run({ guard: null, statement: { text: 'INSERT INTO told (id) VALUES (?1)', values: [id] } }, signal)
const rows = async () => (await ground.run('SELECT id FROM told ORDER BY id')).map(({ id }) => id)
/** Each transaction adds one to it (https://sqlite.org/fileformat2.html#file_change_counter). */
const transactions = () => readFileSync(join(ground.filesRoot ?? '', 'default', 'idms.db')).readUInt32BE(24)
const IDS = Array.from({ length: 50 }, (_, number) => `e${10 + number}`)

/** What became of each. */
const outcomes = async (ids: readonly (string | null)[]) =>
  (await Promise.allSettled(ids.map((id) => insert(id)))).map((settled) =>
    settled.status === 'fulfilled' ? settled.value : (settled.reason as SqliteFailed).errcode,
  )

describe('events that wait for one file', () => {
  it('are written in one transaction', async () => {
    await ground.run('CREATE TABLE told (id text PRIMARY KEY)')
    const before = transactions()
    expect(await outcomes(IDS)).toEqual(IDS.map(() => 1))
    expect(transactions() - before).toBe(1)
    expect(await rows()).toEqual(IDS)
  })

  it('fail alone', async () => {
    await ground.run('CREATE TABLE told (id text NOT NULL PRIMARY KEY)')
    expect(await outcomes(['a', null, 'b', 'a', 'c'])).toEqual([1, 1299, 1, 1555, 1])
    expect(await rows()).toEqual(['a', 'b', 'c'])
  })

  it('leave no guard behind where they fail', async () => {
    await ground.run('CREATE TABLE told (id text NOT NULL)')
    await ground.run('CREATE TABLE guards (id text)')
    const guarded = (id: string | null) => {
      const guard = { text: 'INSERT INTO guards VALUES (?1)', values: [String(id)] }
      const statement = { text: 'INSERT INTO told VALUES (?1)', values: [id] }
      return database.run({ guard, statement }, new AbortController().signal)
    }
    await Promise.allSettled(['a', null, 'b'].map(guarded))
    expect((await ground.run('SELECT id FROM guards ORDER BY id')).map(({ id }) => id)).toEqual(['a', 'b'])
  })

  it.each([
    ['at its commit', 'CREATE TABLE told (id text REFERENCES cards (id) DEFERRABLE INITIALLY DEFERRED)', 787],
    [
      'for the whole transaction',
      "CREATE TRIGGER no BEFORE INSERT ON told WHEN new.id = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END",
      1811,
    ],
  ])('fail alone where one is refused %s', async (_title, more, code) => {
    await ground.run('CREATE TABLE cards (id text PRIMARY KEY)')
    await ground.run("INSERT INTO cards VALUES ('a'), ('b')")
    if (more.startsWith('CREATE TRIGGER')) await ground.run('CREATE TABLE told (id text)')
    await ground.run(more)
    expect(await outcomes(['a', 'bad', 'b'])).toEqual([1, code, 1])
    expect(await rows()).toEqual(['a', 'b'])
  })

  it('are told which file is not there', async () => {
    const missing = sqliteDatabase(ground.filesRoot ?? '', ['default', 'sub', 'idms.db'])
    const work = { guard: null, statement: { text: 'SELECT 1', values: [] } }
    await expect(missing.run(work, new AbortController().signal)).rejects.toThrow(
      /no file default\/sub\/idms\.db below/,
    )
    await missing.close()
  })

  it('are all waited for while one is called off, and nobody waits for who was', async () => {
    await ground.run('CREATE TABLE told (id text)')
    const release = await ground.hold('told')
    const off = new AbortController()
    const [one, other] = [insert('a', off.signal), insert('b')]
    setTimeout(() => off.abort(new Error('called off')), 200)
    await expect(one).rejects.toThrow('called off')
    await release()
    expect(await other).toBe(1)
    expect(await rows()).toContain('b')
  })
})
