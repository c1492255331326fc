/** A thread in the middle of an SQLite file is not ended, which would abort the process: it takes back what it did. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Connection, openConnection } from '../../store/sqlite/driver.js'
import { sqliteThreads } from './sqlite-threads.js'

let folder = ''
let file: Connection
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-threads-'))
  file = openConnection(join(folder, 'a.db'))
  file.exec('CREATE TABLE told (number INTEGER)')
})
afterEach(() => {
  file.close()
  rmSync(folder, { recursive: true })
})

async function ask(text: string, signal: AbortSignal) {
  const works = [{ guard: null, statement: { text, values: [] } }]
  const [outcome] = await sqliteThreads.ask({ path: join(folder, 'a.db'), works }, signal)
  return outcome && 'done' in outcome ? outcome.done : Promise.reject(outcome?.failed)
}
const patient = () => new AbortController().signal
const told = () => file.prepare('SELECT number FROM told').all()

/** Some tenths of a second of SQLite's time, and less than others wait for the file. */
const LONG = `INSERT INTO told WITH RECURSIVE counted (number) AS
  (SELECT 1 UNION ALL SELECT number + 1 FROM counted LIMIT 3000000) SELECT max(number) FROM counted`

it('whose time is up takes back what it did, and the next is written', { timeout: 60_000 }, async () => {
  await ask('INSERT INTO told VALUES (1)', patient())
  const begun = Date.now()
  await expect(ask(LONG, AbortSignal.timeout(100))).rejects.toThrow('timeout')
  expect(Date.now() - begun).toBeLessThan(2_500)
  // It waits for the file until the first is done with it.
  await ask('INSERT INTO told VALUES (2)', patient())
  expect(told()).toEqual([{ number: 1 }, { number: 2 }])
})

it('does not write what nobody waits for when another program gives the file back', { timeout: 60_000 }, async () => {
  await ask('INSERT INTO told VALUES (1)', patient())
  file.exec('BEGIN EXCLUSIVE')
  await expect(ask('INSERT INTO told VALUES (2)', AbortSignal.timeout(100))).rejects.toThrow('timeout')
  file.exec('ROLLBACK')
  await ask('INSERT INTO told VALUES (3)', patient())
  expect(told()).toEqual([{ number: 1 }, { number: 3 }])
})

it('waits for another program, and tells when that takes too long', { timeout: 60_000 }, async () => {
  file.exec('BEGIN EXCLUSIVE')
  const waiting = ask('INSERT INTO told VALUES (1)', patient())
  setTimeout(() => file.exec('ROLLBACK'), 300)
  expect(await waiting).toBe(1)
  file.exec('BEGIN EXCLUSIVE')
  await expect(ask('INSERT INTO told VALUES (2)', patient())).rejects.toMatchObject({ errcode: 5 })
  file.exec('ROLLBACK')
  expect(told()).toEqual([{ number: 1 }])
})
