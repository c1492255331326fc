/** Plug-ins of the configuration: loaded, refused, isolated, replaced while it runs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import type { Hub, HubOptions, PluginEntry, PluginView } from '../../src/index.js'
import { createGround, STORES, user } from './ground.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-plugins-'))
const ground = createGround('memory')
let hub: Hub | undefined
afterEach(async () => {
  await hub?.close()
  hub = undefined
})
afterAll(() => {
  ground.remove()
  rmSync(folder, { recursive: true })
})

let files = 0
/** A module of its own for each: what Node has once loaded it keeps. */
function write(text: string): string {
  const name = `./m${++files}.mjs`
  writeFileSync(join(folder, name), text)
  return name
}

const witness = (name: string, body: string, more = '') =>
  `{ name: '${name}', processors: [{ name: '${name}:tells', kind: 'witness', ${more} run(event, context) { ${body} } }] }`
const telling = (name: string, text: string) =>
  `export default ${witness(name, `return { results: [{ state: 'executed', code: '${text}' }] }`)}`

async function open(plugins: readonly PluginEntry[], options: Partial<HubOptions> = {}, kind = 'memory'): Promise<Hub> {
  const place = kind === 'memory' ? ground : createGround(kind as 'sqlite')
  hub = await place.open({ ...options, config: { folder, plugins, ...options.config } })
  return hub
}

const listed = (views: readonly PluginView[]) =>
  views.map(({ name, state, error }) => [name, state, error?.code ?? null])
const codesOf = async (subject = 'mia') => (await (hub as Hub).publish(user(subject))).results.map(({ code }) => code)

describe.each(STORES)('a plug-in on %s', (kind) => {
  // A server of PostgreSQL may have to start first.
  it('runs from the configuration, with its types, its options and an end', { timeout: 60_000 }, async () => {
    const module = write(`
      export const optionsSchema = { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] }
      export const closed = []
      export default ({ text }) => ({
        name: 'acme',
        catalogue: [{ name: 'acme.made', title: 'Made', category: 'user', caseOf: 'user.created' }],
        processors: [{ name: 'acme:tells', kind: 'witness', run: () => ({ results: [{ state: 'executed', code: text }] }) }],
        close() { globalThis.acmeClosed = (globalThis.acmeClosed ?? 0) + 1 },
      })`)
    const before = (globalThis as { acmeClosed?: number }).acmeClosed ?? 0
    const opened = await open([{ module, options: { text: 'heard' } }], {}, kind)
    const { results } = await opened.publish({ ...user('mia'), type: 'acme.made' })
    expect(results.map(({ code }) => code)).toEqual(['heard'])
    expect(listed(opened.plugins.list(opened.local))).toEqual([['acme', 'running', null]])
    await opened.close()
    hub = undefined
    expect((globalThis as { acmeClosed?: number }).acmeClosed).toBe(before + 1)
  })
})

it('shows with a plug-in of the program what it registers as it starts', async () => {
  const run = () => ({ results: [] })
  const late = {
    name: 'late',
    processors: [{ name: 'late:first', kind: 'witness', run }],
    start: (its: Hub) => void its.use({ name: 'late:begun', kind: 'witness', run }),
  } as const
  const opened = await open([], { plugins: [late] })
  expect(opened.plugins.list(opened.local)).toMatchObject([{ name: 'late', processors: ['late:first', 'late:begun'] }])
})

describe('what is wrong with one', () => {
  const good = telling('good', 'good')

  it.each([
    ['a module that is not there', './none.mjs', {}, 'module_not_found'],
    ['a syntax error', 'export default = 1', {}, 'module_broken'],
    ['junk', 'export default 42', {}, 'module_unfit'],
    ['a function that makes no plug-in', 'export default () => "plug-in"', {}, 'module_unfit'],
    ['a plug-in without a name', 'export default () => ({ processors: [] })', {}, 'module_unfit'],
    ['a misspelt list', 'export default { name: "a", processor: [] }', {}, 'module_unfit'],
    ['a list that is none', 'export default { name: "a", processors: {} }', {}, 'module_unfit'],
    ['options that nobody takes', 'export default { name: "a" }', { options: { x: 1 } }, 'module_unfit'],
    [
      'a schema that is none',
      'export const optionsSchema = { type: 7 }; export default () => ({ name: "a" })',
      {},
      'module_unfit',
    ],
    ['an export that is not there', 'export default { name: "a" }', { export: 'sink' }, 'module_unfit'],
    ['a maker that throws', 'export default () => { throw new Error("no licence") }', {}, 'plugin_failed'],
    [
      'a processor without run',
      'export default { name: "a", processors: [{ name: "a:b", kind: "judge" }] }',
      {},
      'plugin_failed',
    ],
    [
      'a processor of another kind',
      `export default ${witness('a', '').replace('witness', 'spy')}`,
      {},
      'plugin_failed',
    ],
    [
      'a type that is wrong',
      'export default { name: "a", catalogue: [{ name: "a b", title: "", category: "user" }] }',
      {},
      'invalid_config',
    ],
    [
      'a path of ours',
      'export default { name: "a", routes: [{ method: "GET", path: "/metrics" }] }',
      {},
      'invalid_config',
    ],
    ['isolated translators', 'export default { name: "a", translators: [] }', { isolated: {} }, 'module_unfit'],
    [
      'an isolated condition',
      `export default ${witness('a', '', 'when: () => true,')}`,
      { isolated: {} },
      'module_unfit',
    ],
  ])('%s: it is told, and the others run', async (_, text, more, code) => {
    const module = text.startsWith('./') ? text : write(text)
    const opened = await open([{ module, ...more }, { module: write(good) }])
    const [view, other] = opened.plugins.list(opened.local)
    expect(view).toMatchObject({ entry: 'plugins[0]', module, state: 'broken', error: { code } })
    expect(other).toMatchObject({ name: 'good', state: 'running', error: null })
    expect(await codesOf()).toEqual(['good'])
    expect(await opened.metrics()).toContain('tocsin_plugins{state="broken"} 1')
  })

  it('options that do not fit are told with their place, and no value of them is', async () => {
    const schema =
      'export const optionsSchema = { properties: { port: { type: "integer" } }, additionalProperties: false }'
    const throwing = 'export default ({ password }) => { throw new Error("cannot log in with " + password) }'
    const opened = await open([
      { module: write(`${schema}; export default () => ({ name: 'a' })`), options: { port: 'canary-1' } },
      { module: write(`${schema}; export default () => ({ name: 'a' })`), options: { prot: 1 } },
      { module: write(throwing), options: { password: 'canary-2' } },
    ])
    const errors = opened.plugins.list(opened.local).map(({ error }) => error?.message ?? '')
    expect(errors[0]).toMatch(/plugins\[0\]\.options\.port must be integer/)
    expect(errors[1]).toMatch(/Did you mean "port"/)
    expect(errors[2]).toMatch(/cannot log in with \*\*\*/)
    expect(errors.join()).not.toContain('canary')
  })

  it('names that clash are refused with both owners', async () => {
    const first = write(telling('acme', 'first'))
    const opened = await open(
      [
        { module: first },
        { module: write(telling('acme', 'second')) },
        {
          module: write(
            `export default { name: 'third', processors: [{ name: 'acme:tells', kind: 'judge', run() {} }] }`,
          ),
        },
        {
          module: write(
            `export default { name: 'fourth', catalogue: [{ name: 'user.created', title: 'x', category: 'user' }] }`,
          ),
        },
        {
          module: write(
            `export default { name: 'fifth', formats: [{ name: 'cloudevents', title: 'x', encode() {} }] }`,
          ),
        },
        { module: write(`export default { name: 'program' }`) },
      ],
      { plugins: [{ name: 'program' }] },
    )
    const views = opened.plugins.list(opened.local).filter(({ origin }) => origin === 'configuration')
    const messages = views.map(({ error }) => error?.message ?? null)
    expect(views.map(({ error }) => error?.code ?? null)).toEqual([null, ...Array(5).fill('already_exists')])
    expect(messages[1]).toContain(
      `(plugins[1], ./m${files - 4}.mjs) brings the plug-in acme, which the plug-in acme (plugins[0], ${first})`,
    )
    expect(messages[2]).toContain('the processor acme:tells, which the plug-in acme')
    expect(messages[3]).toContain('the event type user.created, which Tocsin itself brings')
    expect(messages[4]).toContain('the format cloudevents, which Tocsin itself')
    expect(messages[5]).toContain('the plug-in program of the program')
  })
})

describe('an isolated one', () => {
  it('judges, publishes, accepts and fails like one in the process; its crash is counted, seen, and costs it alone', async () => {
    const module = write(`
      export default { name: 'acme', processors: [
        { name: 'acme:judges', kind: 'judge', deadline: 60_000, types: ['user.created'], async run(event, { publish, options, tenant }) {
          if (event.subject === 'eve') return { verdict: 'reject', code: 'no', message: 'not eve' }
          if (event.subject === 'crash') process.exit(7)
          await publish({ type: 'user.disabled', source: '/acme', subject: event.subject })
          return { verdict: 'continue', event: { ...event, data: { ...event.data, seen: options.by, tenant } } }
        }, options: { by: 'acme' } },
        { name: 'acme:accepts', kind: 'witness', types: ['user.created'], run() { throw Object.assign(new Error('taken'), { name: 'Accepted', code: 'queued' }) } },
        { name: 'acme:fails', kind: 'witness', types: ['user.created'], run() { throw new RangeError('too far') } },
      ] }`)
    const opened = await open([
      { module, isolated: { memory: 64, time: 60_000 } },
      { module: write(telling('good', 'good')) },
    ])
    const receipt = await opened.publish(user('mia'))
    const stored = await opened.events.get(opened.local, receipt.id)
    expect(stored.event.data).toMatchObject({ seen: 'acme', tenant: 'default' })
    expect(receipt.results.map(({ processor, state, code }) => [processor, state, code])).toMatchObject([
      ['acme:judges', 'executed', null],
      ['acme:accepts', 'executed', 'queued'],
      ['acme:fails', 'exception', expect.anything()],
      ['good:tells', 'executed', 'good'],
    ])
    await expect(opened.publish(user('eve'))).rejects.toMatchObject({ code: 'rejected' })
    await expect(opened.publish(user('crash'))).rejects.toMatchObject({ code: 'plugin_crashed' })
    await opened.publish(user('after'))
    expect(opened.plugins.list(opened.local)[0]).toMatchObject({
      state: 'running',
      isolated: { restarts: 1, lastError: expect.stringContaining('exited with 7'), pid: expect.any(Number) },
    })
    expect(await opened.metrics()).toContain(`tocsin_plugin_crashes_total{module="${module}"} 1`)
  })
})

describe('reload', () => {
  it('takes up what was added, changed and removed; who did not change goes on; all of it in their places', async () => {
    const [stays, changes, goes] = [
      write(telling('stays', 's1')),
      write(telling('changes', 'c1')),
      write(telling('goes', 'g1')),
    ]
    let plugins: readonly PluginEntry[] = [{ module: changes }, { module: stays }, { module: goes }]
    const opened = await open(plugins, { reread: () => ({ plugins, folder }) })
    expect(await codesOf()).toEqual(['c1', 's1', 'g1'])
    const loadedAt = () => opened.plugins.list(opened.local).map((each) => [each.name, each.loadedAt])
    const before = Object.fromEntries(loadedAt())
    writeFileSync(join(folder, changes), telling('changes', 'c2'))
    plugins = [{ module: changes }, { module: write(telling('comes', 'n1')) }, { module: stays }]
    await delay(2)
    await opened.plugins.reload(opened.local)
    expect(await codesOf()).toEqual(['c2', 's1', 'n1'])
    expect(Object.fromEntries(loadedAt())).toMatchObject({ stays: before.stays })
    expect(Object.fromEntries(loadedAt()).changes).not.toBe(before.changes)
    const { items } = await opened.audit.list(opened.local, {})
    expect(items[0]).toMatchObject({ action: 'plugins.reload', actor: 'local' })
  })

  it('leaves the one before in its place when the new one is broken, and mends it later', async () => {
    const module = write(telling('acme', 'one'))
    const opened = await open([{ module }])
    writeFileSync(join(folder, module), 'export default = 1')
    const [broken] = await opened.plugins.reload(opened.local)
    expect(broken).toMatchObject({ name: 'acme', state: 'running', error: { code: 'module_broken' } })
    expect(await codesOf()).toEqual(['one'])
    writeFileSync(join(folder, module), telling('acme', 'two'))
    expect(listed(await opened.plugins.reload(opened.local))).toEqual([['acme', 'running', null]])
    expect(await codesOf()).toEqual(['two'])
  })

  it('lets the one before finish what it runs, then closes it', async () => {
    const told: string[] = []
    Object.assign(globalThis, { tocsinTold: told })
    const slow = (code: string) => `
      export default { name: 'slow', close() { tocsinTold.push('closed ${code}') }, processors: [{ name: 'slow:tells', kind: 'witness', async run() {
        await new Promise((done) => setTimeout(done, 150)); tocsinTold.push('${code}'); return { results: [{ state: 'executed', code: '${code}' }] } } }] }`
    const module = write(slow('old'))
    const opened = await open([{ module }])
    const under = codesOf('mia')
    await delay(30)
    writeFileSync(join(folder, module), slow('new'))
    await opened.plugins.reload(opened.local)
    expect(told).toEqual([])
    expect(await under).toEqual(['old'])
    await expect.poll(() => told).toEqual(['old', 'closed old'])
    expect(await codesOf()).toEqual(['new'])
  })

  it('loads named ones anew, with what they import when they are isolated', async () => {
    mkdirSync(join(folder, 'lib'), { recursive: true })
    writeFileSync(join(folder, 'lib', 'text.mjs'), "export const text = 'one'")
    const module = write(
      `import { text } from './lib/text.mjs'; export default ${witness('acme', "return { results: [{ state: 'executed', code: text }] }")}`,
    )
    const opened = await open([{ module, isolated: {} }])
    expect(await codesOf()).toEqual(['one'])
    writeFileSync(join(folder, 'lib', 'text.mjs'), "export const text = 'two'")
    await opened.plugins.reload(opened.local)
    expect(await codesOf()).toEqual(['one'])
    await opened.plugins.reload(opened.local, ['acme'])
    expect(await codesOf()).toEqual(['two'])
    await expect(opened.plugins.reload(opened.local, ['amce'])).rejects.toMatchObject({ code: 'not_found' })
  })

  it('refuses what an instance takes up only at its start', async () => {
    const types = (title: string) =>
      `export default { name: 'acme', catalogue: [{ name: 'acme.made', title: '${title}', category: 'user' }] }`
    const module = write(types('Made'))
    const opened = await open([{ module }])
    writeFileSync(join(folder, module), `${types('Made')} // changed`)
    expect(listed(await opened.plugins.reload(opened.local))).toEqual([['acme', 'running', null]])
    writeFileSync(join(folder, module), types('Made anew'))
    expect(listed(await opened.plugins.reload(opened.local))).toEqual([['acme', 'running', 'wrong_state']])
  })

  it('leaves all as it is when the configuration cannot be read', async () => {
    const reread = () => {
      throw new Error('no such file')
    }
    const opened = await open([{ module: write(telling('acme', 'one')) }], { reread })
    await expect(opened.plugins.reload(opened.local)).rejects.toThrow('no such file')
    expect(await codesOf()).toEqual(['one'])
  })
})
