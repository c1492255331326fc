import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Instance, serve } from '../server/main.js'
import { loadConfig, SubscriptionInput } from '../src/index.js'
import { type Ran, runCli, type Surroundings } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-program-'))
const received: { headers: IncomingMessage['headers']; body: string }[] = []
let instance: Instance
let receiver: Server
let key = ''

const tocsin = (words: string, more: Partial<Surroundings> = {}): Promise<Ran> =>
  runCli(words.split(' '), { folder, environment: { TOCSIN_SERVER: instance.url, TOCSIN_KEY: key }, ...more })

/** Runs, expects success, answers what was printed as JSON lines. */
async function json(words: string, more: Partial<Surroundings> = {}): Promise<Record<string, unknown>[]> {
  const { code, out, err } = await tocsin(`${words} --json`, more)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const start = async (): Promise<Instance> => {
  const environment = {
    TOCSIN_EGRESS_ALLOW: '127.0.0.0/8',
    TOCSIN_FILES_ROOT: 'out',
    TOCSIN_LOG_LEVEL: 'silent',
  }
  const flags = [{ flag: 'test', path: 'server.port', value: 0 }]
  return serve(loadConfig({ folder, environment, flags }).config)
}

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.end('ok')
    })
  })
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done))
  mkdirSync(join(folder, 'out'))
  const made = await runCli(['init', '--json'], { folder })
  key = JSON.parse(made.out).key
  instance = await start()
}, 60_000)

afterAll(async () => {
  await instance.close()
  receiver.close()
})

describe('init', () => {
  it('keeps what it made for the owner alone', () => {
    for (const file of ['sealing.key', 'tocsin.db', 'tocsin.yaml'])
      expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(folder, 'tocsin.yaml'), 'utf8')).not.toContain(key)
  })

  it('writes settings that load, and overwrites nothing', async () => {
    expect(loadConfig({ folder }).config.sealing.keyFile).toBe(join(folder, 'sealing.key'))
    const again = await tocsin('init')
    expect(again).toMatchObject({ code: 1 })
    expect(again.err).toContain('already_exists')
  })
})

describe('calling it wrongly', () => {
  it.each([
    ['frob', "unknown command 'frob'"],
    ['publish', "missing required argument 'file'"],
    ['publish nowhere.json', 'There is no file'],
    ['events list --limit 0', 'whole number from 1'],
    ['events list --frob', 'unknown option'],
    ['--server ftp://x types list', 'is not a server'],
    ['replay s --from yesterday', 'earliest, a sequence such as'],
    ['subscriptions seek s --to yesterday', 'earliest, now, a sequence such as'],
    ['subscriptions update s', 'Nothing to change'],
    ['tenants update t --enable --disable', 'at once'],
  ])('%s: exit 2', async (words, text) => {
    const ran = await tocsin(words)
    expect(ran.code).toBe(2)
    expect(ran.err).toContain(text)
    expect(ran.out).toBe('')
  })

  it('shows help with exit 0', async () => {
    const { code, out } = await tocsin('--help')
    expect(code).toBe(0)
    for (const name of ['init', 'serve', 'publish', 'tail', 'doctor', 'restore']) expect(out).toContain(name)
  })

  it('says when nobody answers, and when the key is wrong: exit 1', async () => {
    const nobody = await tocsin('types list', { environment: { TOCSIN_SERVER: 'http://127.0.0.1:1' } })
    expect(nobody).toMatchObject({ code: 1 })
    expect(nobody.err).toContain('unavailable: No Tocsin server answers at http://127.0.0.1:1 (ECONNREFUSED)')
    const stranger = await tocsin('types list --json', {
      environment: { TOCSIN_SERVER: instance.url, TOCSIN_KEY: 'tsk_x_y' },
    })
    expect(stranger.code).toBe(1)
    expect(JSON.parse(stranger.err)).toMatchObject({ error: { code: 'unauthenticated' } })
    expect(stranger.err).not.toContain('tsk_x_y')
  })
})

describe('publishing', () => {
  const event = (id: string, subject: string) =>
    JSON.stringify({ type: 'user.created', source: '/hr', id, subject, data: { userName: id } })

  it('one event from standard input', async () => {
    const ran = await tocsin('publish -', { input: event('one', 'ada') })
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toMatch(/^state {5}admitted\nsequence {2}\d+\n/)
    const [again] = await json('publish -', { input: event('one', 'ada') })
    expect(again).toMatchObject({ line: 1, receipt: { duplicate: true, state: 'admitted' } })
  })

  it('lines from a file: in order by subject, errors with their line', async () => {
    const lines = Array.from({ length: 700 }, (_, index) => event(`many-${index}`, `s${index % 7}`))
    const wrong = [...lines.slice(0, 300), '{"type":"nope.nope","source":"/hr"}', 'not json', ...lines.slice(300)]
    writeFileSync(join(folder, 'many.ndjson'), wrong.join('\n'))
    const ran = await tocsin('publish many.ndjson --batch 50')
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/^700 accepted in /)
    expect(ran.err).toContain('many.ndjson:301: unknown_type: The event type "nope.nope"')
    expect(ran.err).toContain('field: type')
    expect(ran.err).toContain('many.ndjson:302: invalid_json')
    expect(ran.err).toContain('tocsin: not_accepted: 2 were not accepted.')
    const kept = await json('events list --subject s3 --all')
    const ids = kept.map((view) => Number(/many-(\d+)/.exec(JSON.stringify(view))?.[1]))
    expect(ids).toEqual([...ids].sort((a, b) => b - a))
    expect(ids).toHaveLength(100)
  })

  it('draws progress on a terminal and takes it away', async () => {
    const ran = await tocsin('publish many.ndjson', { terminal: true })
    expect(ran.err).toContain('[#')
    expect(ran.err).toContain('\r\u001b[K')
    expect(ran.out).toContain('700 accepted (700 were already known)')
  })

  it('stops at once when the key may not', async () => {
    const [reader] = await json('keys create --name r --roles reader')
    const ran = await tocsin('publish many.ndjson', {
      environment: { TOCSIN_SERVER: instance.url, TOCSIN_KEY: String(reader?.key) },
    })
    expect(ran.code).toBe(1)
    expect(ran.err.split('\n').filter((line) => line.includes('forbidden'))).toHaveLength(1)
  })

  it('says when there is no such translator', async () => {
    const ran = await tocsin('publish - --as nobody', { input: '{}' })
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err).toContain('not_found: There is no translator "nobody"')
    expect(ran.err).toContain('[expected: one of activid-cms, aps, czechidm, fim-cm, uw-registry]')
  })
})

describe('reading', () => {
  it('shows an event whole, without a character a terminal would obey', async () => {
    const data = { userName: '\u001b[2J\u202eevil\u009b' }
    await tocsin('publish -', { input: JSON.stringify({ type: 'user.created', source: '/hr', id: 'evil', data }) })
    const ran = await tocsin('events show evil')
    expect(ran.code).toBe(0)
    expect(ran.out).toContain('"userName": "\\u001b[2J\\u202eevil\\u009b"')
    expect(ran.out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u)
    const missing = await tocsin('events show nothing')
    expect(missing).toMatchObject({ code: 1, err: 'tocsin: not_found: There is no event "nothing".\n' })
  })

  it('shows what a receiver answers, and what it is called, without a character a terminal would obey', async () => {
    const hostile = '\u001b[2J\u001b]52;c;eA==\u0007\u009b31m\u202egpj.exe\r\nforged line\u2028\u0000\b'
    const evil = createServer((request, response) => {
      request.resume()
      response.writeHead(400).end(hostile)
    })
    await new Promise<void>((done) => evil.listen(0, '127.0.0.1', done))
    const url = `http://127.0.0.1:${(evil.address() as AddressInfo).port}/`
    const spec = { name: '\u202eevil', types: ['user.deleted'], transport: 'webhook', target: { url } }
    writeFileSync(join(folder, 'evil.json'), JSON.stringify(spec))
    const [made] = await json('subscriptions create --file evil.json')
    await tocsin('publish -', {
      input: '{"type":"user.deleted","source":"/hr","id":"answered","subject":"x","data":{}}',
    })
    const tried = async () =>
      (await json(`tasks list --subscription ${made?.id}`)).find(({ attempts }) => attempts === 1)
    const task = await vi.waitUntil(tried, { timeout: 30_000, interval: 50 })
    const shown = await Promise.all(
      [`tasks show ${task.id}`, `tasks attempts ${task.id}`, 'tasks list', `subscriptions test ${made?.id}`].map(
        (words) => tocsin(words, { terminal: true }),
      ),
    )
    const lists = await Promise.all(
      ['subscriptions list', `subscriptions show ${made?.id}`].map((words) => tocsin(words)),
    )
    await tocsin(`subscriptions delete ${made?.id}`)
    evil.close()
    expect(shown[1]?.out).toContain('\\u001b[2J\\u001b]52;c;eA==\\u0007\\u009b31m\\u202egpj.exe')
    for (const { out, err } of [...shown, ...lists]) {
      expect((out + err).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u202e]/u)
      expect(out).not.toMatch(/^forged/m)
    }
  })

  it('follows from the beginning, and on', async () => {
    const enough = new AbortController()
    const following = tocsin('tail --since 0 --types user.created --json', { signal: enough.signal })
    await tocsin('publish -', { input: '{"type":"user.created","source":"/hr","id":"live","data":{}}' })
    setTimeout(() => enough.abort(), 1500)
    const { code, out } = await following
    expect(code).toBe(0)
    const ids = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id)
    expect(ids[0]).toBe('one')
    expect(ids.at(-1)).toBe('live')
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('lists the catalogue, processors, tenants', async () => {
    expect((await tocsin('types list')).out).toContain('credential.revoked')
    expect((await json('types show user.created'))[0]).toMatchObject({ name: 'user.created' })
    expect(await json('tenants list')).toMatchObject([{ id: 'default' }])
    expect((await tocsin('processors list')).code).toBe(0)
  })
})

describe('subscriptions and tasks', () => {
  it('a webhook is created, tested, told, explained, rotated and deleted', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
    const created = await tocsin(`subscriptions create --name doors --types credential.* --url ${url} --attempts 3`)
    expect(created).toMatchObject({ code: 0 })
    expect(created.out).toMatch(/secret {5}whsec_/)
    const [row] = await json('subscriptions list')
    const id = String(row?.id)
    expect((await json(`subscriptions test ${id}`))[0]).toMatchObject({ outcome: 'delivered' })
    await tocsin('publish -', {
      input: '{"type":"credential.revoked","source":"/cards","id":"c1","subject":"card","data":{}}',
    })
    await expect.poll(() => json(`tasks list --subscription ${id} --states done`), { timeout: 10_000 }).toHaveLength(1)
    expect(received.at(-1)?.headers['webhook-signature']).toMatch(/^v1,/)
    expect((await tocsin(`explain c1 ${id}`)).out).toMatch(/^It is told\.\n\+ /)
    expect((await tocsin('events show c1')).out).toContain('delivered')
    expect((await json(`replay ${id} --from 1 --types credential.revoked --dry-run`))[0]).toEqual({
      count: expect.any(Number),
    })
    expect((await tocsin(`replay ${id} --from earliest --to now --dry-run`)).out).toContain('would be told again')
    expect((await json(`subscriptions rotate-secret ${id} --overlap 1h`))[0]?.secret).toMatch(/^whsec_/)
    expect((await tocsin(`subscriptions delete ${id}`)).out).toBe(`${id} is deleted.\n`)
  })

  it('a file keeps its secrets in the environment', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/secret`
    const target = { url, headers: { authorization: `Bearer $\{TOKEN}` } }
    writeFileSync(
      join(folder, 'token.json'),
      JSON.stringify({ name: 't', types: ['user.*'], transport: 'webhook', target }),
    )
    const without = await tocsin('subscriptions create --file token.json')
    expect(without).toMatchObject({ code: 2, err: expect.stringContaining('target.headers.authorization names') })
    const environment = { TOCSIN_SERVER: instance.url, TOCSIN_KEY: key, TOKEN: 'of the environment' }
    const [made] = await json('subscriptions create --file token.json', { environment })
    await json(`subscriptions test ${made?.id}`)
    expect(received.at(-1)?.headers.authorization).toBe('Bearer of the environment')
    await tocsin(`subscriptions delete ${made?.id}`)
  })

  it('a value of a target is what a file holds', async () => {
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/from-a-file`
    writeFileSync(join(folder, 'headers.json'), '{ "authorization": "Bearer of a file" }\n')
    const words = `subscriptions create --name f --types user.* --url ${url} --target`
    const [made] = await json(`${words} headers=@headers.json`)
    await json(`subscriptions test ${made?.id}`)
    expect(received.at(-1)?.headers.authorization).toBe('Bearer of a file')
    await tocsin(`subscriptions delete ${made?.id}`)
    const missing = await tocsin(`${words} headers=@nowhere.json`)
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('nowhere.json cannot be read') })
  })

  it('the log of the server reads the log of events, and is put back to its beginning', async () => {
    const [row] = await json('subscriptions create --name all --types * --transport log --delivery log')
    expect(row).toMatchObject({ delivery: 'log', state: 'active' })
    const id = String(row?.id)
    await tocsin('publish -', { input: '{"type":"user.created","source":"/hr","id":"read","data":{}}' })
    const [{ sequence } = {}] = await json('events list --limit 1')
    await expect.poll(async () => (await json(`subscriptions show ${id}`))[0]?.cursor).toBe(sequence)
    expect((await json(`subscriptions seek ${id} --to 1`))[0]).toMatchObject({ id })
    expect((await tocsin(`explain read ${id}`)).out).toContain('It reads the log itself')
  })

  it('a file is described by a YAML file, paused, resumed, updated; its tasks are shown and cancelled', async () => {
    writeFileSync(join(folder, 's.yaml'), 'name: archive\ntypes: [user.*]\ntransport: pull\n')
    const [created] = await json(`subscriptions create --file s.yaml --name all`)
    expect(created).toMatchObject({ name: 'all', transport: 'pull' })
    const id = String(created?.id)
    expect((await json(`subscriptions pause ${id}`))[0]).toMatchObject({ state: 'paused' })
    expect((await json(`subscriptions resume ${id}`))[0]).toMatchObject({ state: 'active' })
    expect((await json(`subscriptions update ${id} --types user.created,user.deleted`))[0]).toMatchObject({
      types: ['user.created', 'user.deleted'],
    })
    await tocsin('publish -', { input: '{"type":"user.created","source":"/hr","id":"held","data":{}}' })
    const [task] = await json(`tasks list --subscription ${id}`)
    expect((await json(`tasks show ${task?.id}`))[0]).toMatchObject({ state: 'due' })
    expect((await json(`tasks cancel ${task?.id}`))[0]).toMatchObject({ state: 'cancelled' })
    expect((await json(`tasks retry ${task?.id}`))[0]).toMatchObject({ state: 'due' })
    expect((await json(`tasks redrive --subscription ${id} --dry-run`))[0]).toEqual({ count: 0 })
    const wrong = await tocsin('subscriptions create --name w --types * --url http://10.0.0.1/')
    expect(wrong.err).toContain('target_refused')
    expect(wrong.err).toContain('field: target.url')
  })
})

describe('what a subscription may say', () => {
  const FLAGS = [
    ...['--name all-said --types user.* --transport file --target path=said.ndjson --format cloudevents'],
    ...['--source ada --source-type user --relation owns --cel data.id=="ada" --not-self'],
    ...['--redaction sensitive --sees person --payload-cel {"id":data.id} --scope tenant --start earliest'],
    ...['--delivery tasks --order none --duplicates remove --attempts 4 --delays 500ms,5s --delays 2m'],
    ...['--disable-after 70 --record all --timeout 1500ms --concurrency 3 --rate 0.5'],
  ].join(' ')
  const SAID = {
    ...{ name: 'all-said', types: ['user.*'], transport: 'file', target: { path: 'said.ndjson' } },
    ...{ format: 'cloudevents', source: { id: 'ada', type: 'user' }, relation: 'owns', notSelf: true },
    ...{ filters: [{ cel: 'data.id=="ada"' }], redaction: 'sensitive', sees: ['person'] },
    ...{ payload: { cel: '{"id":data.id}' }, scope: 'tenant', start: 'earliest' },
    ...{ delivery: 'tasks', order: 'none', duplicates: 'remove', disableAfter: 70, record: 'all' },
    ...{ retry: { attempts: 4, firstDelay: 500, maxDelay: 120_000, delays: [500, 5_000, 120_000] } },
    ...{ timeout: 1_500, concurrency: 3, rate: 0.5 },
  }
  const smallest = 'subscriptions create --name s --types * --transport log'

  it('is said by flags, each member of it', async () => {
    const [made] = await json(`subscriptions create ${FLAGS}`)
    expect(made).toMatchObject(SAID)
    // Of a file there is no digest.
    expect([...Object.keys(SAID), 'digest'].sort()).toEqual(Object.keys(SubscriptionInput.properties).sort())
    expect((await tocsin('subscriptions list')).out).toMatch(/all-said .* file +said\.ndjson/)
    const [changed] = await json(`subscriptions update ${made?.id} --no-not-self --source bob --payload full`)
    expect(changed).toMatchObject({ ...SAID, notSelf: false, source: { id: 'bob', type: 'user' }, payload: 'full' })
  })

  it('is said by flags, each field of its target as the transport takes it', async () => {
    const place = '--target host=127.0.0.1 --target port=1162 --target version=3'
    const login = '--target user=1234 --target authPassword=123456789012345678901'
    const [made] = await json(`subscriptions create --name m --types user.* --transport snmp ${place} ${login}`)
    expect(made?.target).toMatchObject({ host: '127.0.0.1', port: 1162, version: '3', user: '1234' })
    const [changed] = await json(`subscriptions update ${made?.id} --target user=5 --target version=3`)
    expect(changed?.target).toMatchObject({ version: '3', user: '5' })
    await tocsin(`subscriptions delete ${made?.id}`)
  })

  it('a list of waits stands instead of what was there, and doubling instead of a list', async () => {
    const [{ id } = {}] = await json(smallest)
    const retryAfter = async (flags: string) => (await json(`subscriptions update ${id} ${flags}`))[0]?.retry
    const listed = { attempts: 10, firstDelay: 5_000, maxDelay: 60_000, delays: [5_000, 60_000] }
    expect(await retryAfter('--delays 5s,1m')).toEqual(listed)
    const doubling = { attempts: 10, firstDelay: 2_000, maxDelay: 60_000 }
    expect(await retryAfter('--first-delay 2s')).toEqual(doubling)
    expect(await retryAfter('--max-delay 9s --attempts 2')).toEqual({ ...doubling, attempts: 2, maxDelay: 9_000 })
    expect(await retryAfter('--delays 5s,1m')).toEqual({ ...listed, attempts: 2 })
  })

  it.each([
    ['--rate 10001', 'rate'],
    ['--rate 0', 'rate'],
    ['--attempts 101', 'retry.attempts'],
    ['--attempts 1.5', 'retry.attempts'],
    ['--delays 5s,8d', 'retry.delays[1]'],
    ['--delays 5s --first-delay 1s', 'retry.firstDelay'],
    ['--disable-after 1000001', 'disableAfter'],
    ['--concurrency 1001', 'concurrency'],
    ['--timeout 99ms', 'timeout'],
    ['--digest 1s --digest-max 1001', 'digest.max'],
    ['--record some', 'record'],
    ['--duplicates drop', 'duplicates'],
  ])('%s is refused as the API refuses it', async (flags, field) => {
    const [{ id } = {}] = await json(smallest)
    for (const words of [`${smallest} ${flags}`, `subscriptions update ${id} ${flags}`]) {
      const { code, err } = await tocsin(`${words} --json`)
      expect({ code, ...JSON.parse(err) }).toMatchObject({ code: 1, error: { code: 'invalid_request', field } })
    }
    await tocsin(`subscriptions delete ${id}`)
  })

  it('--payload beside --payload-cel, and what is no number, is wrong use', async () => {
    for (const flags of ['--payload thin --payload-cel data', '--rate fast', '--delays soon'])
      expect(await tocsin(`${smallest} ${flags}`)).toMatchObject({ code: 2 })
  })
})

describe('operators', () => {
  it('make, see and revoke keys', async () => {
    const [made] = await json('keys create --name p --roles publisher --expires 30d')
    const environment = { TOCSIN_SERVER: instance.url, TOCSIN_KEY: String(made?.key) }
    expect((await tocsin('types list', { environment })).code).toBe(0)
    expect((await tocsin('keys list')).out).not.toContain(String(made?.key))
    expect((await tocsin(`keys revoke ${made?.id}`)).code).toBe(0)
    expect((await tocsin('types list', { environment })).err).toContain('unauthenticated')
  })

  it('make tenants and act on them', async () => {
    expect((await json('tenants create acme --name Acme --open-types'))[0]).toMatchObject({
      id: 'acme',
      openTypes: true,
    })
    await tocsin('--tenant acme publish -', { input: '{"type":"own.thing","source":"/x","id":"t1"}' })
    expect(await json('--tenant acme events list')).toHaveLength(1)
    expect((await tocsin('events show t1')).code).toBe(1)
    expect((await json('tenants update acme --no-open-types --name A'))[0]).toMatchObject({
      openTypes: false,
      name: 'A',
    })
  })

  it('set what a tenant may have of what all share', async () => {
    const flags = '--weight 4 --events-per-second 500 --unfinished-tasks 20000'
    expect((await json(`tenants create beta --name Beta ${flags}`))[0]).toMatchObject({
      ...{ weight: 4, eventsPerSecond: 500, unfinishedTasks: 20_000 },
    })
    expect((await json('tenants update beta --events-per-second none'))[0]).toMatchObject({
      ...{ weight: 4, eventsPerSecond: null, unfinishedTasks: 20_000 },
    })
    expect((await tocsin('tenants list')).out).toContain('UNFINISHED TASKS')
    const wrong = await tocsin('tenants update beta --weight 0')
    expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining('weight') })
  })

  it('change resources, which become events', async () => {
    expect((await tocsin('resources create door-1 --type door --owner hq --set color=red')).out).toMatch(
      /^door-1 is at revision 1\. Events: resource\./,
    )
    await tocsin('resources create ada --type user')
    expect((await tocsin('resources link ada opens door-1')).out).toContain('resource.linked')
    expect((await json('resources show ada'))[0]).toMatchObject({ links: [{ relation: 'opens', to: 'door-1' }] })
    expect(await json('resources list')).toHaveLength(2)
    const stale = await tocsin('resources update door-1 --set color=blue --revision 7')
    expect(stale.code).toBe(1)
    expect(stale.err).toContain('precondition_failed')
    expect((await tocsin('resources remove door-1 --revision 7')).code).toBe(1)
    expect((await tocsin('resources update door-1 --set color=blue --revision 1')).out).toContain('at revision 2')
    expect((await tocsin('resources remove door-1 --revision 2')).out).toContain('resource.unlinked')
    await tocsin('resources create plan --type subscription')
    expect((await tocsin('resources bind-domain plan example.com')).out).toContain('resource.bound-to-domain')
    expect((await tocsin('resources limits plan --set seats=10 --revision 1')).out).toContain('resource.limits-changed')
    expect((await tocsin('resources renew plan --period 12 --unit month')).out).toContain('resource.renewed')
    expect(await tocsin('resources bind-domain ada example.com')).toMatchObject({ code: 1 })
    expect((await tocsin('types resources')).out).toContain('subscription')
  })

  it('log in by standard input; the key is kept and used', async () => {
    const environment = { TOCSIN_SERVER: instance.url }
    expect((await tocsin('login', { environment, input: `${key}\n` })).code).toBe(0)
    expect((await tocsin('types list', { environment: {} })).code).toBe(0)
    expect((await tocsin('login', { environment, input: '\n' })).code).toBe(2)
  })
})

describe('the instance', () => {
  it('is examined, and its settings are shown', async () => {
    const findings = await json('doctor')
    const by = Object.fromEntries(findings.map(({ name, level }) => [name, level]))
    expect(by).toMatchObject({
      settings: 'ok',
      sealing: 'ok',
      database: 'ok',
      server: 'ok',
      clock: 'ok',
      key: 'ok',
      sync: 'ok',
      nodes: 'ok',
    })
    const [node, ...more] = await json('nodes')
    expect(node).toMatchObject({ state: 'ready', pid: process.pid, running: 0 })
    expect(more).toEqual([])
    const shown = await tocsin('config', { environment: { TOCSIN_SEALING_KEY: 'hunter2' } })
    expect(shown.err).toContain('sealing.key and sealing.keyFile are both given')
    expect(shown.err).not.toContain('hunter2')
    expect((await json('config --set server.port=1'))[0]).toMatchObject({ server: { port: 1 } })
    expect((await tocsin('config --set server.prot=1')).err).toContain('Did you mean server.port?')
  })

  it('is backed up while it serves, and restored while it does not', async () => {
    const copy = join(folder, 'copy.db')
    expect((await tocsin(`backup ${copy}`)).code).toBe(0)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect((await tocsin(`backup ${copy}`)).err).toContain('already_exists')
    expect((await tocsin(`restore ${copy}`)).err).toContain('--force')
    expect((await tocsin(`restore ${copy} --force`)).err).toContain('in use by another process')
    expect((await tocsin('keys create --offline --name o --roles operator')).err).toContain('in use')
    const [before] = await json('events list --limit 1')
    await instance.close()
    writeFileSync(join(folder, 'no.db'), 'not a database')
    expect((await tocsin(`restore ${join(folder, 'no.db')} --force`)).code).toBe(1)
    const [restored] = await json(`restore ${copy} --force`)
    const made = await runCli('keys create --offline --name o --roles operator --json'.split(' '), {
      folder,
    })
    expect((await tocsin('doctor')).code).toBe(1)
    instance = await start()
    key = JSON.parse(made.out).key
    const [after] = await json('events list --limit 1')
    expect(after?.event).toEqual(before?.event)
    expect(after?.epoch).toBe(restored?.epoch)
    expect(after?.epoch).not.toBe(before?.epoch)
  })
})
