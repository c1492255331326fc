/**
 * A MariaDB that is away, not ours or not to be trusted: one of its own, started, stopped and started again.
 */
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { rawReceiver } from '../../../test/raw-receiver.js'
import { makeCertificates, writeCertificates } from '../../../test/services/certificates.js'
import { MARIADB, type Mariadb, startMariadb } from '../../../test/services/mariadb.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { formatSequence } from '../../event/envelope.js'
import type { OutgoingMessage, Sender, SendOutcome } from '../transport.js'
import { sqlTransport } from './sql.js'

const HOME = { lookup: async () => [{ address: '127.0.0.1', family: 4 }] }
const opened = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }), ...HOME })
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

describe.skipIf(isLacking(MARIADB))(named('a MariaDB of its own', MARIADB), () => {
  // For the names it is asked by, and for none of the addresses it has.
  const certificates = makeCertificates('DNS:db.example,IP:127.0.0.1')
  let server: Mariadb
  const senders: Sender[] = []

  beforeAll(async () => {
    server = await startMariadb(certificates)
    await asAdmin('CREATE DATABASE idms')
    await asAdmin('CREATE TABLE idms.users (id varchar(40) PRIMARY KEY, tocsin_sequence bigint)')
  })
  afterEach(async () => {
    for (const sender of senders.splice(0)) await sender.close?.()
  })
  afterAll(() => server?.close())

  const target = (more: object = {}, at = '127.0.0.1') => {
    const { port, user, password } = server.address
    return { url: `mariadb://${user}@${at}:${port}/idms`, password, tls: 'off', ...ROW, ...more }
  }
  const send = (more: object, sequence: number, egress = opened): Promise<SendOutcome> => {
    const sender = sqlTransport({ egress }).open(target(more))
    senders.push(sender)
    return sender.send(message(sequence), AbortSignal.timeout(15_000))
  }
  const asAdmin = async (text: string) => {
    const connection = await createConnection({ ...server.address })
    const [rows] = await connection.query<RowDataPacket[]>(text)
    await connection.end()
    return rows
  }

  it('that wants to see a certificate is shown it', async () => {
    const { ca, cert, key: certKey } = certificates
    await asAdmin("GRANT ALL ON idms.* TO shown@'%' IDENTIFIED BY 'shows' REQUIRE X509")
    const shown = { url: target().url.replace(/\/\/\w+@/, '//shown@'), password: 'shows', tls: 'verify', ca }
    const other = makeCertificates()
    expect(await send({ ...shown, cert, certKey }, 20)).toMatchObject({ outcome: 'delivered' })
    expect(await send(shown, 21)).toMatchObject({ outcome: 'retry', code: 'ER_ACCESS_DENIED_ERROR' })
    expect(await send({ ...shown, cert: other.cert, certKey: other.key }, 21)).toMatchObject({ outcome: 'retry' })
    expect(await asAdmin("SELECT id FROM idms.users WHERE id = 's21'")).toEqual([])
  })

  it('is waited for while it is away, by the same sender, and told when it is back', async () => {
    const sender = sqlTransport({ egress: opened }).open(target())
    senders.push(sender)
    const tell = (sequence: number) => sender.send(message(sequence), new AbortController().signal)
    expect(await tell(1)).toMatchObject({ outcome: 'delivered' })
    await server.stop('SIGTERM')
    for (const _ of [1, 2])
      expect(await tell(2)).toMatchObject({
        outcome: 'retry',
        code: expect.stringMatching(/^(connect|ER_CONNECTION_KILLED|ER_SERVER_SHUTDOWN)$/),
      })
    await server.start()
    expect(await tell(2)).toMatchObject({ outcome: 'delivered' })
    expect(await asAdmin("SELECT id FROM idms.users WHERE id IN ('s1', 's2')")).toHaveLength(2)
  })

  it('that refuses the login is tried again; the password is told nowhere', async () => {
    const outcomes = [
      await send({ password: 'canary-wrong-password' }, 3),
      await send({ password: undefined }, 3),
      await send({ url: target().url.replace(/\/\/\w+@/, '//nobody_here@') }, 3),
    ]
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ outcome: 'retry', code: expect.stringMatching(/^ER_ACCESS_DENIED/) })
    expect(JSON.stringify(outcomes)).not.toMatch(/canary/)
    expect(JSON.stringify(outcomes)).not.toContain(server.address.password)
  })

  it('is spoken to over TLS by a certificate that leads to the given one and is for it, and by no other', async () => {
    const { ca } = certificates
    const other = makeCertificates('DNS:localhost')
    const at = (host: string) => target({}, host).url
    expect(await send({ tls: 'verify', ca }, 4)).toMatchObject({ outcome: 'delivered' })
    expect(await send({ tls: 'verify', ca, url: at('db.example') }, 5)).toMatchObject({ outcome: 'delivered' })
    for (const own of [
      { ca: undefined },
      { ca: other.ca },
      { ca, url: at('other.example') },
      { ca, url: at('localhost') },
    ])
      expect(await send({ tls: 'verify', ...own }, 6)).toMatchObject({ outcome: 'retry', code: 'tls' })
    writeCertificates(server.folder, other)
    await server.stop('SIGTERM')
    await server.start()
    expect(await send({ tls: 'verify', ca: other.ca }, 6)).toMatchObject({ outcome: 'retry', code: 'tls' })
    expect(await send({ tls: 'verify', ca: other.ca, url: at('localhost') }, 6)).toMatchObject({ outcome: 'delivered' })
  })

  it('is not reached where the operator opened nothing: neither when saved nor when sent', async () => {
    for (const tls of ['off', 'verify']) {
      await expect(sqlTransport({ egress: shut }).check(target({ tls }))).rejects.toMatchObject({
        code: 'target_refused',
        field: 'target.url',
      })
      expect(await send({ tls }, 7, shut)).toMatchObject({ outcome: 'refused', code: 'target_refused' })
    }
    expect(await asAdmin("SELECT id FROM idms.users WHERE id = 's7'")).toEqual([])
  })

  it('that has no such database, or lets its user not write, is tried again', async () => {
    expect(await send({ url: target().url.replace(/idms$/, 'nowhere') }, 8)).toMatchObject({
      outcome: 'retry',
      code: 'ER_BAD_DB_ERROR',
    })
    await asAdmin("GRANT SELECT ON idms.users TO reader@'%' IDENTIFIED BY 'reads'")
    const reader = { url: target().url.replace(/\/\/\w+@/, '//reader@'), password: 'reads' }
    expect(await send(reader, 8)).toMatchObject({ outcome: 'retry', code: 'ER_TABLEACCESS_DENIED_ERROR' })
  })

  it.each([
    ['says what is no MariaDB', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['hangs up', ''],
    ['refuses at once', '\x1d\x00\x00\x00\xff\x10\x04#08004Too many connections'],
  ])('and what %s is tried again', async (_, text) => {
    const receiver = await rawReceiver({
      onConnection: (socket) => (text === '' ? socket.destroy() : socket.end(text, 'latin1')),
    })
    const url = target().url.replace(/:\d+\//, `:${receiver.port}/`)
    expect(await send({ url }, 9)).toMatchObject({ outcome: 'retry' })
    await receiver.close()
  })
})
