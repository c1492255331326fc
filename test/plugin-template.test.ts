/** `tocsin init plugin`: what it writes builds against the package, passes its own test, and runs in a server and in `try`. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../cli/testing.js'
import { samples } from '../profiles/activid-cms/index.js'
import { profiles } from '../profiles/index.js'
import { toWire } from '../src/index.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
const folder = mkdtempSync(join(tmpdir(), 'tocsin-template-'))
const made = join(folder, 'acme')
const cli = (...words: string[]) => runCli(words, { folder: made })
afterAll(() => rmSync(folder, { recursive: true }))

/** What `npm install` would bring, linked. */
function install(): void {
  mkdirSync(join(made, 'node_modules', '@types'), { recursive: true })
  symlinkSync(ROOT, join(made, 'node_modules', 'tocsin'))
  symlinkSync(join(ROOT, 'node_modules', '@types', 'node'), join(made, 'node_modules', '@types', 'node'))
}

beforeAll(async () => {
  expect(await runCli(['init', 'plugin', 'acme'], { folder })).toMatchObject({ code: 0 })
  install()
  execFileSync(process.execPath, [TSC, '-p', made], { encoding: 'utf8' })
}, 120_000)

describe('the package that init writes', () => {
  it('passes its own test', { timeout: 120_000 }, () => {
    const { scripts } = JSON.parse(readFileSync(join(made, 'package.json'), 'utf8'))
    expect(scripts.test).toBe('tsc && node --test dist/test/plugin.test.js')
    const env = { ...process.env, NODE_TEST_CONTEXT: undefined }
    const out = execFileSync(process.execPath, ['--test', 'dist/test/plugin.test.js'], {
      cwd: made,
      encoding: 'utf8',
      env,
    })
    expect(out).toMatch(/pass 2/)
  })

  it('is tried from the command line, isolated too', { timeout: 60_000 }, async () => {
    const tried = await cli(
      'plugins',
      'try',
      './dist/src/plugin.js',
      'events.jsonl',
      '--option',
      'greeting=Hi',
      '--isolated',
    )
    expect(tried).toMatchObject({ code: 0, err: '2 events, 1 call.\n' })
    expect(tried.out).toMatch(/user\.created +ada +admitted +acme:greets +executed .*greeted .*Hi, ada!/)
    const lines = (await cli('--json', 'plugins', 'try', './dist/src/plugin.js', 'events.jsonl')).out.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).calls.length)).toEqual([1, 0])
  })

  it('tells of a call that fails, of an option that is wrong, of a module that is broken, of a line that is none', async () => {
    writeFileSync(
      join(made, 'nobody.jsonl'),
      '{"specversion":"1.0","id":"1","source":"/hr","type":"user.created","data":{}}\n',
    )
    const failed = await cli('plugins', 'try', './dist/src/plugin.js', 'nobody.jsonl')
    expect(failed.code).toBe(1)
    expect(failed.out).toMatch(/acme:greets +exception .*Nobody is named/)
    const wrong = await cli('plugins', 'try', './dist/src/plugin.js', 'events.jsonl', '--option', 'greting=Hi')
    expect(wrong.err).toMatch(/plugins\[0\]\.options\.greting .*Did you mean "greeting"/)
    expect((await cli('plugins', 'try', './none.js', 'events.jsonl')).err).toMatch(/none\.js is not there/)
    writeFileSync(join(made, 'bad.jsonl'), '{\n')
    expect((await cli('plugins', 'try', './dist/src/plugin.js', 'bad.jsonl')).code).toBe(1)
  })

  it('overwrites nothing, and takes no name that plug-ins cannot have', async () => {
    expect((await runCli(['init', 'plugin', 'acme'], { folder })).err).toMatch(/is not empty/)
    expect((await runCli(['init', 'plugin', 'Acme Inc'], { folder })).err).toMatch(/no name for a plug-in/)
  })
})

describe('docs/writing-a-plug-in.md', () => {
  it('shows a module and a rehearsal that run', { timeout: 60_000 }, () => {
    const page = readFileSync(join(ROOT, 'docs', 'writing-a-plug-in.md'), 'utf8')
    const [module = '', rehearsal = ''] = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, text]) => text)
    const event = { specversion: '1.0', id: '1', source: '/cms', type: 'device.issued', subject: 'card-7', data: {} }
    mkdirSync(join(made, 'page'))
    writeFileSync(join(made, 'page', 'doors.mjs'), module)
    writeFileSync(join(made, 'page', 'rehearsal.mjs'), rehearsal)
    writeFileSync(join(made, 'page', 'events.jsonl'), JSON.stringify(event))
    const out = execFileSync(process.execPath, ['rehearsal.mjs'], { cwd: join(made, 'page'), encoding: 'utf8' })
    expect(out).toBe('admitted opened card-7: floor 3\n')
  })
})

describe('rehearse', () => {
  it('runs an ActivID class of a module on recorded events', async () => {
    const events =
      profiles[0]?.translators?.[0]?.translate(samples(1, () => 0.5)[0], { source: '/cms', receivedAt: 0 }) ?? []
    const recorded = events.map((event, index) => ({
      ...toWire({ ...event, id: `r${index}` } as never),
      id: `r${index}`,
    }))
    writeFileSync(
      join(made, 'classes.mjs'),
      `import { EventNotificationAdapter } from 'tocsin/profiles'
       class Audit extends EventNotificationAdapter {
         onDeviceEventReceived() { throw new Error('device') } onCredentialEventReceived() { throw new Error('credential') }
         onRequestEventReceived() { throw new Error('request') } onUserEventReceived() { throw new Error('user') }
         onAuthenticationEventReceived() { throw new Error('authentication') } onEventReceived() { throw new Error('other') }
       }
       export default Audit`,
    )
    writeFileSync(join(made, 'cms.jsonl'), recorded.map((each) => JSON.stringify(each)).join('\n'))
    const tried = await cli(
      'plugins',
      'try',
      './classes.mjs',
      'cms.jsonl',
      '--register',
      'activid-cms',
      '--data',
      'audit',
    )
    expect(tried.code).toBe(1)
    expect(tried.out).toMatch(/activid-cms:audit +exception/)
  })
})
