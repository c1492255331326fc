/** Processors, tasks, transactions and switches from the command line, against a real server. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { profiles } from '../profiles/index.js'
import { startWorld, type World } from '../server/testing.js'
import type { Plugin } from '../src/index.js'
import { type Ran, runCli, type Surroundings } from './testing.js'

let letGo: () => void = () => undefined
const gate = new Promise<void>((resolve) => {
  letGo = resolve
})

const PLUGIN: Plugin = {
  name: 'acme',
  resourceTypes: [{ name: 'acme.badge' }],
  processors: [
    {
      name: 'acme:badges',
      kind: 'witness',
      types: ['user.created'],
      resourceTypes: ['acme.badge'],
      description: 'Prints.',
      options: { printer: 'p1', token: 'hunter2' },
      run: () => undefined,
    },
    {
      name: 'acme:parent',
      kind: 'witness',
      types: ['device.issued'],
      run: (_event, { publish }) =>
        publish({ type: 'user.updated', source: '/acme', subject: '\u202echild', data: {} }),
    },
    { name: 'acme:fixed', kind: 'witness', disableable: false, types: ['device.lost'], run: () => undefined },
    { name: 'acme:gate', kind: 'asynchronous', types: ['credential.suspended'], run: () => gate },
    {
      name: 'acme:fails',
      kind: 'asynchronous',
      types: ['credential.revoked'],
      run: () => Promise.reject(new Error('the printer burns')),
    },
  ],
}

const folder = mkdtempSync(join(tmpdir(), 'tocsin-processing-'))
let world: World
beforeAll(async () => {
  world = await startWorld({}, { plugins: [PLUGIN, ...profiles] })
})
afterAll(async () => {
  letGo()
  await world.close()
})

const tocsin = (words: string, more: Partial<Surroundings> = {}): Promise<Ran> =>
  runCli(words.split(' '), {
    folder,
    environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.operator },
    ...more,
  })

async function json(words: string, more: Partial<Surroundings> = {}): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await tocsin(`${words} --json`, more)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const publish = (event: object) =>
  world.hub.publish({ type: 'user.updated', source: '/hr', data: {}, ...event } as { type: string; source: string })

const subscribe = async (): Promise<string> => {
  const body = { name: 's', types: ['user.*'], transport: 'pull', order: 'none' }
  return (await world.hub.subscriptions.create(world.hub.local, body)).id
}

describe('tocsin processors', () => {
  it('lists, filters and shows them; a secret never', async () => {
    const list = await tocsin('processors list --kind witness --types user.created')
    expect(list.out).toMatch(
      /^ORDER {2}NAME +KIND +STATE +TYPES +DESCRIPTION\n0 +acme:badges +witness +enabled +user\.created +Prints\.\n$/,
    )
    expect(await json('processors list --implements acme.badge')).toMatchObject([{ name: 'acme:badges' }])
    expect((await tocsin('processors list --name nobody')).err).toBe('Nothing found.\n')
    const shown = await tocsin('processors show acme:badges')
    expect(shown.out).toContain('{"printer":"p1","token":"***"}')
    expect(shown.out).not.toContain('hunter2')
    const wrong = await tocsin('processors list --kind spy')
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.err).toContain('expected: one of judge, witness, asynchronous')
    expect((await tocsin('processors list --enabled --disabled')).code).toBe(2)
  })

  it('changes order, types, options and state, and takes it back', async () => {
    await tocsin('processors order acme:badges -- -5')
    await tocsin('processors types acme:badges user.created,user.updated')
    await tocsin('processors set acme:badges printer=p2')
    await tocsin('processors set acme:badges copies=2')
    await tocsin('processors disable acme:badges')
    const [set] = await json('processors show acme:badges')
    expect(set).toMatchObject({
      order: -5,
      types: ['user.created', 'user.updated'],
      options: { printer: 'p2', copies: 2 },
      enabled: false,
      set: ['enabled', 'order', 'types', 'options'],
    })
    const [partly] = await json('processors set acme:badges printer=null')
    expect(partly).toMatchObject({ options: { printer: 'p1', copies: 2 } })
    expect((await json('processors reset acme:badges order,types'))[0]).toMatchObject({ set: ['enabled', 'options'] })
    expect((await json('processors reset acme:badges'))[0]).toMatchObject({ set: [], enabled: true, order: 0 })
    expect((await tocsin('processors reset acme:badges colour')).code).toBe(2)
    const fixed = await tocsin('processors disable acme:fixed')
    expect(fixed).toMatchObject({ code: 1 })
    expect(fixed.err).toContain('wrong_state: The processor acme:fixed cannot be disabled.')
    expect((await tocsin('processors disable nobody')).err).toContain('not_found')
  })

  it('shows the overview by what events are about, those of CzechIdM beside ours', async () => {
    const { out } = await tocsin('processors overview')
    expect(out).toMatch(/^Whatever the event is about\nORDER +MODULE +NAME +KIND/)
    expect(out).toMatch(
      /\n\nacme\.badge\nORDER.*\n0 +acme +badges +witness +enabled +- +user\.created +\{"printer":"p1","token":"\*\*\*"\} +Prints\.\n/,
    )
    expect(out).toMatch(/\n\nczechidm\.Identity\n/)
    expect(out).toMatch(/identity-password-provisioning-processor .* czechidm /)
    const ours = await tocsin('processors overview --origin here')
    expect(ours.out).not.toContain('czechidm')
    expect((await json('processors overview --origin czechidm --text identity-password')).length).toBeGreaterThan(0)
    expect((await tocsin('processors overview --origin nobody')).err).toBe('Nothing found.\n')
  })

  it('are exported, compared and applied as a file', async () => {
    const file = join(folder, 'p.yaml')
    writeFileSync(
      file,
      'processors:\n  acme:badges:\n    order: 4\n    options: { token: new }\n  acme:unborn: { enabled: false }\n',
    )
    const diff = await tocsin('processors diff p.yaml')
    expect(diff.out).toMatch(
      /acme:badges +\{"order":null,"options":null\} +\{"order":4,"options":\{"token":"\*\*\*"\}\}/,
    )
    expect(diff.out).toContain('acme:unborn (not here)')
    expect(diff.err).toBe('2 processors would change.\n')
    expect((await tocsin('processors apply p.yaml --dry-run')).err).toBe('2 processors would change.\n')
    expect(parse((await tocsin('processors export')).out)).toEqual({ processors: {} })
    expect((await tocsin('processors apply p.yaml')).err).toBe('2 processors changed.\n')
    const exported = await tocsin('processors export')
    expect(parse(exported.out)).toEqual({
      processors: { 'acme:badges': { order: 4, options: { token: '***' } }, 'acme:unborn': { enabled: false } },
    })
    writeFileSync(file, exported.out)
    expect(await tocsin('processors apply p.yaml --prune')).toMatchObject({
      code: 0,
      out: '',
      err: 'Nothing differs.\n',
    })
    const piped = await tocsin('processors apply - --prune', { input: exported.out })
    expect(piped).toMatchObject({ code: 0, err: 'Nothing differs.\n' })
    writeFileSync(file, 'processors: {}\n')
    expect(await json('processors diff p.yaml')).toEqual([])
    expect(await json('processors diff p.yaml --prune')).toHaveLength(2)
    expect((await tocsin('processors apply p.yaml --prune')).code).toBe(0)
    expect(await json('processors export')).toEqual([{ processors: {} }])
  })

  it('are exported as they are into a file, and without what a terminal would obey onto one', async () => {
    const label = 'a\u202eb'
    writeFileSync(join(folder, 'l.yaml'), JSON.stringify({ processors: { 'acme:badges': { options: { label } } } }))
    await tocsin('processors apply l.yaml')
    expect(parse((await tocsin('processors export')).out)).toMatchObject({
      processors: { 'acme:badges': { options: { label } } },
    })
    const shown = await tocsin('processors export', { terminal: true })
    expect(shown.out).toContain('a\\u202eb')
    expect(shown.out).not.toContain(label)
    await tocsin('processors reset acme:badges')
  })

  it('says which part of a file is wrong, and changes nothing', async () => {
    writeFileSync(join(folder, 'w.yaml'), 'processors:\n  acme:badges: { order: 1 }\n  acme:fixed: { oder: 1 }\n')
    const wrong = await tocsin('processors apply w.yaml')
    expect(wrong).toMatchObject({ code: 1, out: '' })
    expect(wrong.err).toContain('field: processors.acme:fixed.oder')
    expect(await json('processors export')).toEqual([{ processors: {} }])
    expect((await tocsin('processors apply nowhere.yaml')).code).toBe(2)
    writeFileSync(join(folder, 'b.yaml'), 'processors: [\n')
    expect((await tocsin('processors diff b.yaml')).err).toContain('b.yaml:2 is not valid YAML')
  })
})

describe('tocsin tasks', () => {
  it('lists by every filter and counts as badges', async () => {
    const subscription = await subscribe()
    await publish({ id: 'one', subject: 'ada', transactionId: 'T1', superOwner: 'hq' })
    await publish({ id: 'two', subject: 'tom', priority: 'high' })
    const subjects = async (options: string) =>
      (await json(`tasks list --subscription ${subscription} ${options}`)).map(({ subject }) => subject)
    expect(await subjects('--deliveries')).toEqual(['tom', 'ada'])
    expect(await subjects('--processing')).toEqual([])
    expect(await subjects('--transaction T1')).toEqual(['ada'])
    expect(await subjects('--super-owner hq --states due,waiting')).toEqual(['ada'])
    expect(await subjects('--priorities high')).toEqual(['tom'])
    expect(await subjects('--text TWO')).toEqual(['tom'])
    expect(await subjects('--till 2020-01-01T00:00:00Z')).toEqual([])
    expect((await tocsin(`tasks counts --subscription ${subscription}`)).out).toBe('unprocessed 2   errors 0\ndue  2\n')
    expect(await json(`tasks counts --subscription ${subscription} --subject nobody`)).toEqual([
      { states: {}, unprocessed: 0, errors: 0 },
    ])
    expect((await tocsin('tasks list --processing --deliveries')).code).toBe(2)
    expect((await tocsin('tasks list --from yesterday')).err).toContain('field: from')
  })

  it('changes priority, and deletes one', async () => {
    const subscription = await subscribe()
    await publish({ subject: 'x' })
    const [task] = await json(`tasks list --subscription ${subscription}`)
    expect((await tocsin(`tasks priority ${task?.id} high`)).out).toMatch(/priority +high/)
    const wrong = await tocsin(`tasks priority ${task?.id} urgent`)
    expect(wrong).toMatchObject({ code: 1 })
    expect(wrong.err).toContain('one of immediate, high, normal')
    expect((await tocsin(`tasks delete ${task?.id}`)).out).toBe(`${task?.id} is deleted.\n`)
    expect((await tocsin(`tasks delete ${task?.id}`)).err).toContain('not_found')
  })

  it('does in bulk what is counted first; deleting wants --yes', async () => {
    const subscription = await subscribe()
    for (const subject of ['a', 'b', 'c']) await publish({ subject })
    const bulk = (action: string, options = '') =>
      tocsin(`tasks bulk ${action} --subscription ${subscription} ${options}`.trim())
    expect(await bulk('cancel', '--subject a --dry-run')).toEqual({
      code: 0,
      out: '1 task would be cancelled.\n',
      err: '',
    })
    expect(await bulk('cancel', '--subject a')).toEqual({
      code: 0,
      out: '1 task is cancelled.\n',
      err: '1 task would be cancelled.\n',
    })
    expect((await bulk('priority', '--subject b --to high')).out).toBe('1 task is given the priority.\n')
    const refused = await bulk('delete')
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toBe(
      '3 tasks would be deleted.\ntocsin: usage: 3 tasks would be deleted for good. [expected: --yes, or --dry-run to count]\n',
    )
    expect(await json(`tasks list --subscription ${subscription}`)).toHaveLength(3)
    const all = await tocsin('tasks bulk cancel')
    expect(all).toMatchObject({ code: 2, out: '' })
    expect(all.err).toContain('for good. [expected: --yes')
    expect((await bulk('delete', '--yes')).out).toBe('3 tasks are deleted.\n')
    expect(await json(`tasks list --subscription ${subscription}`)).toEqual([])
    for (const words of ['burn', 'priority', 'cancel --to high']) expect((await bulk(words)).code).toBe(2)
    expect((await bulk('cancel', '--ids 1.a')).err).toContain('named by their ids or by a filter')
  })

  it('empties the queue of processors only when told so', async () => {
    const subscription = await subscribe()
    await publish({ id: 'stays', subject: 'y' })
    await publish({ type: 'credential.revoked', subject: 'gone', data: { credentialId: 'gone' } })
    expect(await tocsin('tasks delete --all --dry-run')).toEqual({
      code: 0,
      out: '1 task would be deleted.\n',
      err: '',
    })
    const refused = await tocsin('tasks delete --all')
    expect(refused).toMatchObject({ code: 2, out: '' })
    expect(refused.err).toContain('--yes')
    expect((await tocsin('tasks delete --all --yes')).out).toBe('1 task is deleted.\n')
    expect(await json('tasks list --processing')).toEqual([])
    expect(await json(`tasks list --subscription ${subscription}`)).toHaveLength(1)
    expect((await tocsin('tasks delete')).code).toBe(2)
    expect((await tocsin('tasks delete 1.x --all')).code).toBe(2)
  })

  it('tells what failed, with code, message and cause', async () => {
    await publish({ id: 'burns', type: 'credential.revoked', subject: 'card', data: { credentialId: 'card' } })
    await expect.poll(() => json('tasks list --processing --types credential.revoked')).toMatchObject([{ failures: 1 }])
    const shown = await tocsin('events show burns')
    expect(shown.out).toMatch(/acme:fails +asynchronous +exception .*the printer burns/)
  })
})

describe('tocsin transactions', () => {
  it('wait until processors have ended, or the time is over', async () => {
    const began = Date.now()
    const suspended = { type: 'credential.suspended', subject: 'c1', data: { credentialId: 'c1' } }
    await publish({ ...suspended, id: 'gated', transactionId: 'T2' })
    expect((await tocsin('transactions show T2')).out).toMatch(/settled +no\n/)
    const late = await tocsin('transactions wait T2 --timeout 1s')
    expect(late).toMatchObject({ code: 1 })
    expect(late.err).toContain('not_settled')
    expect(Date.now() - began).toBeLessThan(10_000)
    const waiting = json('transactions wait T2')
    letGo()
    expect(await waiting).toMatchObject([{ transactionId: 'T2', settled: true, processing: { done: 1 } }])
    expect((await tocsin('transactions wait nobody')).err).toContain('not_found')
  })

  it('stop waiting when the person has had enough', async () => {
    await tocsin('processing stop')
    await publish({ type: 'credential.suspended', subject: 'c2', data: { credentialId: 'c2' }, transactionId: 'T3' })
    const enough = new AbortController()
    setTimeout(() => enough.abort(), 300)
    const stopped = await tocsin('transactions wait T3', { signal: enough.signal })
    expect(stopped).toMatchObject({ code: 1, err: 'tocsin: stopped: Stopped before it was settled.\n' })
    await tocsin('processing start')
    expect((await tocsin('transactions wait T3')).code).toBe(0)
  })
})

describe('tocsin processing', () => {
  it('shows, stops, starts and does in place', async () => {
    expect((await tocsin('processing show')).out).toBe('asynchronous  yes\nstopped       no\n')
    expect((await json('processing stop'))[0]).toEqual({ asynchronous: true, stopped: true })
    expect((await json('processing start'))[0]).toEqual({ asynchronous: true, stopped: false })
    expect((await json('processing asynchronous off'))[0]).toMatchObject({ asynchronous: false })
    expect((await json('processing asynchronous on'))[0]).toMatchObject({ asynchronous: true })
    expect((await tocsin('processing asynchronous maybe')).code).toBe(2)
    const environment = { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.reader }
    expect((await tocsin('processing stop', { environment })).err).toContain('forbidden')
  })
})

describe('tocsin events tree', () => {
  it('sets each event below its parent, without a character a terminal would obey', async () => {
    await publish({ id: 'root', type: 'device.issued', subject: 'd' })
    const { out } = await tocsin('events tree root')
    expect(out).toMatch(
      /^\d+ {2}admitted .* device\.issued {2}d .*\n {2}\d+ {2}admitted .* user\.updated {2}\\u202echild .*\n$/,
    )
    expect((await json('events tree root'))[0]).toMatchObject({ children: [{ event: { parentid: 'root' } }] })
    expect((await tocsin('events tree nobody')).err).toContain('not_found')
  })
})

describe('the page for newcomers', () => {
  it('names every command', async () => {
    const { out } = await tocsin('--help')
    const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name)
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const missing = commands.filter((name) => name !== 'help' && !readme.includes(`tocsin ${name}`))
    expect(missing).toEqual([])
  })
})

describe('tocsin events resume', () => {
  it('tells what the processors said that were still to be asked', async () => {
    const types = ['device.recycled']
    world.hub.use({ name: 'acme:holds', kind: 'judge', order: 1, types, run: () => ({ verdict: 'suspend' }) })
    world.hub.use({
      ...{ name: 'acme:refuses', kind: 'judge', order: 2, types },
      run: () => ({ verdict: 'reject', code: 'stolen', message: 'It is not ours.' }),
    })
    await publish({ id: 'found', type: 'device.recycled', subject: 'd-1' })
    const { out } = await tocsin('events resume found')
    expect(out).toContain('state     refused\n')
    expect(out).toMatch(/acme:refuses +judge +executed +reject +stolen +It is not ours\./)
  })
})
