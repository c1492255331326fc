/** Classes of FIM CM and ActivID CMS in processes of their own, and their table read again while it runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type ConfigInput, createHub, type Hub, resolveConfig } from '../src/index.js'
import { actividCms } from './activid-cms/index.js'
import { fimCm } from './fim-cm/index.js'

const CARD = '66666666-6666-4666-8666-666666666666'
const messages = JSON.parse(readFileSync(new URL('./fim-cm/fixtures/messages.json', import.meta.url), 'utf8'))
const activId = JSON.parse(readFileSync(new URL('./activid-cms/fixtures/messages.json', import.meta.url), 'utf8'))

/** It holds what cannot be sent to another process, as a handler with a client of a database does. */
const SINKS = `
  import { appendFileSync } from 'node:fs'
  const hoard = []
  export class Keeps {
    constructor() { this.itself = this; this.map = new Map([['a', () => 1]]) }
    initialize(data) { this.file = data; this.write('made ' + (process.pid === ${process.pid} ? 'here' : 'elsewhere')) }
    write(line) { appendFileSync(this.file, line + '\\n') }
    async notify({ notificationType, request }, { provision }) {
      const { requestType } = await provision.getRequest(request.uuid)
      const found = await provision.getSmartcard('${CARD}').catch(({ code, message }) => code + ' ' + message)
      this.write([notificationType, requestType, found.status ?? found].join(' '))
    }
  }
  export class Loops extends Keeps { notify() { for (;;); } }
  export class Hoards extends Keeps { notify() { for (;;) hoard.push(new Array(1e6).fill(1)) } }
  export class Chatty extends Keeps { async notify(given, context) { await super.notify(given, context); return { client: this, when: () => 1 } } }
  export class Exits extends Keeps { notify() { process.exit(3) } }
`
/** All of the listener interface, written without our adapter. */
const PLUG_IN = `
  import { appendFileSync } from 'node:fs'
  export default class {
    getConfigurationTemplate() { return { inputs: [{ name: 'file', required: true }] } }
    init() {}
    onSetParams({ name }) { this.name = name }
    setConfiguration({ file }) { this.file = file }
    getInterfaceVersion() { return '4.1.1' }
    getVersion() { return '1' }
    onDeviceEventReceived({ EventID, named }) { appendFileSync(this.file, [this.name, process.pid === ${process.pid} ? 'here' : 'elsewhere', EventID, named.userId].join(' ') + '\\n') }
    onCredentialEventReceived() {}
    onRequestEventReceived() {}
    onUserEventReceived() {}
    onAuthenticationEventReceived() {}
    onEventReceived() {}
  }
`

let folder: string
let file: string
let hub: Hub
let classes: NonNullable<ConfigInput['classes']>

const of = (sink: string, more: object = {}) => ({ module: './sinks.mjs', export: sink, ...more })
const NAMES = ['Keeps', 'Loops', 'Hoards', 'Exits', 'Chatty'] as const

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-isolated-classes-'))
  file = join(folder, 'log')
  writeFileSync(join(folder, 'sinks.mjs'), SINKS)
  writeFileSync(join(folder, 'plug-in.mjs'), PLUG_IN)
  const memory = { isolated: { memory: 64 } }
  classes = {
    ...Object.fromEntries(NAMES.map((name) => [name, of(name, { ...memory, deadline: 700 })])),
    'com.acme.PlugIn': { module: './plug-in.mjs', isolated: {} },
  }
  const config = {
    ...{ folder, classes, log: { level: 'silent' as const } },
    sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  }
  const reread = () => resolveConfig({ ...config, classes })
  hub = await createHub({ database: 'memory', config, reread, plugins: [fimCm, actividCms] })
})
afterEach(async () => {
  await hub.close()
  rmSync(folder, { recursive: true })
})

const lines = () => readFileSync(file, 'utf8').trim().split('\n')
const register = (...names: readonly string[]) =>
  hub.registrations.replace(
    hub.local,
    'fim-cm',
    names.map((name) => ({ event: 'ApproveRequest', class: name, data: file })),
  )
let count = 0
async function approve() {
  // Another notification each time.
  const Completed = new Date(Date.UTC(2026, 10, 22, 0, 0, count++)).toISOString()
  const [result] = await hub.translate('fim-cm', { ...messages['request approved'], Completed })
  if (!result || result instanceof Error) throw result
  const sinks = result.results.filter(({ processor }) => processor.startsWith('fim-cm:ApproveRequest'))
  return sinks.map(({ state, code }) => code ?? state)
}

it('a sink in a process of its own is initialised there, and looks up here', { timeout: 60_000 }, async () => {
  const [view] = await register('Keeps')
  expect(view).toMatchObject({ state: 'running', failure: null })
  expect(await approve()).toEqual(['executed'])
  await hub.resources.change(hub.local, { do: 'create', id: CARD, type: 'fim-cm.Smartcard', status: 'Active' })
  expect(await approve()).toEqual(['executed'])
  const type = messages['request approved'].Request.RequestType
  expect(lines()).toEqual([
    'made elsewhere',
    `ApproveRequest ${type} not_found There is no resource "${CARD}".`,
    `ApproveRequest ${type} Active`,
  ])
})

it('a sink may answer anything, also what cannot cross: nobody wants it', { timeout: 60_000 }, async () => {
  await register('Chatty')
  expect(await approve()).toEqual(['executed'])
  expect(lines()).toHaveLength(2)
})

it('an endless loop, used up memory and an exit cost that sink alone', { timeout: 120_000 }, async () => {
  const views = await register('Loops', 'Hoards', 'Exits', 'Keeps')
  expect(views.map(({ state }) => state)).toEqual(['running', 'running', 'running', 'running'])
  expect(await approve()).toEqual([
    expect.stringMatching(/timeout/),
    expect.stringMatching(/plugin_crashed|timeout/),
    'plugin_crashed',
    'executed',
  ])
  expect(lines().at(-1)).toContain('ApproveRequest')
  // They are there again, made anew.
  await expect.poll(() => lines().filter((line) => line === 'made elsewhere').length, { timeout: 20_000 }).toBe(7)
})

it('a plug-in of ActivID CMS is asked for its inputs there, and given them', { timeout: 60_000 }, async () => {
  await hub.registrations.replace(hub.local, 'activid-cms', [{ class: 'com.acme.PlugIn', data: 'DB' }])
  expect(hub.processors.get(hub.local, 'activid-cms:DB').optionsSchema).toMatchObject({ required: ['file'] })
  await hub.processors.configure(hub.local, 'activid-cms:DB', { options: { file } })
  const [result] = await hub.translate('activid-cms', activId['device issued'])
  expect(result).toMatchObject({ results: [{ state: 'executed', message: null }] })
  expect(lines()).toHaveLength(1)
  expect(lines()[0]).toMatch(/^DB elsewhere \d+ /)
})

it('their table is read again without a restart', async () => {
  classes = { Keeps: of('Keeps') }
  await hub.plugins.reload(hub.local)
  await register('Keeps')
  await hub.plugins.reload(hub.local)
  expect(await approve()).toEqual(['executed'])
  expect(lines().filter((line) => line.startsWith('made'))).toEqual(['made here'])
  // A new class, which the next registration names.
  expect((await register('Keeps', 'Another')).map(({ state }) => state)).toEqual(['running', 'failed'])
  classes = { Keeps: of('Keeps'), Another: of('Keeps') }
  await hub.plugins.reload(hub.local)
  expect(hub.registrations.list(hub.local).map(({ state }) => state)).toEqual(['running', 'running'])
  expect(await approve()).toEqual(['executed', 'executed'])
  // Its file changes: both are made anew.
  writeFileSync(join(folder, 'sinks.mjs'), SINKS.replaceAll('made', 'made anew'))
  await hub.plugins.reload(hub.local)
  expect(lines().slice(-2)).toEqual(['made anew here', 'made anew here'])
  // It breaks: the ones before go on, and it is told.
  writeFileSync(join(folder, 'sinks.mjs'), 'export class Keeps {')
  await hub.plugins.reload(hub.local)
  const [view] = hub.registrations.list(hub.local)
  expect(view).toMatchObject({ state: 'running', failure: expect.stringContaining('cannot be loaded') })
  expect(await approve()).toEqual(['executed', 'executed'])
  // A table that is wrong changes nothing; a class that left the table fails.
  classes = { 'A,B': of('Keeps'), 'A, B': of('Keeps') }
  await expect(hub.plugins.reload(hub.local)).rejects.toMatchObject({ code: 'invalid_config' })
  expect(await approve()).toEqual(['executed', 'executed'])
  classes = {}
  await hub.plugins.reload(hub.local)
  expect(await approve()).toEqual(['processor_failed', 'processor_failed'])
})
