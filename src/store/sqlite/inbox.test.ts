import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admission, event, NOW, T } from '../conformance/fixtures.js'
import type { Store } from '../port.js'
import type { NewInboxRow } from '../rows.js'
import type { Connection } from './driver.js'
import { isOfOurDriver, openConnection } from './driver.js'
import { openSqliteStore } from './store.js'

const newRow = (id: string, over: Partial<NewInboxRow> = {}): NewInboxRow => ({
  tenant: T,
  kind: 'judged',
  source: '/cms',
  id,
  type: 'credential.issued',
  subject: 'card-1',
  partitionKey: 'card-1',
  principal: 'key-1',
  receivedAt: NOW,
  content: '{}',
  ...over,
})

/** The class that is not our driver's, where there are two. */
function otherDriver(): (new (path: string) => Connection) | null {
  for (const source of ['node:sqlite', '@photostructure/sqlite']) {
    try {
      const { DatabaseSync } = createRequire(import.meta.url)(source)
      if (!isOfOurDriver(new DatabaseSync(':memory:'))) return DatabaseSync
    } catch {
      // Node 20 has none of its own.
    }
  }
  return null
}

describe('the inbox', () => {
  let folder = ''
  let store: Store
  let host: Connection
  const path = (name: string): string => join(folder, name)
  const inbox = (): NonNullable<Store['inbox']> => {
    if (!store.inbox) throw new Error('There is no inbox.')
    return store.inbox
  }
  const write = async (...ids: readonly string[]) => {
    host.exec('BEGIN IMMEDIATE')
    const joined = await inbox().join(host)
    for (const id of ids) await joined.append(newRow(id))
    host.exec('COMMIT')
  }
  const pending = async () => (await inbox().pending(0, 100)).map(({ number, id }) => [number, id])

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-inbox-'))
    store = await openSqliteStore({ path: path('a.db'), thread: 'main' })
    host = openConnection(path('a.db'), { timeout: 1_000 })
  })
  afterEach(async () => {
    host.close()
    await store.close()
    rmSync(folder, { recursive: true })
  })

  it('holds what was committed, and nothing that was rolled back', async () => {
    await write('1')
    host.exec('BEGIN')
    await (await inbox().join(host)).append(newRow('2'))
    expect(await pending()).toEqual([[1, '1']])
    host.exec('ROLLBACK')
    await write('3', '4')
    expect(await pending()).toEqual([
      [1, '1'],
      [2, '3'],
      [3, '4'],
    ])
    expect(await inbox().get(T, 1)).toEqual({
      ...newRow('1'),
      number: 1,
      state: 'pending',
      code: null,
      message: null,
      refusedAt: null,
    })
    expect(await inbox().get('other', 1)).toBe(null)
  })

  it('gives a row to one admission, in the same commit', async () => {
    await write('1', '2')
    const first = { ...admission(event('1'), []), inbox: 1 }
    const mismatch = { ...admission(event('1', { hash: 'other' }), []), inbox: 2 }
    const [one, again, refused] = await store.admit([first, first, mismatch], null)
    expect([one?.status, again?.status, refused?.status]).toEqual(['admitted', 'gone', 'mismatch'])
    expect(await pending()).toEqual([[2, '2']])
    expect(await inbox().refuse(T, 2, { code: 'duplicate_mismatch', message: 'No.', at: NOW })).toBe(true)
    const [late] = await store.admit([{ ...admission(event('2'), []), inbox: 2 }], null)
    expect(late?.status).toBe('gone')
    expect(await store.log.head(T)).toBe(1)
  })

  it('keeps what was refused until it is tried again, removed, or old', async () => {
    await write('1', '2', '3')
    const reason = { code: 'conflict', message: 'Changed.', at: NOW }
    for (const number of [1, 2, 3]) expect(await inbox().refuse(T, number, reason)).toBe(true)
    expect(await inbox().refuse(T, 1, reason)).toBe(false)
    expect(await inbox().counts(null)).toEqual({ pending: 0, refused: 3, oldest: null })
    expect(await inbox().retry(T, 1)).toBe(true)
    expect(await inbox().retry(T, 1)).toBe(false)
    expect(await inbox().retry('other', 2)).toBe(false)
    expect(await inbox().counts(T)).toEqual({ pending: 1, refused: 2, oldest: NOW })
    const page = { after: null, limit: 10 }
    expect(await inbox().list({ tenant: T, states: ['refused'] }, page)).toMatchObject([{ number: 2 }, { number: 3 }])
    expect(await inbox().list({ tenant: T }, { after: 2, limit: 10 })).toMatchObject([{ code: 'conflict', id: '3' }])
    expect(await inbox().remove('other', 2)).toBe(false)
    expect(await inbox().remove(T, 2)).toBe(true)
    expect(await inbox().prune(NOW, 10)).toBe(0)
    expect(await inbox().prune(NOW + 1, 10)).toBe(1)
    expect(await pending()).toEqual([[1, '1']])
  })

  it('takes a handle of ours on the same file, by whatever name, with a transaction open', async () => {
    await expect(inbox().join(host)).rejects.toThrow('no open transaction')
    for (const wrong of [null, {}, { prepare: () => ({ run: () => {} }), exec: () => {}, isTransaction: true }])
      await expect(inbox().join(wrong)).rejects.toThrow(TypeError)
    host.exec('BEGIN')
    const joined = await inbox().join(host)
    host.exec('COMMIT')
    await expect(joined.append(newRow('1'))).rejects.toThrow('no open transaction')
    symlinkSync(path('a.db'), path('b.db'))
    const other = openConnection(path('b.db'))
    other.exec('BEGIN')
    await (await inbox().join(other)).append(newRow('2'))
    other.exec('COMMIT')
    other.close()
    expect(await pending()).toEqual([[1, '2']])
  })

  // Only a Node with a SQLite of its own has two.
  const Other = otherDriver()
  if (Other !== null)
    it('refuses a handle of another copy of SQLite', async () => {
      const handle = new Other(path('a.db'))
      handle.exec('BEGIN')
      await expect(inbox().join(handle)).rejects.toThrow('another copy of SQLite')
      handle.exec('ROLLBACK')
      handle.close()
    })

  it.each([':memory:', 'other.db'])('refuses another database (%s), also if ours is attached to it', async (name) => {
    const other = openConnection(name === ':memory:' ? name : path(name))
    other.exec(`ATTACH '${path('a.db')}' AS ours; BEGIN`)
    await expect(inbox().join(other)).rejects.toThrow('on another file')
    other.close()
  })

  it('says what a host does wrong whose transaction begins too early', async () => {
    host.exec('BEGIN')
    host.prepare('SELECT * FROM inbox').all()
    await store.settings.put('a', '1', 0, 'me')
    const joined = await inbox().join(host)
    await expect(joined.append(newRow('1'))).rejects.toMatchObject({
      code: 'unavailable',
      expected: expect.stringContaining('BEGIN IMMEDIATE'),
    })
    host.exec('ROLLBACK')
  })

  it('is not there without a file', async () => {
    const memory = await openSqliteStore({ path: ':memory:' })
    expect(memory.inbox).toBe(undefined)
    await memory.close()
  })
})
