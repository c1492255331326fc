/**
 * The walk-through of docs/running-many-nodes.md, command by command: three nodes share the work, also when one is killed.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { type Ended, makeFolder, removeFolder, type Server, serve } from '../faults/instance.js'
import { until } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { freshDatabase, POSTGRES } from '../services.js'

const PAGE = readFileSync(new URL('../../docs/running-many-nodes.md', import.meta.url), 'utf8')
const COMMAND = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const EVENTS = 300

/** The commands of each block, without what is said behind them. */
const [settingUp = [], serving = [], using = [], again = []] = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, block = '']) => block.split('\n').flatMap((line) => line.replace(/\s+#.*$/, '').trim() || []),
)

const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, one, two, three]) => one ?? two ?? three ?? '')

/** What the shell would do with a command of the page, with this database. */
async function run(command: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<Ended> {
  const [program, ...words] = wordsOf(command)
  expect(program).toBe('tocsin')
  const args = words.map((word) => word.replace(/^\$(\w+)$/, (_, name: string) => environment[name] ?? ''))
  const child = spawn(process.execPath, [COMMAND, ...args, '--json'], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...environment },
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (err += text))
  const [code] = await once(child, 'close')
  return { code, out, err }
}

const linesOf = ({ out }: Ended): readonly Record<string, unknown>[] =>
  out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe.skipIf(isLacking(POSTGRES))(named('three nodes on one database', POSTGRES), () => {
  const folder = makeFolder()
  const nodes: Server[] = []
  afterEach(async () => {
    await Promise.all(nodes.map((node) => node.kill()))
    removeFolder(folder)
  })

  it('are what the page says, command by command', { timeout: 180_000 }, async () => {
    const [, init = '', cd = ''] = settingUp
    const environment = { TOCSIN_DATABASE: await freshDatabase() }
    const instance = join(folder, cd.replace(/^cd /, ''))
    const { key } = linesOf(await run(init, folder, environment))[0] as { key: string }
    expect(serving.map((command) => command.replace(/\d+$/, 'N'))).toEqual(Array(3).fill('tocsin serve --port N'))
    const set = { database: environment.TOCSIN_DATABASE, 'log.level': 'info', 'delivery.lease': 2_000 }
    for (const _ of serving) nodes.push(await serve({ folder: instance }, { set }))

    const asking = { ...environment, TOCSIN_KEY: key, TOCSIN_SERVER: nodes[0]?.url ?? '' }
    const ask = (command: string) => run(command, instance, asking)
    writeFileSync(
      join(instance, 'events.jsonl'),
      Array.from({ length: EVENTS }, (_, index) => eventAt(index)).join('\n'),
    )
    // Who logs in keeps the key that is in the environment here.
    const [login = '', ...commands] = using
    expect(login).toMatch(/^tocsin login --server /)
    const [seen, subscribed, published] = [
      await ask(commands[0] ?? ''),
      await ask(commands[1] ?? ''),
      await ask(commands[2] ?? ''),
    ]
    expect(linesOf(seen).map(({ state }) => state)).toEqual(['ready', 'ready', 'ready'])
    expect(subscribed.code).toBe(0)
    expect(published.code).toBe(0)
    await done(() => ask(commands[3] ?? ''), EVENTS)
    expect(told(nodes)).toBe(EVENTS)

    await nodes[1]?.kill()
    for (const command of again.slice(0, 1)) expect((await ask(command)).code).toBe(0)
    await done(() => ask(again[1] ?? ''), 2 * EVENTS)
    expect((await ask(again[2] ?? '')).code).toBe(0)
    expect(await nodes[2]?.stop()).toBe(0)
  })
})

const eventAt = (index: number): string =>
  JSON.stringify({ type: 'user.updated', source: '/hr', subject: `u${index % 40}`, data: {} })

/** Lines that the log transport wrote, in all of them. */
const told = (nodes: readonly Server[]): number =>
  nodes.reduce((sum, node) => sum + node.heard().out.split('"messageId"').length - 1, 0)

const done = (count: () => Promise<Ended>, wanted: number): Promise<void> =>
  until(`${wanted} tasks are done`, async () => {
    const [counts] = linesOf(await count())
    return (counts?.states as Record<string, number> | undefined)?.done === wanted
  })
