import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admission, event, T } from '../conformance/fixtures.js'
import type { Call } from './calls.js'
import { performer } from './calls.js'
import { openConnection } from './driver.js'
import { type Engine, openEngine } from './engine.js'
import { moveWal, type Trouble } from './wal.js'
import { Writer } from './writer.js'

const PAGES = 50

let folder = ''
let engine: Engine
/** Moves that were asked for and are not done yet. */
let asked: ((trouble: Trouble) => void)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-wal-'))
  engine = openEngine({ path: join(folder, 'a.db'), synchronous: 'FULL', pageSize: 8_192, epoch: 'e' })
  asked = []
})
afterEach(() => {
  engine.close()
  rmSync(folder, { recursive: true, force: true })
})

const writer = ({ session, store } = engine) =>
  new Writer(session, performer(store), { move: (done) => void asked.push(done) }, PAGES)

const admit = (id: string): Call => ({ name: 'admit', args: [[admission(event(id), [])], null] })

/** Enough for a look at the WAL. */
function write(to: Writer, name: string): void {
  for (let each = 0; each < 600; each++) to.execute([admit(`${name}-${each}`)])
  to.tidy()
}

const pagesInWal = (): readonly unknown[] => engine.session.get('PRAGMA wal_checkpoint(NOOP)')?.slice(1) ?? []

/** As the other thread does it. */
function moveAll(): Trouble {
  const connection = openConnection(join(folder, 'a.db'))
  try {
    return moveWal(connection)
  } finally {
    connection.close()
  }
}

describe('the WAL', () => {
  it('is looked at as soon as the file is opened: who had it may have been killed each time before it was moved', () => {
    const killed = writer()
    for (let each = 0; each < 300; each++) killed.execute([admit(String(each))])
    expect(Number(pagesInWal()[0])).toBeGreaterThan(PAGES)
    // What a kill leaves.
    const path = join(folder, 'left.db')
    for (const end of ['', '-wal']) copyFileSync(join(folder, `a.db${end}`), `${path}${end}`)
    const left = openEngine({ path, synchronous: 'FULL', pageSize: 8_192, epoch: 'e' })
    const next = writer(left)
    next.execute([admit('next')])
    next.tidy()
    left.close()
    expect(asked).toHaveLength(1)
  })

  it('is moved in the background, once at a time, while writing goes on, and then begins anew', () => {
    const ours = writer()
    write(ours, 'a')
    write(ours, 'b')
    expect(asked).toHaveLength(1)
    expect(moveAll()).toBeNull()
    write(ours, 'c')
    asked.shift()?.(null)
    const [log, moved] = pagesInWal()
    expect(moved).toBe(log)
    ours.execute([admit('first of the new WAL')])
    expect(Number(pagesInWal()[0])).toBeLessThan(PAGES)
    expect(engine.store.log.head(T)).toBe(1_801)
  })

  it('is moved by the writer where the background cannot', () => {
    const ours = writer()
    write(ours, 'a')
    asked.shift()?.({ message: 'no thread', errcode: null })
    const [log, moved] = pagesInWal()
    expect(moved).toBe(log)
    write(ours, 'b')
    expect(asked).toHaveLength(1)
  })

  it('stops writing when the disk failed while it was moved', () => {
    const ours = writer()
    write(ours, 'a')
    asked.shift()?.({ message: 'disk I/O error', errcode: 1_034 })
    const [outcome] = ours.execute([admit('late')])
    expect(outcome).toMatchObject({ failure: { kind: 'unavailable' } })
  })
})
