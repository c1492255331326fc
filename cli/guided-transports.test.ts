/**
 * Each way out from a terminal, against its real server: what it needs is asked for, and a test event goes by the real path.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWorld, type World } from '../server/testing.js'
import { openConnection } from '../src/index.js'
import { isLacking, named } from '../test/faults/tools.js'
import { makeCertificates } from '../test/services/certificates.js'
import { MARIADB } from '../test/services/mariadb.js'
import { RSYSLOG, startRsyslog } from '../test/services/rsyslog.js'
import { ADMIN, SLAPD, startSlapd } from '../test/services/slapd.js'
import { startMailServer } from '../test/services/smtp.js'
import { SNMPTRAPD, startSnmptrapd } from '../test/services/snmptrapd.js'
import { POSTGRES } from '../test/services.js'
import { closeGrounds, mariadbGround, postgresGround, type SqlGround } from '../test/sql-grounds.js'
import { onTerminal, SCRIPT, type Turns } from '../test/terminal.js'

const root = mkdtempSync(join(tmpdir(), 'tocsin-guided-'))
let world: World
beforeAll(async () => {
  world = await startWorld(
    {},
    {
      config: {
        ...{ database: 'memory', log: { level: 'silent' }, egress: { allow: ['127.0.0.0/8'] }, files: { root } },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
      },
    },
  )
  world.hub.handle('told', () => undefined)
})
afterAll(closeGrounds)
afterAll(async () => {
  await world.close()
  rmSync(root, { recursive: true })
})

const TABLE = 'CREATE TABLE told (id varchar(40) PRIMARY KEY, body text, tocsin_sequence bigint)'
const AT = '127.0.0.1'
/** A field that is named, and its value. */
const field = (name: string, value: unknown): Turns => [
  [' field? ', name],
  [name, String(value)],
]
const END: Turns = [[' field? ', '']]
const login = ({ url, password }: SqlGround['target']): Turns => [
  ...field('url', url),
  ...field('password', password),
  ...field('tls', 'off'),
  ...END,
]
const NO_MORE: Turns = [['(no more)', '']]

/** Answers the subscription, once all was asked, and the test event came to this. */
async function created(transport: string, turns: Turns, outcome = 'delivered') {
  const { code, screen, unasked } = await onTerminal({
    words: ['subscriptions', 'create', '--transport', transport],
    turns: [[`name (${transport}): `, ''], ['types (*): ', 'device.*'], ...turns, ['send a test event now', '']],
    ...{ server: world.url, key: world.keys.operator },
  })
  expect({ code, unasked }, screen).toEqual({ code: 0, unasked: [] })
  expect(screen).toMatch(new RegExp(`outcome\\s+${outcome}`))
  const { items } = await world.hub.subscriptions.list(world.hub.local, {})
  const made = items.find((each) => each.transport === transport && screen.includes(each.id))
  return { screen, target: made?.target }
}

describe.skipIf(isLacking(SCRIPT))(named('a terminal asks for', SCRIPT), () => {
  it('smtp, in several languages, and again for what reads data that is not there', async () => {
    const server = await startMailServer()
    const { screen } = await created('smtp', [
      ['host: ', AT],
      ['from: ', 'tocsin@example.org'],
      ['to: ', '{"cel": "data.ownr"}'],
      ...field('port', server.port),
      ...field('encryption', 'none'),
      ...field('subject', 'Card {{ event.subject }}'),
      ...field('language', '"cs"'),
      ...field('languages', 'cs'),
      ['languages.cs: a field?', 'subject'],
      ['languages.cs.subject', 'Karta'],
      ['languages.cs: another field?', ''],
      ...NO_MORE,
      ...END,
      ['data.ownr', 'ada@example.org'],
    ])
    expect(screen).toMatch(/code\s+250/)
    expect(server.mails.map(({ to, mail }) => [to, mail.subject])).toEqual([[['ada@example.org'], 'Karta']])
    await server.close()
  }, 60_000)

  it.skipIf(isLacking(SNMPTRAPD))(
    named('snmp', SNMPTRAPD),
    async () => {
      const secrets = ['authentic-canary', 'private-canary'] as const
      const server = await startSnmptrapd([
        `createUser us SHA-256 ${secrets[0]} AES ${secrets[1]}`,
        'authUser log us authpriv',
      ])
      const { screen } = await created('snmp', [
        ['host: ', AT],
        ['version, one of 2c, 3: ', '3'],
        ...field('port', server.port),
        ...field('privPassword', secrets[1]),
        ...END,
        // What the version needs is asked for by the server's refusal.
        ['user (none): ', 'us'],
        ['authPassword (none): ', secrets[0]],
      ])
      for (const secret of secrets) expect(screen).not.toContain(secret)
      expect(await server.received()).toHaveLength(1)
      await server.close()
    },
    60_000,
  )

  it.skipIf(isLacking(RSYSLOG))(
    named('syslog', RSYSLOG),
    async () => {
      const server = await startRsyslog()
      await created('syslog', [
        ['host: ', AT],
        ...field('port', server.port),
        ...field('protocol', 'tcp'),
        ...field('body', 'cef'),
        ...END,
      ])
      expect(await server.lines()).toMatchObject([
        { id: 'tocsin.target.tested', msg: expect.stringContaining('CEF:0|') },
      ])
      await server.close()
    },
    60_000,
  )

  it.skipIf(isLacking(SLAPD))(
    named('ldap, with names and octets among the attributes', SLAPD),
    async () => {
      const server = await startSlapd(['dc=example,dc=org'], makeCertificates())
      const { screen, target } = await created('ldap', [
        ['host: ', AT],
        ['operation: ', 'put'],
        ['dn: ', 'uid={{ event.id }},dc=example,dc=org'],
        ...field('port', server.port),
        ...field('encryption', 'none'),
        ...field('bindDn', ADMIN),
        ...field('password', server.password),
        ...field('attributes', 'objectClass=["account"]'),
        ['attributes', 'seeAlso={"dn": "uid={{ event.id }},dc=example,dc=org"}'],
        ...NO_MORE,
        ...END,
      ])
      expect(screen).not.toContain(server.password)
      expect(screen).toMatch(/code\s+checked/)
      expect(target?.attributes).toEqual({
        objectClass: '["account"]',
        seeAlso: { dn: 'uid={{ event.id }},dc=example,dc=org' },
      })
      await server.close()
    },
    60_000,
  )

  it.skipIf(isLacking(POSTGRES))(
    named('rows in PostgreSQL, by a mapping', POSTGRES),
    async () => {
      const ground = await postgresGround()
      await ground.run(TABLE)
      const { screen } = await created('sql', [
        ...login(ground.target),
        ['The target needs table or statement', 'told'],
        ['A table needs its key', 'id=event.id'],
        ...NO_MORE,
      ])
      expect(screen).not.toContain(ground.target.password)
      expect(screen).toMatch(/code\s+checked/)
      await ground.close()
    },
    60_000,
  )

  it.skipIf(isLacking(MARIADB))(
    named('a statement in MariaDB, and not for the table it is instead of', MARIADB),
    async () => {
      const ground = await mariadbGround()
      await ground.run(TABLE)
      const { screen } = await created('sql', [
        ...login(ground.target),
        ['The target needs table or statement', ''],
        ...field('statement', 'INSERT INTO told (id) VALUES (:id)'),
        ...field('parameters', 'id=event.id'),
        ...NO_MORE,
        ...END,
      ])
      expect(screen).toMatch(/code\s+checked/)
      await ground.close()
    },
    60_000,
  )

  it('a file of SQLite, lines in a file, the log, a handler', async () => {
    mkdirSync(join(root, 'default'))
    const file = openConnection(join(root, 'default', 'idms.db'))
    file.exec(TABLE)
    file.close()
    const { screen } = await created('sql', [
      ...field('file', 'idms.db'),
      ...field('table', 'told'),
      ...field('key', 'id=event.id'),
      ...NO_MORE,
      ...END,
    ])
    expect(screen).toMatch(/request\s+sql:idms.db/)
    await created('file', [['path: ', 'all.ndjson'], ...END])
    expect(JSON.parse(readFileSync(join(root, 'default', 'all.ndjson'), 'utf8'))).toMatchObject({
      type: 'tocsin.target.tested',
    })
    await created('log', END)
    await created('local', [['handler: ', 'told']])
  }, 60_000)
})
