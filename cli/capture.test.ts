/** The page `docs/capturing-changes.md`, done as it says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startWorld } from '../server/testing.js'
import { connectionOf, eventsOf, openClient } from '../test/capture-world.js'
import { until } from '../test/faults/random.js'
import { isLacking, named } from '../test/faults/tools.js'
import { freshDatabase, POSTGRES } from '../test/services.js'
import { runCli } from './testing.js'

const PAGE = readFileSync(new URL('../docs/capturing-changes.md', import.meta.url), 'utf8')
const MAPPING = /```yaml\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? ''

it.skipIf(isLacking(POSTGRES))(named('captures as the page says', POSTGRES), async () => {
  const url = await freshDatabase()
  const client = await openClient(url)
  await client.query('CREATE TABLE person (id text PRIMARY KEY, name text, status text, owner text)')
  const world = await startWorld()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  onTestFinished(async () => {
    await world.close()
    await client.end()
    rmSync(folder, { recursive: true })
  })
  const { host, port, database, user, password } = connectionOf(url)
  const here = MAPPING.replace('db.example.edu', `${host}\n  tls: off`)
    .replace('5432', String(port))
    .replace('database: registry', `database: ${database}`)
    .replace('user: tocsin', `user: ${user}`)
  writeFileSync(join(folder, 'people.yaml'), here)
  const environment = { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.operator, REGISTRY_PASSWORD: password }
  const tocsin = async (...words: readonly string[]) => {
    const { code, out, err } = await runCli(['capture', ...words], { folder, environment })
    expect(`${out}${err}`).not.toContain(password)
    return { code, said: out + err }
  }
  expect((await tocsin('plan', 'people.yaml')).said).toContain(
    'CREATE PUBLICATION "tocsin_people" FOR TABLE "public"."person"',
  )
  expect(await tocsin('apply', 'people.yaml')).toEqual({ code: 0, said: 'people captures by logical, as /registry.\n' })
  await client.query("INSERT INTO person VALUES ('mia', 'Mia', 'here', 'it')")
  await client.query("UPDATE person SET status = 'gone'")
  await until('three events', async () => (await eventsOf(world.hub)).length === 3)
  expect(
    (await eventsOf(world.hub)).map(({ event: { type, subject, superowner, tags } }) => [
      type,
      subject,
      superowner,
      tags,
    ]),
  ).toEqual([
    ['user.created', 'mia', undefined, undefined],
    ['user.disabled', 'mia', undefined, undefined],
    ['registry.modified', 'mia', 'it', 'status'],
  ])
  expect((await tocsin('plan', 'people.yaml')).said).toContain('Nothing is missing in the source.')
  expect((await tocsin('check', 'people')).code).toBe(0)
  expect((await tocsin('status')).said).toContain('running')
  writeFileSync(join(folder, 'wrong.yaml'), here.replace('[id, name, status, owner]', '[id, nam]'))
  expect(await tocsin('apply', 'wrong.yaml')).toEqual({
    code: 1,
    said: expect.stringContaining(
      'public.person has no column nam. Did you mean "name"? [field: tables.public.person.columns',
    ),
  })
  await client.query('ALTER PUBLICATION tocsin_people DROP TABLE person')
  await client.query("UPDATE person SET owner = 'hr'")
  await tocsin('apply', 'people.yaml')
  const reconciled = await tocsin('reconcile', 'people', '--table', 'public.person')
  expect(reconciled.said.split('\n').map((line) => line.split(/\s+/).slice(0, 6))).toContainEqual([
    ...['public.person', '1', '0', '1', '0', '1'],
  ])
  expect((await eventsOf(world.hub)).at(-1)?.event).toMatchObject({ capture: 'reconciled', tags: 'owner' })
  await client.query("ALTER TABLE person RENAME COLUMN owner TO boss; UPDATE person SET boss = 'it'")
  await until('it waits', async () => (await tocsin('status')).said.includes('waiting'))
  const [later] = await Promise.all([
    tocsin('reconcile', 'people'),
    client.query('SELECT pg_sleep(2); ALTER TABLE person RENAME COLUMN boss TO owner'),
  ])
  expect(later.said).toContain('It begins when the capture goes on, which is waiting (invalid_request): ')
  expect((await tocsin('remove', 'people')).said).toMatch(/^DROP .+\npeople is removed\.$/ms)
})
