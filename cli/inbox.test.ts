/** The inbox from the command line, against a real server. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeObject } from '../server/objects.js'
import { startWorld, type World } from '../server/testing.js'
import { type Ran, runCli } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-inbox-'))
let world: World
beforeAll(async () => {
  world = await startWorld({}, { database: join(folder, 'inbox.db') })
})
afterAll(async () => {
  await world.close()
  rmSync(folder, { recursive: true })
})

const tocsin = (words: string): Promise<Ran> =>
  runCli(words.split(' '), {
    folder,
    environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.admin },
  })

it('lists, shows, tries again and drops', async () => {
  expect((await tocsin('inbox list')).err).toContain('Nothing found.')
  const { entry = '' } = await makeObject(world.hub, world.hub.local, 'entry')
  const listed = await tocsin('inbox list --states refused')
  expect(listed.out).toContain(entry)
  expect(listed.out).toContain('duplicate_mismatch')
  const shown = await tocsin(`inbox show ${entry} --json`)
  expect(JSON.parse(shown.out)).toMatchObject({ entry, state: 'refused', event: { subject: 'eve' } })
  expect((await tocsin(`inbox retry ${entry} --json`)).out).toContain('"state":"pending"')
  expect(await tocsin(`inbox drop ${entry}`)).toMatchObject({ code: 0, out: `${entry} is dropped.\n` })
  expect(await tocsin(`inbox drop ${entry}`)).toMatchObject({ code: 1, err: expect.stringContaining('not_found') })
})
