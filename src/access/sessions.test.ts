import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Principal } from './principal.js'
import { createSealer } from './sealer.js'
import { Sessions } from './sessions.js'

const PERSON: Principal = { id: 'oidc:olga', name: 'Olga', tenant: 'a', roles: ['reader'], scopes: [], resource: null }

it('keeps who came by the provider until its time is over, or they may not be here any more', async () => {
  let now = 1_000
  let open = true
  const sessions = new Sessions({
    sealer: createSealer({}, true),
    newId: () => randomBytes(8).toString('hex'),
    now: () => now,
    authenticate: async () => null,
    stands: async () => open,
    madeAt: async () => null,
  })
  const { token, until } = await sessions.open(PERSON, 60_000)
  expect(await sessions.find(token)).toEqual({ principal: PERSON, until: 61_000 })
  open = false
  expect(await sessions.find(token)).toBeNull()
  open = true
  now = until - 1
  expect(await sessions.find(token)).not.toBeNull()
  now = until
  expect(await sessions.find(token)).toBeNull()
})

it('keeps who speaks for a resource as long as that is there, whoever gets its id next', async () => {
  let madeAt: number | null = null
  const sessions = new Sessions({
    sealer: createSealer({}, true),
    newId: () => randomBytes(8).toString('hex'),
    now: () => 1_000,
    authenticate: async () => null,
    stands: async () => true,
    madeAt: async () => madeAt,
  })
  const bound: Principal = { ...PERSON, roles: ['subscriber'], resource: 'mia' }
  const early = await sessions.open(bound, 60_000)
  expect(await sessions.find(early.token)).not.toBeNull()
  madeAt = 500
  expect(await sessions.find(early.token)).toBeNull()
  const { token } = await sessions.open(bound, 60_000)
  const whole = await sessions.open(PERSON, 60_000)
  expect(await sessions.find(token)).toMatchObject({ principal: bound })
  for (const other of [null, 700]) {
    madeAt = other
    expect(await sessions.find(token)).toBeNull()
    expect(await sessions.find(whole.token)).not.toBeNull()
  }
})
