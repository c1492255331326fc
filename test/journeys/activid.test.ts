/**
 * Somebody comes from ActivID CMS with the example of its documentation: the IDMS is to know when a device is issued or
 * terminated for a user. Their own properties file and class; the IDMS row follows in both cases, also when the IDMS was away.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { runCli } from '../../cli/testing.js'
import {
  type AIMSEvent,
  actividCms,
  type Configuration,
  type ConfigurationTemplate,
  EventNotificationAdapter,
} from '../../profiles/index.js'
import { createServer } from '../../server/app.js'
import { createHub, type Hub } from '../../src/index.js'
import { type BadLine, openLine } from '../faults/nodes/bad-line.js'
import { pause, until } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { freshDatabase, POSTGRES } from '../services.js'

/** Where the plug-in connects to; a test's port is known late. */
let idmsUrl = ''

/** What the team had written in Java: it connects to the IDMS and updates the user's row. */
class IdmsNotification extends EventNotificationAdapter {
  #table = ''
  override getConfigurationTemplate(): ConfigurationTemplate {
    return {
      inputs: [
        { name: 'table', label: 'Table of users', required: true },
        { name: 'password', label: 'Password of the IDMS', secret: true, required: true },
      ],
    }
  }
  override setConfiguration({ table }: Configuration) {
    this.#table = String(table)
  }
  override async onDeviceEventReceived(event: AIMSEvent) {
    const state = STATES[event.EventID]
    // Failures come under the same number.
    if (state === undefined || event.Status !== 0) return
    const user = event.EventID === 10006 ? event.AdditionalInfoChar3 : event.AdditionalInfoChar2
    const idms = new Client({ connectionString: idmsUrl, connectionTimeoutMillis: 1_000 })
    idms.on('error', () => undefined)
    try {
      await idms.connect()
      await idms.query(`UPDATE ${this.#table} SET device = $1, state = $2 WHERE id = $3`, [event.ClientID, state, user])
    } finally {
      await idms.end().catch(() => undefined)
    }
  }
}
const STATES: Readonly<Record<number, string>> = { 10001: 'issued', 10006: 'terminated' }

const PROPERTIES = `# eventnotificationplugins.properties
plugins=IDMS
IDMS.class=com.acme.cms.IdmsNotification
`
const CARD = { ClientID: '0A1B2C3D', OperatorID: 'CN=Ana,O=Acme', StatusDescription: null, AdditionalInfoNum2: 0 }
const ISSUED = {
  ...{ ...CARD, EventID: 10001, Description: 'CardIssuance', Status: 0, AdditionalInfoNum1: 0 },
  ...{ AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: 'ada', AdditionalInfoChar3: null },
}
const TERMINATED = {
  ...{ ...CARD, EventID: 10006, Description: 'Terminate', Status: 0, AdditionalInfoNum1: 0 },
  ...{ AdditionalInfoChar1: 'PIV', AdditionalInfoChar2: 'LOST', AdditionalInfoChar3: 'ada' },
}
const FAILED = { ...TERMINATED, Status: 1, StatusDescription: 'The CA did not answer.' }

const STORES = [{ store: 'SQLite' }, { store: 'PostgreSQL' }] as const

describe.skipIf(isLacking(POSTGRES))(named('from ActivID CMS', POSTGRES), () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  it.each(STORES)('the IDMS follows, also when it was away: on $store', { timeout: 120_000 }, async ({ store }) => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-activid-'))
    ends.push(() => rmSync(folder, { recursive: true }))
    const idms = await openIdms()
    const instance = await open(store, folder)
    const { tocsin } = instance

    writeFileSync(join(folder, 'eventnotificationplugins.properties'), PROPERTIES)
    const imported = await tocsin('import', 'activid-plugins', 'eventnotificationplugins.properties')
    expect(imported).toMatchObject({
      code: 0,
      out: expect.stringContaining('activid-cms:IDMS -> com.acme.cms.IdmsNotification'),
    })
    const asked = await tocsin('processors', 'show', 'activid-cms:IDMS')
    expect(asked.out).toMatch(/inputs .*table .*required.*password .*secret/s)
    await tocsin('processors', 'set', 'activid-cms:IDMS', 'table=users', `password=${idms.password}`)
    // The ready plug-in: a row by a subscription, without any code.
    const mapping = [
      'key={"user_id":"data.userId"}',
      `columns={"serial":"event.subject","state":"event.type == 'activid-cms.10006' ? 'terminated' : 'issued'"}`,
    ]
    const subscribed = await tocsin(
      ...['subscriptions', 'create', '--name', 'idms', '--types', 'activid-cms.10001,activid-cms.10006'],
      ...['--cel', "event.outcome == 'success'", '--transport', 'sql', '--attempts', '100', '--file', 'retry.yaml'],
      ...[`url=${idms.url}`, `password=${idms.password}`, 'tls=off', 'table=cards', ...mapping].flatMap((each) => [
        '--target',
        each,
      ]),
    )
    expect(subscribed).toMatchObject({ code: 0 })
    expect(await tocsin('subscriptions', 'test', subscribed.id)).toMatchObject({
      out: expect.stringContaining('checked'),
    })

    const publish = async (message: object) => {
      writeFileSync(join(folder, 'event.json'), JSON.stringify(message))
      expect(await tocsin('publish', 'event.json', '--as', 'activid-cms')).toMatchObject({ code: 0 })
    }
    await publish(ISSUED)
    await until('the device is issued', async () => (await idms.shows()) === 'issued 0A1B2C3D issued')

    await publish(FAILED)
    idms.away()
    await publish(TERMINATED)
    await until('it was tried in vain', async () => instance.isRetrying())
    idms.back()
    await until('the device is terminated', async () => (await idms.shows()) === 'terminated 0A1B2C3D terminated')

    await publish(ISSUED)
    await until('another one is issued', async () => (await idms.shows()) === 'issued 0A1B2C3D issued')
    await tocsin('replay', subscribed.id, '--from', '1')
    await pause(300)
    expect(await idms.shows()).toBe('issued 0A1B2C3D issued')

    await instance.close()
    const texts = [subscribed.out, instance.shown(), ...filesIn(folder)]
    for (const text of texts) expect(text.includes(idms.password)).toBe(false)
  })

  /** Two tables: one for their own class, one for the subscription. */
  async function openIdms() {
    const whole = new URL(await freshDatabase())
    const line: BadLine = await openLine(Number(whole.port))
    const admin = new Client({ connectionString: whole.href })
    admin.on('error', () => undefined)
    await admin.connect()
    ends.push(
      () => line.close(),
      () => admin.end(),
    )
    await admin.query(`CREATE TABLE users (id text PRIMARY KEY, device text, state text);
      INSERT INTO users VALUES ('ada');
      CREATE TABLE cards (user_id text PRIMARY KEY, serial text, state text, tocsin_sequence bigint)`)
    const { password } = whole
    whole.port = String(line.port)
    idmsUrl = whole.href
    whole.password = ''
    return {
      url: whole.href,
      password,
      away() {
        line.mood = 'refuse'
        line.cut()
      },
      back() {
        line.mood = 'pass'
      },
      async shows() {
        const { rows } = await admin.query(
          "SELECT u.state || ' ' || c.serial || ' ' || c.state AS shown FROM users u JOIN cards c ON u.id = c.user_id",
        )
        return (rows[0] as { shown: string } | undefined)?.shown
      },
    }
  }

  async function open(store: string, folder: string) {
    writeFileSync(join(folder, 'retry.yaml'), 'retry: { firstDelay: 50, maxDelay: 200 }')
    const database = store === 'SQLite' ? join(folder, 'test.db') : await freshDatabase()
    const hub: Hub = await createHub({
      database,
      plugins: [actividCms],
      classes: { 'com.acme.cms.IdmsNotification': { load: () => IdmsNotification, asynchronous: true } },
      config: {
        log: { level: 'silent' },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
        egress: { allow: ['127.0.0.0/8'] },
        ...(store === 'SQLite' && { store: { thread: 'main' } }),
      },
    })
    const app = createServer(hub)
    const server = await app.listen({ port: 0 })
    const { key } = await hub.keys.create(hub.local, { name: 'journey', roles: ['operator', 'admin'] })
    const environment = { TOCSIN_SERVER: server, TOCSIN_KEY: key }
    const outputs: string[] = []
    let isClosed = false
    const close = async () => {
      if (isClosed) return
      isClosed = true
      await app.close()
      await hub.close()
    }
    ends.push(close)
    return {
      close,
      shown: () => outputs.join(''),
      async tocsin(...words: string[]) {
        const ran = await runCli(words, { folder, environment })
        outputs.push(ran.out, ran.err)
        return { ...ran, id: /sub_\w+/.exec(ran.out)?.[0] ?? '' }
      },
      /** Both of them: the plug-in's chain, and the subscription's task. */
      async isRetrying() {
        const { items } = await hub.tasks.list(hub.local, { states: ['waiting'] }, {})
        return items.length >= 2
      },
    }
  }
})

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
