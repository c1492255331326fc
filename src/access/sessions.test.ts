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
  })
  const { token, until } = sessions.open(PERSON, 60_000)
  expect(await sessions.find(token)).toEqual({ principal: PERSON, until: 61_000 })
  open = false
  expect(await sessions.find(token)).toBeNull()
  open = true
  now = until - 1
  expect(await sessions.find(token)).not.toBeNull()
  now = until
  expect(await sessions.find(token)).toBeNull()
})
