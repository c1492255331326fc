import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  admission,
  admitSubjects,
  admitted,
  event,
  leased,
  NOW,
  settlement,
  subscription,
  T,
} from '../conformance/fixtures.js'
import type { Store } from '../port.js'
import { copyFile, restampSqlite } from './copy.js'
import { openConnection } from './driver.js'
import { lockFile } from './lock.js'
import { SCHEMA_VERSION } from './migrations/all.js'
import { openSqliteStore } from './store.js'

let folder = ''
let open: Store[] = []
const path = (name = 'a.db'): string => join(folder, name)
const openStore = async (options: Partial<Parameters<typeof openSqliteStore>[0]> = {}): Promise<Store> => {
  const store = await openSqliteStore({ path: path(), thread: 'main', ...options })
  open.push(store)
  return store
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-sqlite-'))
  open = []
})
afterEach(async () => {
  for (const store of open) await store.close()
  rmSync(folder, { recursive: true, force: true })
})

/** What a statement answers, asked of the file directly. */
function ask(sql: string, file = path()): unknown[] {
  const connection = openConnection(file)
  try {
    return connection.prepare(sql).all()
  } finally {
    connection.close()
  }
}

describe('the file', () => {
  it('keeps everything over closing and opening again', async () => {
    const first = await openStore()
    await first.subscriptions.create(subscription('a'))
    await admitSubjects(first, ['x', 'x', 'y'])
    await first.tasks.settle(
      (await leased(first)).map(({ task }) => settlement(task)),
      null,
    )
    const { epoch } = await first.ping()
    const { version } = await first.subscriptions.load(T)
    await first.close()
    const second = await openStore()
    expect(await second.tasks.counts(T)).toEqual({ done: 2, due: 1 })
    expect(await second.log.head(T)).toBe(3)
    expect((await second.subscriptions.load(T)).version).toBe(version)
    expect(await second.ping()).toMatchObject({ epoch, schemaVersion: SCHEMA_VERSION })
    const [receipt] = await admitted(second, admission(event('4')))
    expect(receipt?.sequence).toBe(4)
  })

  it('is written durably, with pages of 8 KiB', async () => {
    const store = await openStore()
    expect(store.features).toEqual({ name: 'sqlite', durable: true, shared: false })
    expect((await store.ping()).details).toMatchObject({ synchronous: 'FULL' })
    await store.close()
    expect(ask('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }])
    expect(ask('PRAGMA page_size')).toEqual([{ page_size: 8192 }])
  })

  it('does not call itself durable without full synchronisation', async () => {
    expect((await openStore({ synchronous: 'NORMAL' })).features.durable).toBe(false)
    expect((await openStore({ path: ':memory:' })).features.durable).toBe(false)
  })

  it('is used by one store at a time', async () => {
    const first = await openStore()
    await expect(openStore()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('in use') })
    await first.close()
    await openStore()
  })

  it('is refused when it is newer, of another program, or no database', async () => {
    const store = await openStore()
    await store.close()
    ask(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`)
    await expect(openStore()).rejects.toMatchObject({ code: 'unavailable', data: { known: SCHEMA_VERSION } })
    ask('CREATE TABLE other (a)', path('other.db'))
    await expect(openStore({ path: path('other.db') })).rejects.toThrow('not a Tocsin database')
    writeFileSync(path('text.db'), 'This is not a database at all, whatever its name says. '.repeat(400))
    await expect(openStore({ path: path('text.db') })).rejects.toMatchObject({
      code: 'unavailable',
      message: `${path('text.db')}: The file is not a database.`,
    })
    await expect(openStore({ path: join(folder, 'missing', 'a.db') })).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('has the schema that lies in the tree', async () => {
    const store = await openStore()
    await store.close()
    const rows = ask('SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name')
    const schema = rows.map((row) => `${(row as { sql: string }).sql};\n`).join('\n')
    await expect(schema).toMatchFileSnapshot('schema.sql')
  })
})

describe('copies', () => {
  it('are consistent and complete while the store goes on', async () => {
    const store = await openStore()
    await admitSubjects(store, ['x', 'y'])
    await store.backup(path('copy.db'))
    await admitSubjects(store, ['z'])
    const copy = await openStore({ path: path('copy.db') })
    expect(await copy.log.head(T)).toBe(2)
    expect((await copy.ping()).epoch).toBe((await store.ping()).epoch)
    await expect(store.backup(path('copy.db'))).rejects.toMatchObject({ code: 'already_exists' })
  })

  it('can be made over a second connection', async () => {
    const store = await openStore()
    await admitSubjects(store, ['x'])
    copyFile(path(), path('copy.db'))
    await admitSubjects(store, ['y'])
    expect(await (await openStore({ path: path('copy.db') })).log.head(T)).toBe(1)
  })

  it('get a new epoch when they are restored', async () => {
    const store = await openStore({ epoch: () => 'first' })
    expect((await store.ping()).epoch).toBe('first')
    expect(() => restampSqlite(path())).toThrow('in use')
    await store.close()
    expect(restampSqlite(path(), 'second')).toBe('second')
    expect((await (await openStore({ epoch: () => 'ignored' })).ping()).epoch).toBe('second')
  })
})

describe('the lock', () => {
  it('is the same for two names of one file', async () => {
    const unlock = lockFile(path())
    expect(() => lockFile(join(folder, '.', 'a.db'))).toThrow('in use')
    unlock()
    lockFile(path())()
  })
})

describe('lists by subject', () => {
  it('go through all stretches of the log, in both directions, page by page', async () => {
    const store = await openStore({ path: ':memory:' })
    const subjects = Array.from({ length: 5_000 }, (_, index) => (index % 400 === 7 ? 'rare' : `s${index % 50}`))
    const rows = subjects.map((subject, index) =>
      admission(event(String(index), { subject, receivedAt: NOW + index }), []),
    )
    await store.admit(rows, null)
    const wanted = subjects.flatMap((subject, index) => (subject === 'rare' ? [index + 1] : []))
    for (const order of ['newest', 'oldest'] as const) {
      const found: number[] = []
      for (let after: number | null = null; ; ) {
        const page = await store.log.list({ tenant: T, subject: 'rare' }, { after, limit: 3, order })
        found.push(...page.map(({ sequence }) => sequence))
        after = page.at(-1)?.sequence ?? null
        if (page.length < 3) break
      }
      expect(found).toEqual(order === 'oldest' ? wanted : wanted.toReversed())
    }
  })
})
