/** The page's own example, run as it stands. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from '../cli/testing.js'
import { startWorld, type World } from '../server/testing.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.close())

const page = readFileSync(new URL('../docs/who-sees-what.md', import.meta.url), 'utf8')
const [, example = ''] = /## An example\n([\s\S]*?)\n## /.exec(page) ?? []

it('the anti-spam service hears of its customer’s domains, and of no other’s', async () => {
  const commands = [...example.matchAll(/^ {4}tocsin (.*)$/gm), ...example.matchAll(/`tocsin (.*?)`/g)]
  expect(commands).toHaveLength(5)
  for (const [, words = ''] of commands) {
    const ran = await runCli(words.replaceAll("'", '').split(' '), {
      folder: '.',
      environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.admin },
    })
    expect(ran).toMatchObject({ code: 0 })
  }
  const { items } = await world.hub.tasks.list(world.hub.local, {}, {})
  expect(items.map(({ type, subject }) => `${type} ${subject}`).sort()).toEqual([
    'resource.available acme.example',
    'resource.removed acme.example',
  ])
})
