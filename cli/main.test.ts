/** The built command line as processes: what only shows there. `npm run build` makes it. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tocsin-main-'))
/** Nobody's settings but the test's own. */
const unset = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => name.startsWith('TOCSIN_'))
    .map((name) => [name, undefined]),
)
const environment = { ...process.env, ...unset, HOME: folder, XDG_CONFIG_HOME: undefined, TOCSIN_LOG_LEVEL: 'warn' }
let server: ChildProcessWithoutNullStreams
let url = ''
let key = ''

const begin = (words: readonly string[]): ChildProcessWithoutNullStreams =>
  spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { ...environment, ...(url && { TOCSIN_SERVER: url }), ...(key && { TOCSIN_KEY: key }) },
  })

/** All that a process printed, once it has ended. */
async function ended(
  child: ChildProcessWithoutNullStreams,
): Promise<{ code: number | null; out: string; err: string }> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const [code] = await once(child, 'close')
  return { code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }
}

/** The first words a process prints that fit. */
async function printed(stream: Readable, wanted: RegExp): Promise<string> {
  let text = ''
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += String(chunk)
    const found = wanted.exec(text)
    if (found) return found[1] ?? found[0]
  }
  throw new Error(`It ended without ${wanted}: ${text}`)
}

async function serveAgain(): Promise<void> {
  server = begin(['serve', '--port', '0'])
  url = await printed(server.stderr, /Listening at (\S+)/)
}

async function stop(): Promise<number | null> {
  server.kill('SIGTERM')
  const [code] = await once(server, 'close')
  return code
}

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: npm run build`)
  const made = await ended(begin(['init', '--json']))
  expect(made).toMatchObject({ code: 0, err: '' })
  key = JSON.parse(made.out).key
  await serveAgain()
}, 60_000)

afterAll(async () => {
  if (server.exitCode === null) await stop()
})

describe('the processes', () => {
  it('are of this version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(await ended(begin(['--version']))).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  it('publish what is piped in', async () => {
    const child = begin(['publish', '-'])
    child.stdin.end(
      '{"type":"user.created","source":"/hr","id":"a","data":{}}\n{"type":"user.created","source":"/hr","id":"b","data":{}}\n',
    )
    expect(await ended(child)).toMatchObject({ code: 0, out: expect.stringMatching(/^2 accepted/) })
  })

  it('follow until they are told to stop, then end well', async () => {
    const child = begin(['tail', '--since', '0'])
    expect(await printed(child.stdout, /user\.created/)).toBe('user.created')
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([0, null])
  })

  it('do not mind a reader that went away', async () => {
    const child = begin(['types', 'list'])
    child.stdout.destroy()
    expect((await once(child, 'close'))[0]).toBe(0)
  })

  it('tell failures by the exit code', async () => {
    expect((await ended(begin(['events', 'show', 'nothing']))).code).toBe(1)
    expect((await ended(begin(['frob']))).code).toBe(2)
  })

  it('keep what was accepted over a stop and a start', async () => {
    expect(await stop()).toBe(0)
    const refused = await ended(begin(['events', 'list']))
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('unavailable') })
    await serveAgain()
    expect((await ended(begin(['events', 'show', 'b']))).code).toBe(0)
  })

  it('go on when nobody hears any more what they say', async () => {
    expect(await stop()).toBe(0)
    await serveAgain()
    server.stderr.destroy()
    expect((await ended(begin(['events', 'show', 'b']))).code).toBe(0)
    expect(await stop()).toBe(0)
    await serveAgain()
  })

  it('do not let two servers have one database', async () => {
    const second = await ended(begin(['serve', '--port', '0']))
    expect(second).toMatchObject({ code: 1, err: expect.stringContaining('in use by another process') })
  })
})
