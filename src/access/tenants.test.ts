import { beforeEach, describe, expect, it } from 'vitest'
import type { AccessAudit } from './audit.js'
import { localPrincipal, type Principal } from './principal.js'
import { type TenantInput, type TenantRecord, Tenants } from './tenants.js'

const OPERATOR = localPrincipal('home')
const ADMIN: Principal = { ...OPERATOR, roles: ['admin'] }
const NOW = Date.UTC(2026, 0, 1)

const NONE = { weight: 1, eventsPerSecond: null, unfinishedTasks: null }

let rows: Map<string, TenantRecord>
let changed: string[]
let tenants: Tenants
let audited: Parameters<AccessAudit>[0][]

beforeEach(() => {
  rows = new Map()
  changed = []
  audited = []
  const audit: AccessAudit = async (entry) => void audited.push(entry)
  const store = {
    getTenant: async (id: string) => rows.get(id) ?? null,
    putTenant: async (row: TenantRecord) => void rows.set(row.id, row),
    listTenants: async ({ after, limit }: { after: string | null; limit: number }) =>
      [...rows.values()]
        .filter(({ id }) => after === null || id > after)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, limit),
  }
  tenants = new Tenants(store, { now: () => NOW, changed: (id) => changed.push(id), audit })
})

describe('tenants', () => {
  it('are made, listed and changed by an operator', async () => {
    const made = await tenants.create(OPERATOR, { id: 'acme', name: 'Acme' })
    expect(made).toEqual({
      id: 'acme',
      name: 'Acme',
      openTypes: false,
      ...NONE,
      disabled: false,
      createdAt: '2026-01-01T00:00:00.000Z',
      disabledAt: null,
    })
    expect(await tenants.update(OPERATOR, 'acme', { openTypes: true, name: 'Acme Ltd' })).toEqual({
      ...made,
      name: 'Acme Ltd',
      openTypes: true,
    })
    expect(await tenants.update(OPERATOR, 'acme', { disabled: true })).toMatchObject({
      disabled: true,
      disabledAt: '2026-01-01T00:00:00.000Z',
      openTypes: true,
    })
    expect(await tenants.update(OPERATOR, 'acme', { disabled: false })).toMatchObject({
      disabled: false,
      disabledAt: null,
    })
    expect((await tenants.list(OPERATOR)).items.map(({ id }) => id)).toEqual(['acme'])
    expect(changed).toEqual(['acme', 'acme', 'acme', 'acme'])
    const entry = { tenant: 'acme', at: NOW, actor: OPERATOR.id, object: 'acme' }
    expect(audited).toEqual([
      { ...entry, action: 'tenant.create', detail: { name: 'Acme', openTypes: false, ...NONE } },
      { ...entry, action: 'tenant.update', detail: { openTypes: true, name: 'Acme Ltd' } },
      { ...entry, action: 'tenant.update', detail: { disabled: true } },
      { ...entry, action: 'tenant.update', detail: { disabled: false } },
    ])
  })

  it('have quotas, which are kept until they are set anew', async () => {
    const quotas = { weight: 5, eventsPerSecond: 100, unfinishedTasks: 1_000_000 }
    expect(await tenants.create(OPERATOR, { id: 'acme', name: 'Acme', ...quotas })).toMatchObject(quotas)
    expect(await tenants.update(OPERATOR, 'acme', { name: 'A' })).toMatchObject(quotas)
    const less = { weight: 1, eventsPerSecond: null }
    expect(await tenants.update(OPERATOR, 'acme', less)).toMatchObject({ ...less, unfinishedTasks: 1_000_000 })
    expect(rows.get('acme')).toMatchObject({ ...less, unfinishedTasks: 1_000_000 })
    await expect(tenants.update(OPERATOR, 'acme', { unfinishedTasks: 0.5 })).rejects.toMatchObject({
      field: 'unfinishedTasks',
      expected: 'a whole number from 1 to 1000000000, or null for no limit',
    })
  })

  it('are listed page by page', async () => {
    for (const id of ['c', 'a', 'b']) await tenants.create(OPERATOR, { id, name: id })
    const first = await tenants.list(OPERATOR, { limit: 2 })
    const second = await tenants.list(OPERATOR, { limit: 2, cursor: first.next ?? '' })
    expect([first.items, second.items].map((items) => items.map(({ id }) => id))).toEqual([['a', 'b'], ['c']])
    expect(second.next).toBeNull()
  })

  it('are nothing to an admin', async () => {
    const forbidden = expect.objectContaining({ code: 'forbidden' })
    await expect(tenants.create(ADMIN, { id: 'a', name: 'a' })).rejects.toEqual(forbidden)
    await expect(tenants.list(ADMIN)).rejects.toEqual(forbidden)
    await expect(tenants.update(ADMIN, 'a', {})).rejects.toEqual(forbidden)
  })

  it('are made once', async () => {
    await tenants.create(OPERATOR, { id: 'acme', name: 'Acme' })
    await expect(tenants.create(OPERATOR, { id: 'acme', name: 'B' })).rejects.toMatchObject({ code: 'already_exists' })
    await expect(tenants.update(OPERATOR, 'none', {})).rejects.toMatchObject({ code: 'not_found' })
    expect(rows.get('acme')?.name).toBe('Acme')
  })

  it('are not disabled by their own operator', async () => {
    await tenants.create(OPERATOR, { id: 'home', name: 'Home' })
    await expect(tenants.update(OPERATOR, 'home', { disabled: true })).rejects.toMatchObject({ code: 'wrong_state' })
    expect(rows.get('home')?.disabledAt).toBeNull()
  })

  it.each<[string, Record<string, unknown>]>([
    ['id', { id: '' }],
    ['id', { id: '-a' }],
    ['id', { id: 'A' }],
    ['id', { id: 'a_b' }],
    ['id', { id: 'a\n' }],
    ['id', { id: 'x'.repeat(64) }],
    ['id', { id: 7 }],
    ['name', { name: ' ' }],
    ['openTypes', { openTypes: 'yes' }],
    ['disabled', { disabled: true }],
    ['weight', { weight: 0 }],
    ['weight', { weight: 101 }],
    ['weight', { weight: null }],
    ['eventsPerSecond', { eventsPerSecond: 0 }],
    ['eventsPerSecond', { eventsPerSecond: '5' }],
    ['unfinishedTasks', { unfinishedTasks: -1 }],
  ])('refuse a wrong %s: %j', async (field, over) => {
    const input = { id: 'a', name: 'a', ...over } as TenantInput
    await expect(tenants.create(OPERATOR, input)).rejects.toMatchObject({ code: 'invalid_request', field })
    expect(rows.size).toBe(0)
  })
})
