/** `tocsin import` against a server, from a properties file to what holds after it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Instance, serve } from '../server/main.js'
import { loadConfig } from '../src/index.js'
import { type Ran, runCli, type Surroundings } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-import-'))
const FILE = `
# the engine
idm.sec.core.event.asynchronous.enabled=true
idm.sec.core.event.asynchronous.stopProcessing=true
idm.sec.core.event.asynchronous.batchSize=15
# processors
idm.sec.core.processor.identity-monitored-fields-processor.monitoredFields=firstName,\\
  lastName
idm.sec.acc.processor.identity-save-processor.enabled=false
idm.sec.acc.processor.identity-save-processor.order=-7
idm.sec.mine.processor.mine-processor.order=5
idm.sec.mine.processor.mine-processor.apiToken=canary
spring.datasource.password=canary
`
let instance: Instance
let key = ''

const tocsin = (words: string, more: Partial<Surroundings> = {}): Promise<Ran> =>
  runCli(words.split(' '), { folder, environment: { TOCSIN_SERVER: instance.url, TOCSIN_KEY: key }, ...more })
const asked = async (words: string) => JSON.parse((await tocsin(`${words} --json`)).out)

beforeAll(async () => {
  key = JSON.parse((await runCli(['init', '--json'], { folder })).out).key
  const flags = [{ flag: 'test', path: 'server.port', value: 0 }]
  instance = await serve(loadConfig({ folder, environment: { TOCSIN_LOG_LEVEL: 'silent' }, flags }).config)
  writeFileSync(join(folder, 'application.properties'), FILE)
}, 60_000)

afterAll(() => instance.close())

const settings = () => asked('processors export')

describe('a dry run', () => {
  it('tells of each key what would become of it, and changes nothing', async () => {
    const { code, out, err } = await tocsin('import czechidm-properties application.properties --dry-run')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(
      '    4  taken   idm.sec.core.event.asynchronous.stopProcessing -> processing.stopped = true\n',
    )
    expect(out).toContain(
      '    5  refused idm.sec.core.event.asynchronous.batchSize\n               nothing is taken in bulks',
    )
    expect(out).toContain(
      '8 keys about events: 4 taken, 1 mapped, 1 unknown, 2 refused; 1 about something else.\n' +
        '3 processors would change (3 not registered yet), 2 switches would be set.\n',
    )
    expect(out).not.toContain('canary')
    expect(await settings()).toEqual({ processors: {} })
    expect(await asked('processing show')).toMatchObject({ stopped: false })
  })
})

describe('the import', () => {
  it('holds afterwards, for processors that are still to come as well', async () => {
    const { code, out, err } = await tocsin('import czechidm-properties application.properties')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain('3 processors changed (3 not registered yet), 2 switches set.')
    expect(await settings()).toEqual({
      processors: {
        'core:identity-monitored-fields-processor': { options: { monitoredFields: 'firstName,lastName' } },
        'acc:identity-save-processor': { enabled: false, order: -7 },
        'mine:mine-processor': { order: 5 },
      },
    })
    expect(await asked('processing show')).toMatchObject({ asynchronous: true, stopped: true })
    instance.hub.use({ name: 'acc:identity-save-processor', kind: 'judge', order: 100, run: () => undefined })
    expect(await asked('processors show acc:identity-save-processor')).toMatchObject({ enabled: false, order: -7 })
  })
  it('changes nothing the second time, and reads standard input', async () => {
    const { code, out } = await tocsin('import czechidm-properties - --json', { input: FILE })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ dryRun: false, others: 1, changes: [], processing: { stopped: true } })
    expect(JSON.parse(out).keys).toHaveLength(8)
    expect(out).not.toContain('canary')
  })
  it('fails whole when a processor that is here does not allow it', async () => {
    instance.hub.use({ name: 'mine:fixed', kind: 'judge', disableable: false, run: () => undefined })
    const input = `idm.sec.mine.processor.other.order=1
idm.sec.mine.processor.fixed.enabled=false
idm.sec.core.event.asynchronous.stopProcessing=false`
    const { code, err } = await tocsin('import czechidm-properties -', { input })
    expect(code).toBe(1)
    expect(err).toContain('wrong_state')
    expect(Object.keys((await settings()).processors)).not.toContain('mine:other')
    expect(await asked('processing show')).toMatchObject({ stopped: true })
  })
})

describe('calling it wrongly', () => {
  it.each([
    ['import', "missing required argument 'format'"],
    [
      'import yaml application.properties',
      'Nothing reads "yaml". [expected: activid-plugins, clm-notifications, czechidm-properties]',
    ],
    ['import czechidm-properties nowhere.properties', 'There is no file nowhere.properties'],
    ['import czechidm-properties .', 'There is no file .'],
  ])('%s: exit 2', async (words, text) => {
    const { code, err } = await tocsin(words)
    expect(code).toBe(2)
    expect(err).toContain(text)
  })
  it('a file that Java would refuse is refused with its line', async () => {
    const { code, err } = await tocsin('import czechidm-properties -', { input: 'a=1\nb=\\u12' })
    expect(code).toBe(1)
    expect(err).toContain('Line 2 holds a \\u without its four digits.')
  })
})
