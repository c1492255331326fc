import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { admitSubjects, T } from '../conformance/fixtures.js'
import type { Store } from '../port.js'
import type { Call, Outcome } from './calls.js'
import type { Connection } from './driver.js'
import { openConnection } from './driver.js'
import { Line } from './line.js'
import { openSqliteStore } from './store.js'

describe('a file that another connection writes to', () => {
  let folder = ''
  let store: Store
  let host: Connection

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-line-'))
    store = await openSqliteStore({ path: join(folder, 'a.db'), thread: 'main' })
    host = openConnection(join(folder, 'a.db'))
    host.exec('BEGIN IMMEDIATE')
  })
  afterEach(async () => {
    host.close()
    await store.close()
    rmSync(folder, { recursive: true })
  })

  it('is read meanwhile, in the thread of who writes, and written when it is free', async () => {
    let isWritten = false
    const written = admitSubjects(store, ['x']).then((sequences) => {
      isWritten = true
      return sequences
    })
    const more = store.settings.put('a', '1', 0, 'me')
    expect(await store.log.head(T)).toBe(0)
    await sleep(30)
    expect(await store.log.head(T)).toBe(0)
    expect(isWritten).toBe(false)
    host.exec('COMMIT')
    expect(await written).toEqual([1])
    await more
    expect(await store.settings.get('a')).toBe('1')
  })

  it('is written before the store closes', async () => {
    const written = store.settings.put('a', '1', 0, 'me')
    const closed = store.close()
    await sleep(5)
    host.exec('COMMIT')
    await Promise.all([written, closed])
    expect(host.prepare('SELECT name FROM settings').all()).toHaveLength(1)
  })
})

describe('the line', () => {
  const write = (name: string): Call => ({ name: 'settings.put', args: [name] })
  const read: Call = { name: 'settings.get', args: ['a'] }

  function lineOf(isFree: () => boolean) {
    const [answers, pauses]: [Outcome[][], number[]] = [[], []]
    const world = { now: 0, again: () => {} }
    const line = new Line(
      {
        execute: (calls) =>
          calls.map(({ name, args }) => (isFree() || name === 'settings.get' ? { value: args[0] } : { waits: true })),
        answer: (_, outcomes) => void answers.push([...outcomes]),
        now: () => world.now,
        later: (again, milliseconds) => {
          pauses.push(milliseconds)
          world.again = again
        },
      },
      100,
    )
    return { line, answers, pauses, world }
  }

  it('keeps the order of what waits', () => {
    let free = false
    const { line, answers, pauses, world } = lineOf(() => free)
    line.add([write('1'), read, write('2')])
    line.add([read, write('3')])
    world.again()
    free = true
    world.again()
    expect(answers).toEqual([
      [{ waits: true }, { value: 'a' }, { waits: true }],
      [{ waits: true }, { waits: true }, { value: 'a' }, { waits: true }],
      [{ waits: true }, { waits: true }, { waits: true }],
      [{ value: '1' }, { value: '2' }, { value: '3' }],
    ])
    expect(pauses).toEqual([1, 2])
  })

  it('fails what has waited too long, and goes on', async () => {
    let free = false
    const { line, answers, world } = lineOf(() => free)
    line.add([write('1')])
    const empty = line.empty()
    world.now = 99
    world.again()
    expect(answers.at(-1)).toEqual([{ waits: true }])
    world.now = 100
    world.again()
    expect(answers.at(-1)).toEqual([
      { failure: { kind: 'unavailable', message: 'The database file is in use by another program.' } },
    ])
    await empty
    free = true
    line.add([write('2')])
    expect(answers.at(-1)).toEqual([{ value: '2' }])
  })
})
