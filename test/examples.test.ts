/** Every program of examples/ and the one in README.md run against the built package and print what they say they print. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'
import { createHub } from 'tocsin'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from './faults/tools.js'
import { programs as postgresPrograms } from './services/programs.js'
import { freshDatabase, POSTGRES } from './services.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const programs = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'))
// Inside the package, so that it finds `tocsin` as the package itself.
const copies = join(ROOT, '.cache', `readme-${process.pid}`)

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** What its first comment says after `Prints:`. */
const promised = (text: string): string => {
  const [, lines = ''] = /^\/\*\*[\s\S]*?Prints:\n([\s\S]*?)\n \*\//.exec(text) ?? []
  return lines.replaceAll(/^ \* {3}/gm, '')
}

/** Standard output, in a working folder of its own. */
function run(file: string, environment: Readonly<Record<string, string>> = {}): string {
  const cwd = mkdtempSync(join(tmpdir(), 'tocsin-example-'))
  const loader = fileURLToPath(import.meta.resolve('tsx'))
  return execFileSync(process.execPath, ['--import', loader, file], {
    cwd,
    env: { ...process.env, ...environment },
    encoding: 'utf8',
    timeout: 60_000,
  }).trimEnd()
}

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist', 'src', 'index.js'))) throw new Error('The package is not built: npm run build')
  mkdirSync(copies, { recursive: true })
})

afterAll(() => rmSync(copies, { recursive: true, force: true }))

describe('the examples', () => {
  it.each(programs)('%s prints what it promises', { timeout: 60_000 }, (name) => {
    expect(promised(textOf(`examples/${name}`))).not.toBe('')
    expect(run(join(ROOT, 'examples', name))).toBe(promised(textOf(`examples/${name}`)))
  })

  it('README.md begins with a program that runs', { timeout: 60_000 }, () => {
    const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(textOf('README.md')) ?? []
    writeFileSync(join(copies, 'program.ts'), program)
    expect(run(join(copies, 'program.ts'))).toBe(promised(textOf('examples/hello.ts')))
  })
})

describe("publishing inside one's own transaction", () => {
  const file = (name: string) => join('examples', 'inside', name)

  it('on SQLite prints what it promises', { timeout: 60_000 }, () => {
    expect(run(join(ROOT, file('sqlite.ts')))).toBe(promised(textOf(file('sqlite.ts'))))
  })

  describe.skipIf(isLacking(POSTGRES))(named('on PostgreSQL', POSTGRES), () => {
    it.each(['postgres.ts', 'kysely.ts'])('%s prints what it promises', { timeout: 60_000 }, async (name) => {
      const environment = { DATABASE_URL: await freshDatabase() }
      expect(run(join(ROOT, file(name)), environment)).toBe(promised(textOf(file(name))))
    })

    it('plain.sql makes one event', { timeout: 60_000 }, async () => {
      const database = await freshDatabase()
      const hub = await createHub({ database, config: { log: { level: 'silent' } } })
      try {
        // As the page on it says to the owner.
        const owner = new pg.Client({ connectionString: database })
        await owner.connect()
        await owner
          .query("SELECT tocsin.allow_publishing(session_user, 'default', 'people-app')")
          .finally(() => owner.end())
        const psql = join(postgresPrograms(15) ?? '', 'bin', 'psql')
        await promisify(execFile)(psql, ['--no-psqlrc', '--file', join(ROOT, file('plain.sql')), database])
        await expect.poll(async () => (await hub.inbox.measure())?.pending).toBe(0)
        const { items } = await hub.events.list(hub.local, {}, {})
        expect(items.map(({ event, principal }) => [event.id, event.subject, principal])).toEqual([
          ['ada-1', 'ada', 'people-app'],
        ])
      } finally {
        await hub.close()
      }
    })
  })
})
