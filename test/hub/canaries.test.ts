/**
 * The secrets of every transport, by its own description: none is in the database, the log, an answer or an error.
 */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createHub, type Hub } from '../../src/index.js'
import { textOfFolder, textOfSchema } from '../all-text.js'
import { isLacking, named } from '../faults/tools.js'
import { makeCertificates } from '../services/certificates.js'
import { freshSchema, POSTGRES } from '../services.js'
import { QUIET, user } from './ground.js'

const { cert, key } = makeCertificates()
const privateKey = String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
// A line of a key is as good as the key.
const KEY_LINES = [key, privateKey].map((pem) => pem.split('\n')[1] ?? '')
const CANARY = 'zq7canary'
/** Nobody listens there. */
const NOWHERE = { host: '127.0.0.1', port: 9 }

/** Each secret field of each transport, with a canary in it; several where they do not go together. */
const TARGETS: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> = {
  webhook: [
    { url: 'https://127.0.0.1:9/', cert, key, headers: { authorization: `Bearer ${CANARY}-1` } },
    {
      url: 'https://127.0.0.1:9/',
      oauth2: { tokenUrl: 'https://127.0.0.1:9/token', clientId: 'us', clientSecret: `${CANARY}-2` },
    },
  ],
  smtp: [
    {
      ...{ ...NOWHERE, from: 'a@example.org', to: 'b@example.org', user: 'us', password: `${CANARY}-3` },
      ...{ dkim: { domain: 'example.org', selector: 's', privateKey }, cert, key },
    },
  ],
  syslog: [{ ...NOWHERE, cert, key }],
  snmp: [
    { ...NOWHERE, version: '2c', community: `${CANARY}-4`, kind: 'trap' },
    {
      ...{ ...NOWHERE, version: '3', kind: 'trap', user: 'us' },
      ...{ authPassword: `${CANARY}-5`, privPassword: `${CANARY}-6` },
    },
  ],
  sql: ['postgres', 'mariadb'].map((kind) => ({
    ...{ url: `${kind}://us@127.0.0.1:9/idms`, password: `${CANARY}-7`, table: 't', key: { id: 'event.id' } },
    ...{ cert, certKey: key },
  })),
  ldap: [
    { ...NOWHERE, bindDn: 'cn=us', password: `${CANARY}-8`, operation: 'modify', dn: 'cn={{ event.id }}', cert, key },
  ],
}

/** `headers`, `oauth2.clientSecret`. */
function secretFields(schema: unknown, at = ''): readonly string[] {
  const { properties = {} } = Object(schema)
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = at === '' ? name : `${at}.${name}`
    return Object(field).writeOnly === true ? [path] : secretFields(field, path)
  })
}

const isGiven = (target: unknown, path: string): boolean => {
  const value = path.split('.').reduce<unknown>((whole, name) => Object(whole)[name], target)
  return new RegExp(`${CANARY}|PRIVATE KEY`).test(JSON.stringify(value) ?? '')
}

describe('a secret of a target', () => {
  let hub: Hub
  const lines: string[] = []
  const log = pino(
    { level: 'trace' },
    new Writable({
      write(chunk, _encoding, done) {
        lines.push(String(chunk))
        done()
      },
    }),
  )
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-canaries-'))
  afterEach(async () => {
    await hub.close()
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const open = async (database: string, store: Readonly<Record<string, unknown>> = { thread: 'main' }) => {
    hub = await createHub({ database, config: { ...QUIET, egress: { allow: ['127.0.0.0/8'] }, store }, log })
  }

  /** Every answer that tells of subscriptions whose every delivery fails. */
  async function live(): Promise<string> {
    const said: unknown[] = []
    for (const [transport, targets] of Object.entries(TARGETS))
      for (const [index, target] of targets.entries()) {
        const spec = { name: `${transport} ${index}`, types: ['user.*'], transport, target, retry: { attempts: 1 } }
        const { id, secret: _shownOnce, ...view } = await hub.subscriptions.create(hub.local, spec)
        said.push(view, await hub.subscriptions.test(hub.local, String(id)))
        const bad = { ...spec, target: { ...target, nonsense: CANARY } }
        said.push(
          await hub.subscriptions
            .create(hub.local, bad)
            .catch((error: unknown) => JSON.stringify([error, String(error)])),
        )
      }
    await hub.publish(user('ada'))
    const all = Object.values(TARGETS).flat().length
    await expect
      .poll(async () => (await hub.tasks.list(hub.local, { states: ['exhausted', 'done'] }, {})).items.length, {
        timeout: 15_000,
      })
      .toBe(all)
    const { items } = await hub.tasks.list(hub.local, {}, {})
    said.push(items, ...(await Promise.all(items.map(({ id }) => hub.tasks.get(hub.local, String(id))))))
    said.push(await hub.subscriptions.list(hub.local, {}), await hub.audit.list(hub.local, {}))
    return JSON.stringify(said)
  }

  const holdsNone = (text: string) => {
    for (const canary of [`${CANARY}-`, ...KEY_LINES]) expect(text.includes(canary), canary).toBe(false)
  }

  it('has a canary here, whatever the transport', async () => {
    await open('memory')
    for (const { name, target } of hub.transports)
      for (const field of secretFields(target))
        expect(
          (TARGETS[name] ?? []).some((each) => isGiven(each, field)),
          `${name}: ${field}`,
        ).toBe(true)
  })

  it('is in no answer, no line of the log, and nowhere in a SQLite file or beside it', {
    timeout: 60_000,
  }, async () => {
    await open(join(folder, 'a.db'))
    const said = await live()
    expect(said).toContain('exhausted')
    expect(lines.length).toBeGreaterThan(0)
    holdsNone(said)
    holdsNone(lines.join(''))
    const kept = textOfFolder(folder)
    expect(kept).toContain('ldap 0')
    holdsNone(kept)
  })

  it.skipIf(isLacking(POSTGRES))(named('is in no table on PostgreSQL', POSTGRES), { timeout: 60_000 }, async () => {
    const { url, schema } = await freshSchema()
    await open(url, { schema, pool: 4 })
    holdsNone(await live())
    const kept = await textOfSchema(url, schema)
    expect(kept).toContain('ldap 0')
    holdsNone(kept)
  })
})
