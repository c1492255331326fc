import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AccessAudit } from './audit.js'
import type { KeyInput } from './key-input.js'
import { createKeyText, hashSecret, parseKeyText, sameHash } from './key-text.js'
import { type KeyRecord, type KeyStore, Keys } from './keys.js'
import { localPrincipal, type Principal, ROLES, type Role, SCOPES, type Scope } from './principal.js'
import { createSealer } from './sealer.js'
import type { SpentNonce } from './signed-calls.js'
import { type TenantRecord, type TenantStore, Tenants } from './tenants.js'

const NOW = Date.UTC(2026, 0, 1)
const SEALER = createSealer({}, true)

/** A store of its own small interface: two maps in the order of ids. */
class MapStore implements KeyStore, TenantStore {
  readonly keys = new Map<string, KeyRecord>()
  readonly tenants = new Map<string, TenantRecord>()
  readonly nonces = new Set<string>()
  reads = 0

  async getKey(id: string) {
    this.reads += 1
    return this.keys.get(id) ?? null
  }
  async listKeys(tenant: string, page: { after: string | null; limit: number }) {
    return pageOf(
      [...this.keys.values()].filter((row) => row.tenant === tenant),
      page,
    )
  }
  async putKey(row: KeyRecord) {
    this.keys.set(row.id, row)
  }
  async revokeKey(tenant: string, id: string, now: number) {
    const row = this.keys.get(id)
    if (row?.tenant !== tenant || row.revokedAt !== null) return false
    this.keys.set(id, { ...row, revokedAt: now })
    return true
  }
  async spendNonce({ consumer, timestamp, nonce }: SpentNonce) {
    const spent = `${timestamp} ${consumer} ${nonce}`
    return !this.nonces.has(spent) && this.nonces.add(spent).has(spent)
  }
  async getTenant(id: string) {
    return this.tenants.get(id) ?? null
  }
  async listTenants(page: { after: string | null; limit: number }) {
    return pageOf([...this.tenants.values()], page)
  }
  async putTenant(row: TenantRecord) {
    this.tenants.set(row.id, row)
  }
}

const pageOf = <Row extends { id: string }>(rows: Row[], { after, limit }: { after: string | null; limit: number }) =>
  rows
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .filter((row) => after === null || row.id > after)
    .slice(0, limit)

const principal = (over: Partial<Principal> = {}): Principal => ({
  ...localPrincipal('acme'),
  roles: ['admin'],
  ...over,
})
const OPERATOR = localPrincipal('home')
const ADMIN = principal()

let store: MapStore
let keys: Keys
let tenants: Tenants
let time: number
let audited: Parameters<AccessAudit>[0][]

const audit: AccessAudit = async (entry) => void audited.push(entry)

beforeEach(async () => {
  time = NOW
  audited = []
  store = new MapStore()
  keys = new Keys(store, { now: () => time, random: randomBytes, sealer: SEALER, audit })
  tenants = new Tenants(store, { now: () => time, changed: () => keys.forget(), audit })
  for (const id of ['home', 'acme', 'other']) await tenants.create(OPERATOR, { id, name: id })
})

const input = (over: Partial<KeyInput> & { kind?: 'bearer' } = {}) => ({
  name: 'a key',
  roles: ['publisher'] as const,
  ...over,
})

describe('the text of a key', () => {
  it('has a public id and 256 secret bits, and is read back', () => {
    for (let i = 0; i < 500; i++) {
      const { id, secret, text } = createKeyText(randomBytes)
      expect(text).toMatch(/^tsk_[a-z2-7]{16}_[0-9A-Za-z]{43}$/)
      expect(parseKeyText(text)).toEqual({ id, secret })
    }
  })

  it('keeps every bit of the secret', () => {
    const secretOf = (bytes: Uint8Array) => createKeyText((size) => (size === 32 ? bytes : new Uint8Array(size))).secret
    expect(secretOf(new Uint8Array(32))).toBe('0'.repeat(43))
    const bits = Array.from({ length: 256 }, (_, bit) =>
      secretOf(Uint8Array.from({ length: 32 }, (_, i) => (i === bit >> 3 ? 1 << (bit & 7) : 0))),
    )
    expect(new Set([...bits, secretOf(new Uint8Array(32).fill(255))]).size).toBe(257)
  })

  it.each([
    '',
    'tsk_',
    'tsk__',
    'tsk_a_b',
    'sk_live_x',
    'TSK_aaaaaaaaaaaaaaaa_'.concat('a'.repeat(43)),
    'é'.repeat(64),
  ])('is not %j', (text) => expect(parseKeyText(text)).toBeNull())

  it('is compared whole', () => {
    expect(sameHash(hashSecret('a'), hashSecret('a'))).toBe(true)
    expect(sameHash(hashSecret('a'), hashSecret('b'))).toBe(false)
    expect(sameHash(hashSecret('a'), '')).toBe(false)
  })
})

describe('authenticate', () => {
  it('knows whose key it is', async () => {
    const made = await keys.create(ADMIN, input({ name: 'cms', resource: 'sys:cms', scopes: ['events:publish'] }))
    expect(await keys.authenticate(made.key, NOW)).toEqual({
      id: made.id,
      name: 'cms',
      tenant: 'acme',
      roles: ['publisher'],
      scopes: ['events:publish'],
      resource: 'sys:cms',
    })
  })

  it('refuses the secret of another key, an unknown id and nonsense', async () => {
    const [one, other] = [await keys.create(ADMIN, input()), await keys.create(ADMIN, input())]
    const swapped = `tsk_${one.id}_${parseKeyText(other.key)?.secret}`
    for (const text of [swapped, createKeyText(randomBytes).text, '', 'x', `${one.key} `, one.key.toUpperCase()]) {
      expect(await keys.authenticate(text, NOW)).toBeNull()
    }
    expect(await keys.authenticate(one.key, NOW)).not.toBeNull()
    expect(await keys.authenticate(swapped, NOW)).toBeNull()
  })

  it('asks the store once in five seconds', async () => {
    const { key } = await keys.create(ADMIN, input())
    store.reads = 0
    for (let i = 0; i < 5_000; i += 100) await keys.authenticate(key, NOW + i)
    expect(store.reads).toBe(1)
    await keys.authenticate(key, NOW + 5_000)
    expect(store.reads).toBe(2)
    await keys.authenticate(key, NOW)
    expect(store.reads).toBe(3)
  })

  it('refuses a revoked key at once here, and within five seconds where it was revoked by another process', async () => {
    const { id, key } = await keys.create(ADMIN, input())
    const elsewhere = new Keys(store, { now: () => time, random: randomBytes, sealer: SEALER, audit })
    expect(await keys.authenticate(key, NOW)).not.toBeNull()
    expect(await elsewhere.authenticate(key, NOW)).not.toBeNull()
    expect(await keys.revoke(ADMIN, id)).toMatchObject({ id, revokedAt: '2026-01-01T00:00:00.000Z' })
    expect(await keys.authenticate(key, NOW)).toBeNull()
    expect(await elsewhere.authenticate(key, NOW + 4_999)).not.toBeNull()
    expect(await elsewhere.authenticate(key, NOW + 5_000)).toBeNull()
  })

  it('leaves a trace of each that is made or revoked, in its own tenant, and none of its secret', async () => {
    audited = []
    const { id, key } = await keys.create(OPERATOR, input({ tenant: 'acme', scopes: ['events:publish'] }))
    await keys.revoke(ADMIN, id)
    await keys.revoke(ADMIN, id)
    await expect(keys.create(ADMIN, input({ roles: ['operator'] }))).rejects.toMatchObject({ code: 'forbidden' })
    const grant = { kind: 'bearer', roles: ['publisher'], scopes: ['events:publish'], expiresAt: null }
    const about = { tenant: 'acme', at: NOW, object: id }
    expect(audited).toEqual([
      {
        ...{ ...about, actor: OPERATOR.id, action: 'key.create' },
        detail: { name: 'a key', resource: null, ...grant },
      },
      { ...about, actor: ADMIN.id, action: 'key.revoke', detail: { name: 'a key', resource: null } },
    ])
    expect(JSON.stringify(audited)).not.toContain(key.slice(-43))
  })

  it('tells who a key stood for when it was last read, until that was seen to be over', async () => {
    const { id, key } = await keys.create(ADMIN, input())
    expect(keys.lastKnown(key, NOW)).toBeNull()
    await keys.authenticate(key, NOW)
    keys.forget()
    expect(keys.lastKnown(key, NOW + 3_600_000)).toMatchObject({ id })
    expect(keys.lastKnown(`${key.slice(0, -2)}xx`, NOW)).toBeNull()
    await keys.revoke(ADMIN, id)
    expect(keys.lastKnown(key, NOW)).toBeNull()
  })

  it('does not keep what it read while the key was being revoked', async () => {
    const { id, key } = await keys.create(ADMIN, input())
    const row = store.keys.get(id) ?? null
    let answer: (row: KeyRecord | null) => void = () => undefined
    const slow = Object.assign(Object.create(store) as MapStore, {
      getKey: () => new Promise((resolve) => (answer = resolve)),
    })
    const racing = new Keys(slow, { now: () => time, random: randomBytes, sealer: SEALER, audit })
    const early = racing.authenticate(key, NOW)
    racing.forget()
    answer(row)
    expect(await early).not.toBeNull()
    const late = racing.authenticate(key, NOW)
    answer(row && { ...row, revokedAt: NOW })
    expect(await late).toBeNull()
  })

  it('refuses an expired key to the millisecond, however lately it was read', async () => {
    const { key } = await keys.create(ADMIN, input({ expiresAt: '2026-01-01T00:00:01Z' }))
    expect(await keys.authenticate(key, NOW + 999)).not.toBeNull()
    expect(await keys.authenticate(key, NOW + 1_000)).toBeNull()
  })

  it('refuses keys of a disabled tenant at once, and takes them again', async () => {
    const { key } = await keys.create(ADMIN, input())
    expect(await keys.authenticate(key, NOW)).not.toBeNull()
    await tenants.update(OPERATOR, 'acme', { disabled: true })
    expect(await keys.authenticate(key, NOW)).toBeNull()
    await tenants.update(OPERATOR, 'acme', { disabled: false })
    expect(await keys.authenticate(key, NOW)).not.toBeNull()
  })
})

describe('who may make which key', () => {
  const refusal = (caller: Principal, over: Parameters<typeof input>[0]) =>
    keys.create(caller, input(over)).then(
      () => 'made',
      (error) => error.code,
    )

  it('an admin: every role of its own tenant but operator', async () => {
    const made = async (role: Role) => [role, await refusal(ADMIN, { roles: [role], resource: 'r' })]
    expect(Object.fromEntries(await Promise.all(ROLES.map(made)))).toEqual({
      operator: 'forbidden',
      admin: 'made',
      publisher: 'made',
      subscriber: 'made',
      reader: 'made',
    })
    expect(await refusal(ADMIN, { tenant: 'other' })).toBe('forbidden')
    expect(await refusal(ADMIN, { tenant: 'none' })).toBe('forbidden')
    expect(await refusal(ADMIN, { tenant: 'acme' })).toBe('made')
  })

  it('an operator: every role of every tenant that is there and enabled', async () => {
    for (const role of ROLES) {
      expect(await refusal(OPERATOR, { roles: [role], resource: 'r', tenant: 'other' })).toBe('made')
    }
    expect(await refusal(OPERATOR, { tenant: 'none' })).toBe('not_found')
    await tenants.update(OPERATOR, 'other', { disabled: true })
    expect(await refusal(OPERATOR, { tenant: 'other' })).toBe('wrong_state')
  })

  it.each(['publisher', 'subscriber', 'reader'] as const)('a %s: none', async (role) => {
    expect(await refusal(principal({ roles: [role] }), {})).toBe('forbidden')
  })

  it('a narrowed admin: nothing wider than itself', async () => {
    const narrow = principal({ scopes: ['keys:write', 'events:publish'] })
    expect(await refusal(narrow, { roles: ['publisher'] })).toBe('forbidden')
    expect(await refusal(narrow, { roles: ['publisher'], scopes: ['events:publish'] })).toBe('made')
    expect(await refusal(narrow, { roles: ['publisher'], scopes: ['events:publish', 'types:read'] })).toBe('forbidden')
    expect(await refusal(narrow, { roles: ['admin'] })).toBe('forbidden')
    expect(await refusal(narrow, { roles: ['admin'], scopes: ['keys:write'] })).toBe('made')
    expect(await refusal(principal({ scopes: ['events:publish'] }), { scopes: ['events:publish'] })).toBe('forbidden')
  })

  it('no pair of keys: the second is never wider than the first', async () => {
    const grants: [Role[], Scope[]][] = ROLES.flatMap((role) => [
      [[role], []] as [Role[], Scope[]],
      ...SCOPES.map((scope) => [[role], [scope]] as [Role[], Scope[]]),
      ...SCOPES.map((scope) => [[role], ['keys:write', scope]] as [Role[], Scope[]]),
    ])
    const { may } = await import('./principal.js')
    for (const [roles, scopes] of grants) {
      const caller = principal({ roles, scopes })
      for (const [role, narrowed] of grants) {
        const made = await keys
          .create(caller, input({ roles: role, scopes: narrowed, resource: 'r' }))
          .catch(() => null)
        if (made === null) continue
        const held = await keys.authenticate(made.key, NOW)
        expect(held && SCOPES.every((scope) => !may(held, scope) || may(caller, scope))).toBe(true)
      }
    }
  })

  it('one that speaks for a resource: keys for that alone', async () => {
    const bound = principal({ resource: 'sys:a' })
    expect(await refusal(bound, { resource: 'sys:a' })).toBe('made')
    expect(await refusal(bound, { resource: 'sys:b' })).toBe('forbidden')
    expect(await refusal(bound, {})).toBe('forbidden')
  })
})

describe('what a key may be', () => {
  const wrong = (over: Record<string, unknown>) =>
    keys
      .create(ADMIN, { ...input(), ...over } as KeyInput)
      .catch((error) => ({ field: error.field, expected: error.expected }))

  it('names what would be right', async () => {
    expect(await wrong({ roles: ['publisher', 'king'] })).toEqual({
      field: 'roles[1]',
      expected: 'a list of operator, admin, publisher, subscriber, reader',
    })
    expect(await wrong({ scopes: ['events:eat'] })).toMatchObject({
      field: 'scopes[0]',
      expected: expect.stringContaining('events:publish'),
    })
    expect(await wrong({ scopes: ['keys:write'] })).toEqual({
      field: 'scopes',
      expected: 'some of events:publish, types:read, resources:read, resources:write',
    })
  })

  it.each<[string, Record<string, unknown>]>([
    ['roles', { roles: [] }],
    ['roles', { roles: 'publisher' }],
    ['roles[0]', { roles: ['toString'] }],
    ['scopes', { scopes: {} }],
    ['name', { name: '' }],
    ['name', { name: '  ' }],
    ['name', { name: 'x'.repeat(201) }],
    ['name', { name: 7 }],
    ['resource', { resource: '' }],
    ['resource', { roles: ['subscriber'] }],
    ['resource', { roles: ['subscriber', 'publisher'], resource: null }],
    ['tenant', { tenant: '' }],
    ['expiresAt', { expiresAt: '2025-12-31T23:59:59Z' }],
    ['expiresAt', { expiresAt: '2026-01-01T00:00:00Z' }],
    ['expiresAt', { expiresAt: '2026-02-30T00:00:00Z' }],
    ['expiresAt', { expiresAt: '2027-01-01' }],
    ['expiresAt', { expiresAt: '2027-01-01T00:00:00' }],
    ['expiresAt', { expiresAt: 'tomorrow' }],
    ['expiresAt', { expiresAt: NOW + 1_000 }],
    ['hash', { hash: 'x' }],
  ])('refuses a wrong %s: %j', async (field, over) => {
    expect(await wrong(over)).toMatchObject({ field })
  })

  it.each([null, [], 'key', 7])('refuses %j', async (value) => {
    await expect(keys.create(ADMIN, value as never)).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('lets a subscriber that also reads the tenant do without a resource', async () => {
    expect(await keys.create(ADMIN, input({ roles: ['subscriber', 'reader'] }))).toMatchObject({ resource: null })
  })

  it('takes a time with an offset', async () => {
    const made = await keys.create(ADMIN, input({ expiresAt: '2027-01-01T01:00:00.5+01:00' }))
    expect(made.expiresAt).toBe('2027-01-01T00:00:00.500Z')
  })
})

describe('lists', () => {
  it('show keys of one tenant, page by page, without secret or hash', async () => {
    const made = await Promise.all(Array.from({ length: 7 }, () => keys.create(ADMIN, input())))
    await keys.create(OPERATOR, input({ tenant: 'other' }))
    const first = await keys.list(ADMIN, { limit: 4 })
    const second = await keys.list(ADMIN, { limit: 4, cursor: first.next ?? '' })
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(ids).toEqual(made.map(({ id }) => id).sort())
    expect(second.next).toBeNull()
    const shown = JSON.stringify([first, second])
    for (const { id, key } of made) {
      expect(shown).not.toContain(parseKeyText(key)?.secret)
      expect(shown).not.toContain(store.keys.get(id)?.hash)
    }
    expect(JSON.stringify(await keys.revoke(ADMIN, made[0]?.id ?? ''))).not.toContain('hash')
  })

  it('show another tenant to operators only', async () => {
    await keys.create(OPERATOR, input({ tenant: 'other' }))
    expect((await keys.list(OPERATOR, { tenant: 'other' })).items).toHaveLength(1)
    await expect(keys.list(ADMIN, { tenant: 'other' })).rejects.toMatchObject({ code: 'not_found' })
  })

  it.each([{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { cursor: '' }, { cursor: 'ü' }])(
    'refuse %j',
    async (page) => {
      await expect(keys.list(ADMIN, page)).rejects.toMatchObject({ code: expect.stringMatching(/^invalid_/) })
    },
  )
})

describe('revoke', () => {
  it("tells another tenant's key and a missing one alike", async () => {
    const { id } = await keys.create(OPERATOR, input({ tenant: 'other' }))
    const message = (what: string) => `There is no key ${JSON.stringify(what)}.`
    await expect(keys.revoke(ADMIN, id)).rejects.toMatchObject({ code: 'not_found', message: message(id) })
    await expect(keys.revoke(ADMIN, 'none')).rejects.toMatchObject({ code: 'not_found', message: message('none') })
    expect(await keys.revoke(OPERATOR, id)).toMatchObject({ revokedAt: expect.any(String) })
  })

  it('again changes nothing', async () => {
    const { id } = await keys.create(ADMIN, input())
    const first = await keys.revoke(ADMIN, id)
    time += 1_000
    expect(await keys.revoke(ADMIN, id)).toEqual(first)
  })

  it('needs keys:write', async () => {
    const { id } = await keys.create(ADMIN, input())
    await expect(keys.revoke(principal({ roles: ['reader'] }), id)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

describe('who a publisher’s work goes on as', () => {
  it('is the key as it is, until it ends: then it may publish and no more, where it might before', async () => {
    const grant = { roles: ['admin'], scopes: ['events:publish', 'keys:write'] } as const
    const revoked = await keys.create(ADMIN, input(grant))
    const bound = { roles: ['publisher', 'subscriber'], resource: 'mia' } as const
    const expiring = await keys.create(ADMIN, input({ ...bound, expiresAt: new Date(NOW + 1_000).toISOString() }))
    expect(await keys.principal(revoked.id, 'acme')).toMatchObject(grant)
    expect(await keys.principal(expiring.id, 'acme')).toMatchObject(bound)
    await keys.revoke(ADMIN, revoked.id)
    time += 1_000
    expect(await keys.principal(revoked.id, 'acme')).toMatchObject({ ...grant, roles: ['publisher'] })
    expect(await keys.principal(expiring.id, 'acme')).toMatchObject({ ...bound, roles: ['publisher'] })
    expect(await keys.principal('none', 'acme')).toMatchObject({ roles: ['publisher'], scopes: [], resource: null })
  })
})
