/**
 * The University of Washington's four directories follow its registry, by the subscriptions of `docs/transports.md`.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { uwRegistry } from '../../profiles/index.js'
import { type Envelope, samples } from '../../profiles/uw-registry/samples.js'
import { createHub, type EventInput, type Hub } from '../../src/index.js'
import { isLacking, named } from '../faults/tools.js'
import { makeCertificates } from '../services/certificates.js'
import { ADMIN, SLAPD, type Slapd, startSlapd } from '../services/slapd.js'

const sequence = (number: number) => String(number).padStart(20, '0')

const SUFFIXES = {
  Person: 'dc=personregistry,dc=washington,dc=edu',
  Account: 'dc=accounts,dc=washington,dc=edu',
  Forward: 'dc=u,dc=washington,dc=edu',
  Whitepages: 'o=University of Washington,c=US',
}
const FOLDERS = [`ou=People,${SUFFIXES.Person}`, `cn=UWNetID,${SUFFIXES.Forward}`, `ou=People,${SUFFIXES.Whitepages}`]

interface Subscription {
  readonly name: string
  readonly target: Readonly<Record<string, unknown>>
}

function documented(): readonly Subscription[] {
  const page = readFileSync(new URL('../../docs/transports.md', import.meta.url), 'utf8')
  const text = /```yaml\n# uw-directories\n([\s\S]*?)```/.exec(page)?.[1]
  if (text === undefined) throw new Error('docs/transports.md has no block "uw-directories".')
  return parse(text)
}

describe.skipIf(isLacking(SLAPD))(named('the directories', SLAPD), () => {
  let server: Slapd
  let hub: Hub
  beforeAll(async () => {
    server = await startSlapd(Object.values(SUFFIXES), makeCertificates())
    await server.asAdmin(async (client) => {
      for (const suffix of [SUFFIXES.Person, SUFFIXES.Account, SUFFIXES.Forward])
        await client.add(suffix, { objectClass: ['domain'], dc: /dc=(\w+)/.exec(suffix)?.[1] ?? '' })
      await client.add(SUFFIXES.Whitepages, { objectClass: ['organization'], o: 'University of Washington' })
      for (const folder of FOLDERS) {
        const [, type = '', name = ''] = /^(\w+)=(\w+)/.exec(folder) ?? []
        await client.add(folder, {
          objectClass: [type === 'ou' ? 'organizationalUnit' : 'applicationProcess'],
          [type]: name,
        })
      }
    })
    hub = await createHub({
      database: 'memory',
      plugins: [uwRegistry],
      config: {
        log: { level: 'silent' },
        egress: { allow: ['127.0.0.0/8'] },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
      },
    })
    const reach = { host: '127.0.0.1', port: server.port, encryption: 'none', bindDn: ADMIN, password: server.password }
    for (const { target, ...rest } of documented())
      await hub.subscriptions.create(hub.local, { ...rest, target: { ...target, ...reach } } as never)
  })
  afterAll(async () => {
    await hub?.close()
    await server?.close()
  })

  const publish = (message: Readonly<Record<string, string>>, topic: string, tags: readonly string[]) => {
    const [sample] = samples(1, () => 0)
    const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64')
    const header = {
      ...sample?.header,
      messageId: crypto.randomUUID(),
      messageContext: base64({ system_type: 'prod', version: 'v1', topic, tags }),
    }
    const envelope = { header, body: base64(message) } as Envelope
    const [event] = uwRegistry.translators?.[0]?.translate(envelope, { source: '/', receivedAt: 0 }) ?? []
    return hub.publish(event as EventInput)
  }
  const below = async (suffix: string) =>
    (await server.entries(suffix)).filter(({ objectClass }) => [objectClass].flat().includes('account'))

  it('have what the registry says they should, and no more', async () => {
    const regid = '429EBFE518514E0DB5ED3AF0675D3D35'
    await publish({ type: 'insert', regid }, 'regid', ['person', 'whitepages', 'account'])
    await publish({ type: 'insert', regid, uwnetid: 'javerage' }, 'uwnetid', ['account'])
    await publish({ type: 'insert', subscription: '13', uwnetid: 'javerage' }, 'subscription', ['forward'])
    await publish({ type: 'insert', regid: 'B'.repeat(32) }, 'regid', ['account'])
    await publish({ type: 'modify', regid }, 'regid', ['person'])
    await expect
      .poll(async () => (await below(SUFFIXES.Person)).map(({ uid, tocsinSequence }) => ({ uid, tocsinSequence })))
      .toEqual([{ uid: regid, tocsinSequence: sequence(5) }])
    await expect.poll(() => below(SUFFIXES.Forward)).toMatchObject([{ uid: 'javerage', description: '13' }])
    expect(await below(SUFFIXES.Account)).toMatchObject([
      { uid: 'javerage', seeAlso: `uid=${regid},ou=People,${SUFFIXES.Person}` },
    ])
    expect(await below(SUFFIXES.Whitepages)).toMatchObject([{ uid: regid, tocsinSequence: sequence(1) }])
    await publish({ type: 'delete', regid }, 'regid', ['person', 'whitepages'])
    await expect.poll(() => below(SUFFIXES.Person)).toEqual([])
    await expect.poll(() => below(SUFFIXES.Whitepages)).toEqual([])
    expect(await below(SUFFIXES.Account)).toHaveLength(1)
  })
})
