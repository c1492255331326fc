/**
 * `docs/transports.md` tells of each way out what is true: its table has the fields there are, and its example works against the
 * real server. The example of a transport is the first block of YAML, or of the shell, in its section. That of `ldap` is told by
 * a registry's messages in `journeys/directories.test.ts`.
 */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCli } from '../cli/testing.js'
import { call, startWorld, type World } from '../server/testing.js'
import type { EventInput } from '../src/index.js'
import { isLacking, named } from './faults/tools.js'
import { RSYSLOG, startRsyslog } from './services/rsyslog.js'
import { startMailServer } from './services/smtp.js'
import { SNMPTRAPD, startSnmptrapd } from './services/snmptrapd.js'
import { POSTGRES } from './services.js'
import { closeGrounds, postgresGround } from './sql-grounds.js'

const page = readFileSync(new URL('../docs/transports.md', import.meta.url), 'utf8')
const sections = new Map(page.split(/^## /m).map((text) => [/^[^\n:]+/.exec(text)?.[0] ?? '', text]))

const sectionOf = (transport: string): string => sections.get(transport) ?? expect.fail(`no section ${transport}`)

/** The words in code in the first cells of the table of fields. */
function fieldsIn(section: string): readonly string[] {
  const table = /^\| field \|.*\n\|[-| ]+\n((?:\|.*\n)*)/m.exec(section)?.[1] ?? ''
  const cells = table.split('\n').map((row) => row.split(' | ')[0] ?? '')
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

interface Example {
  readonly types: readonly string[]
  readonly target: Readonly<Record<string, unknown>>
}

function exampleIn(section: string): Example {
  const text = /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? expect.fail('no example')
  return [parse(text)].flat()[0]
}

const root = mkdtempSync(join(tmpdir(), 'tocsin-page-'))
const lines: string[] = []
let world: World
beforeAll(async () => {
  mkdirSync(join(root, 'default'))
  world = await startWorld(
    {},
    {
      config: {
        ...{ database: 'memory', egress: { allow: ['127.0.0.0/8'], allowHttp: true }, files: { root } },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
      },
      log: {
        ...console,
        ...Object.fromEntries(['debug', 'info', 'warn', 'error'].map((level) => [level, keep])),
      } as never,
    },
  )
  world.hub.handle('card-printer', ({ type }) => void told.push(type))
})
const told: string[] = []
const keep = (...words: unknown[]) => void lines.push(JSON.stringify(words))
afterAll(closeGrounds)
afterAll(async () => {
  await world.close()
  rmSync(root, { recursive: true })
})

const REVOKED = { certificateSerialNumber: '12ab', reason: 'lost', userId: 'ada', language: 'cs' }
const revoked = (): EventInput =>
  ({ type: 'credential.revoked', source: '/cms', subject: 'card-1', data: REVOKED }) as EventInput

/** The example, told of an event; answers its subscription. */
async function live(transport: string, reach: object, event: EventInput = revoked()) {
  const example = exampleIn(sectionOf(transport))
  const target = { ...example.target, ...reach }
  const { id } = await world.hub.subscriptions.create(world.hub.local, { ...example, target } as never)
  await world.hub.publish(event)
  return id
}

const delivered = (id: string) =>
  expect
    .poll(async () =>
      (await world.hub.tasks.list(world.hub.local, { subscription: id }, {})).items.map((task) => task.state),
    )
    .toEqual(['done'])

it('every transport has a section whose table has its fields, and no others', async () => {
  const { json } = await call(world, 'GET', '/v1/transports', { key: world.keys.operator })
  const transports = json.items as readonly { readonly name: string; readonly target: object }[]
  expect(transports).toHaveLength(10)
  for (const { name, target } of transports) {
    const described = Object.keys(Object(Object(target).properties))
    expect({ name, fields: [...fieldsIn(sectionOf(name))].sort() }).toEqual({ name, fields: described.sort() })
  }
})

describe('the example of', () => {
  it('webhook', async () => {
    const heard: unknown[] = []
    const server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      heard.push({ type: JSON.parse(body).type, signed: 'webhook-signature' in request.headers })
      response.end()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    await delivered(await live('webhook', { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }))
    expect(heard).toEqual([{ type: 'credential.revoked', signed: true }])
    server.closeAllConnections()
    server.close()
  })

  it('smtp', async () => {
    const server = await startMailServer()
    await delivered(await live('smtp', { host: '127.0.0.1', port: server.port, encryption: 'none' }))
    expect(server.mails.map(({ to, mail }) => [to, mail.subject, mail.text?.trim()])).toEqual([
      [['ada@example.org'], 'Certifikát 12ab byl zneplatněn', 'Reason: lost'],
    ])
    await server.close()
  })

  it('a digest', async () => {
    const server = await startMailServer()
    const { target, ...example } = exampleIn(sectionOf('Digests'))
    const reach = { host: '127.0.0.1', port: server.port, encryption: 'none' }
    const digest = { window: 1_000 }
    const made = { ...example, target: { ...target, ...reach }, digest }
    await world.hub.subscriptions.create(world.hub.local, made as never)
    for (let event = 0; event < 2; event++) await world.hub.publish(revoked())
    await expect
      .poll(() => server.mails.map(({ mail }) => mail.subject), { timeout: 10_000 })
      .toEqual(['[2] Card card-1'])
    await server.close()
  }, 20_000)

  it.skipIf(isLacking(SNMPTRAPD))(named('snmp', SNMPTRAPD), async () => {
    const { target } = exampleIn(sectionOf('snmp'))
    const server = await startSnmptrapd([
      `createUser ${target.user} SHA-256 ${target.authPassword} AES ${target.privPassword}`,
      `authUser log ${target.user} authpriv`,
    ])
    await delivered(await live('snmp', { host: '127.0.0.1', port: server.port }))
    expect(await server.received()).toHaveLength(1)
    await server.close()
  })

  it.skipIf(isLacking(RSYSLOG))(named('syslog', RSYSLOG), async () => {
    const server = await startRsyslog()
    await delivered(await live('syslog', { host: '127.0.0.1', port: server.port, protocol: 'tcp' }))
    expect(await server.lines()).toMatchObject([{ msg: expect.stringContaining('CEF:0|Tocsin|') }])
    await server.close()
  })

  it.skipIf(isLacking(POSTGRES))(named('sql, from the shell', POSTGRES), async () => {
    const ground = await postgresGround()
    const { url, password } = ground.target
    await ground.run('CREATE TABLE cards (user_id text PRIMARY KEY, serial text, type text)')
    const [, altered = ''] = /`(ALTER TABLE [^`]+)`/.exec(sectionOf('sql')) ?? []
    await ground.run(altered)
    const command = /```sh\n([\s\S]*?)```/.exec(sectionOf('sql'))?.[1] ?? ''
    const surroundings = { folder: root, environment: { TOCSIN_SERVER: world.url, TOCSIN_KEY: world.keys.operator } }
    const words = wordsOf(command.replace(/postgres:\S+/, String(url)).replace('$IDMS_PASSWORD', String(password)))
    const { code, err, out } = await runCli([...words.slice(1), '--target', 'tls=off', '--json'], surroundings)
    expect(code, err).toBe(0)
    const issued = {
      type: 'device.issued',
      source: '/cms',
      subject: 'card-1',
      outcome: 'success',
      data: { userId: 'ada' },
    }
    await world.hub.publish(issued as EventInput)
    await delivered(JSON.parse(out).id)
    expect(await ground.run('SELECT user_id, serial, type FROM cards')).toEqual([
      { user_id: 'ada', serial: 'card-1', type: 'device.issued' },
    ])
    await ground.close()
  })

  it('file', async () => {
    await delivered(await live('file', {}))
    const day = new Date().toISOString().slice(0, 10)
    expect(readFileSync(join(root, 'default', `cards-${day}.ndjson`), 'utf8')).toContain('"credential.revoked"')
  })

  it('local', async () => {
    await delivered(await live('local', {}))
    expect(told).toEqual(['credential.revoked'])
  })

  it('log', async () => {
    await delivered(await live('log', {}))
    expect(lines.join()).toContain('credential.revoked')
  })

  it('pull', async () => {
    const id = await live('pull', {})
    expect(await world.hub.tasks.lease(world.hub.local, id)).toMatchObject([{ event: { type: 'credential.revoked' } }])
  })
})

/** Of a command: quoted by single quotes, a backslash at the end of a line goes on. */
const wordsOf = (command: string): readonly string[] =>
  [...command.replaceAll('\\\n', ' ').matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  )
