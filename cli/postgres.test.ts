/** The commands that open the database themselves, on PostgreSQL. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { serve } from '../server/main.js'
import { loadConfig } from '../src/index.js'
import { isLacking, named } from '../test/faults/tools.js'
import { createDatabase, type Database } from '../test/services/postgres.js'
import { POSTGRES, postgres } from '../test/services.js'
import { runCli } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-cli-postgres-'))
let database: Database
let password = ''

const tocsin = (words: readonly string[], environment = {}) => runCli(words, { folder, environment })

describe.skipIf(isLacking(POSTGRES))(named('on PostgreSQL', POSTGRES), () => {
  beforeAll(async () => {
    database = await createDatabase(await postgres())
    password = new URL(database.url).password
  })
  afterAll(async () => {
    await database.drop()
    rmSync(folder, { recursive: true })
  })

  it('init makes settings without the password, and an operator key', async () => {
    const made = await tocsin(['init', '--database', database.url])
    expect(made).toMatchObject({ code: 0 })
    expect(made.out).toContain('Operator key of tenant default')
    expect(made.out).not.toContain('tocsin.db')
    const settings = readFileSync(join(folder, 'tocsin.yaml'), 'utf8')
    expect(settings).toMatch(/^database: "postgres:\/\/tocsin_tests@/m)
    expect(settings + made.out + made.err).not.toContain(password)
    expect(existsSync(join(folder, 'tocsin.db'))).toBe(false)
  })

  it('init leaves an instance that is there alone', async () => {
    const again = await tocsin(['init', 'elsewhere', '--database', database.url])
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('holds an instance already') })
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false)
    expect(await tocsin(['init', 'elsewhere', '--database', 'other.db'])).toMatchObject({ code: 2 })
  })

  it('init heeds how the database is to be reached, as serve does', async () => {
    const environment = { TOCSIN_STORE_SCHEMA: 'beside' }
    const made = await tocsin(['init', 'beside', '--database', database.url], environment)
    expect(made).toMatchObject({ code: 0 })
    const again = await tocsin(['init', 'again', '--database', database.url], environment)
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('in its schema beside') })
    const words = ['keys', 'create', '--name', 'x', '--roles', 'reader', '--offline', '--config', 'beside/tocsin.yaml']
    expect(await tocsin(words, { ...environment, TOCSIN_DATABASE: database.url })).toMatchObject({ code: 0 })
    const unreachable = { ...environment, TOCSIN_STORE_TLS_MODE: 'no such mode' }
    expect(await tocsin(['init', 'third', '--database', database.url], unreachable)).not.toMatchObject({ code: 0 })
    expect(existsSync(join(folder, 'third'))).toBe(false)
  })

  it('doctor looks at the server, and keys are made offline while a node runs', async () => {
    const environment = { TOCSIN_DATABASE: database.url, TOCSIN_LOG_LEVEL: 'silent' }
    const flags = [{ flag: 'test', path: 'server.port', value: 0 }]
    const instance = await serve(loadConfig({ folder, environment, flags }).config)
    onTestFinished(() => instance.close())
    const words = ['keys', 'create', '--name', 'second', '--roles', 'operator', '--offline', '--json']
    const created = await tocsin(words, environment)
    expect(created).toMatchObject({ code: 0, err: expect.not.stringContaining('hunter') })
    const key = String(JSON.parse(created.out).key)
    const doctor = await tocsin(['doctor', '--json'], {
      ...{ ...environment, TOCSIN_SERVER: instance.url, TOCSIN_KEY: key },
    })
    const findings = doctor.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const levels = Object.fromEntries(findings.map(({ name, level }) => [name, level]))
    expect(levels).toMatchObject({ settings: 'ok', sealing: 'ok', database: 'ok', server: 'ok', key: 'ok', sync: 'ok' })
    expect(levels).not.toHaveProperty('disk')
    expect(doctor.out).toContain('is PostgreSQL 15')
    expect(doctor.out + doctor.err).not.toContain(password)
  })

  it('what is wrong with the server is told without the password', async () => {
    const url = new URL(database.url)
    url.password = 'hunter2'
    const environment = { TOCSIN_DATABASE: url.href }
    for (const words of [
      ['doctor'],
      ['config'],
      ['keys', 'create', '--name', 'x', '--roles', 'reader', '--offline'],
      ['config', '--set', 'store.thread=main'],
      ['init', 'wrong', '--database', url.href],
    ]) {
      const { out, err } = await tocsin(words, environment)
      expect(out + err).not.toContain('hunter2')
    }
    const doctor = await tocsin(['doctor'], environment)
    expect(doctor.out).toMatch(/FAIL {2}database .*password authentication failed/)
  })

  it('there is no file to copy or to replace', async () => {
    const environment = { TOCSIN_DATABASE: database.url }
    for (const words of [
      ['backup', 'copy.db'],
      ['restore', 'copy.db'],
    ])
      expect(await tocsin(words, environment)).toMatchObject({ code: 1, err: expect.stringContaining('pg_dump') })
  })
})
