/**
 * A database that is away, slow, not ours or not to be trusted: a PostgreSQL of its own, started, stopped and started again.
 */
import { execFileSync } from 'node:child_process'
import { chownSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { makeCertificates, writeCertificates } from '../../../test/services/certificates.js'
import { type Postgres, startPostgres } from '../../../test/services/postgres.js'
import { programs } from '../../../test/services/programs.js'
import { POSTGRES } from '../../../test/services.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { formatSequence } from '../../event/envelope.js'
import type { OutgoingMessage, Sender, SendOutcome } from '../transport.js'
import { sqlTransport } from './sql.js'

const opened = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const shut = new EgressClient({ policy: createPolicy() })
const ROW = { table: 'users', key: { id: 'event.subject' } }

const message = (sequence: number): OutgoingMessage => ({
  id: `msg_${sequence}`,
  event: { id: `e${sequence}`, source: '/cms', type: 't', subject: `s${sequence}`, sequence: formatSequence(sequence) },
  time: 0,
  attempt: 1,
  headers: {},
  body: '{}',
})

describe.skipIf(isLacking(POSTGRES))(named('a PostgreSQL of its own', POSTGRES), () => {
  let server: Postgres
  let certificate = ''
  const clients = makeCertificates()
  const senders: Sender[] = []

  beforeAll(async () => {
    const folder = programs(15)
    if (folder === null) throw new Error('There is no PostgreSQL 15.')
    const files = { ssl_cert_file: '../crt', ssl_key_file: '../key', ssl_ca_file: '../ca.pem', hba_file: 'hba' }
    server = await startPostgres(folder, { ssl: 'on', ...files }, (at, user) => {
      certificate = certify(at, user)
      writeCertificates(at, clients)
      writeFileSync(join(at, 'hba'), `${SHOWN}host all all 127.0.0.1/32 scram-sha-256\n`)
    })
    await asAdmin('CREATE TABLE users (id text PRIMARY KEY, tocsin_sequence bigint)')
  })
  afterEach(async () => {
    for (const sender of senders.splice(0)) await sender.close?.()
  })
  afterAll(() => server?.close())

  const target = (more: object = {}) => {
    const { port, user, password } = server.address
    return { url: `postgres://${user}@127.0.0.1:${port}/postgres`, password, tls: 'off', ...ROW, ...more }
  }
  const send = (more: object, sequence: number, egress = opened): Promise<SendOutcome> => {
    const sender = sqlTransport({ egress }).open(target(more))
    senders.push(sender)
    return sender.send(message(sequence), new AbortController().signal)
  }
  const asAdmin = async (text: string) => {
    const { host, port, user, password } = server.address
    const client = new Client({ host, port, user, password, database: 'postgres' })
    await client.connect()
    const { rows } = await client.query<Record<string, unknown>>(text)
    await client.end()
    return rows
  }

  it('is waited for while it is away, by the same sender, and told when it is back', async () => {
    const sender = sqlTransport({ egress: opened }).open(target())
    senders.push(sender)
    const tell = (sequence: number) => sender.send(message(sequence), new AbortController().signal)
    expect(await tell(1)).toMatchObject({ outcome: 'delivered' })
    await server.stop('SIGINT')
    for (const _ of [1, 2])
      expect(await tell(2)).toMatchObject({ outcome: 'retry', code: expect.stringMatching(/^(connect|57P01)$/) })
    await server.start()
    expect(await tell(2)).toMatchObject({ outcome: 'delivered' })
    expect(await asAdmin("SELECT id FROM users WHERE id IN ('s1', 's2') ORDER BY id")).toHaveLength(2)
  })

  it('that refuses the login is tried again; the password is told nowhere, and no other is tried', async () => {
    const before = process.env.PGPASSWORD
    process.env.PGPASSWORD = server.address.password
    try {
      const outcomes = [
        await send({ password: 'canary-wrong-password' }, 3),
        await send({ password: undefined }, 3),
        await send({ url: target().url.replace(/\/\/\w+@/, '//nobody_here@') }, 3),
      ]
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ outcome: 'retry', code: expect.stringMatching(/^(28P01|login)$/) })
      expect(JSON.stringify(outcomes)).not.toMatch(/canary/)
      expect(JSON.stringify(outcomes)).not.toContain(server.address.password)
    } finally {
      if (before === undefined) delete process.env.PGPASSWORD
      else process.env.PGPASSWORD = before
    }
  })

  it('is spoken to over TLS by a certificate that leads to the given one, and by no other', async () => {
    expect(await send({ tls: 'verify', ca: certificate }, 4)).toMatchObject({ outcome: 'delivered' })
    expect(await send({ tls: undefined }, 5)).toMatchObject({ outcome: 'retry', code: 'tls' })
    const elsewhere = { url: target().url.replace('127.0.0.1', 'localhost'), tls: 'verify', ca: certificate }
    const named = new EgressClient({
      policy: createPolicy({ allow: ['127.0.0.0/8'] }),
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    expect(await send(elsewhere, 6, named)).toMatchObject({ outcome: 'retry', code: 'tls' })
  })

  it('that wants to see a certificate is shown it', async () => {
    await asAdmin("CREATE ROLE shown LOGIN PASSWORD 'shows'; GRANT SELECT, INSERT, UPDATE ON users TO shown")
    const url = target().url.replace(/\/\/\w+@/, '//shown@')
    const shown = { url, password: 'shows', tls: 'verify', ca: certificate }
    const other = makeCertificates()
    expect(await send({ ...shown, cert: clients.cert, certKey: clients.key }, 20)).toMatchObject({
      outcome: 'delivered',
    })
    expect(await send(shown, 21)).toMatchObject({ outcome: 'retry', code: '28000' })
    expect(await send({ ...shown, cert: other.cert, certKey: other.key }, 21)).toMatchObject({ outcome: 'retry' })
    expect(await asAdmin("SELECT id FROM users WHERE id = 's21'")).toEqual([])
  })

  it('takes a certificate and its key together, and only with TLS', async () => {
    const { cert, key: certKey } = clients
    const refused = (more: object, field: string) =>
      expect(sqlTransport({ egress: opened }).check(target(more))).rejects.toMatchObject({ field: `target.${field}` })
    await refused({ cert, certKey }, 'cert')
    await refused({ ca: certificate }, 'ca')
    await refused({ tls: 'verify', cert }, 'certKey')
    await refused({ tls: 'verify', certKey }, 'cert')
    await refused({ tls: 'verify', cert, certKey: makeCertificates().key }, 'certKey')
    await refused({ tls: 'verify', ca: '-----BEGIN CERTIFICATE-----' }, 'ca')
    await refused({ url: undefined, tls: undefined, password: undefined, file: 'a.db', cert, certKey }, 'cert')
  })

  it('is not reached where the operator opened nothing: neither when saved nor when sent', async () => {
    for (const tls of ['off', 'verify']) {
      await expect(sqlTransport({ egress: shut }).check(target({ tls }))).rejects.toMatchObject({
        code: 'target_refused',
        field: 'target.url',
      })
      expect(await send({ tls }, 7, shut)).toMatchObject({ outcome: 'refused', code: 'target_refused' })
    }
    expect(await asAdmin("SELECT id FROM users WHERE id = 's7'")).toEqual([])
  })

  it('that has no such database or lets its user not write is tried again', async () => {
    expect(await send({ url: target().url.replace(/postgres$/, 'nowhere') }, 8)).toMatchObject({
      outcome: 'retry',
      code: '3D000',
    })
    await asAdmin("CREATE ROLE reader LOGIN PASSWORD 'reads'; GRANT SELECT ON users TO reader")
    const reader = { url: target().url.replace(/\/\/\w+@/, '//reader@'), password: 'reads' }
    expect(await send(reader, 8)).toMatchObject({ outcome: 'retry', code: '42501' })
  })
})

const SHOWN = 'hostssl all shown 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n'

/** Made out to the address, readable by the server's user alone. */
function certify(folder: string, user: { readonly uid: number; readonly gid: number } | undefined): string {
  const [key, crt] = [join(folder, 'key'), join(folder, 'crt')]
  const subject = ['-subj', '/CN=database', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', crt, ...subject]
  execFileSync('openssl', made, { stdio: 'ignore' })
  execFileSync('chmod', ['600', key])
  if (user) for (const file of [key, crt]) chownSync(file, user.uid, user.gid)
  return readFileSync(crt, 'utf8')
}
