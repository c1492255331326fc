import { expect, it } from 'vitest'
import { localPrincipal } from '../access/principal.js'
import { alone } from './alone.js'
import type { Cluster } from './cluster.js'
import { Membership } from './membership.js'

const OPERATOR = localPrincipal('acme')

/** Nodes of one cluster that share a clock which the test moves. */
function world() {
  let time = 1_700_000_000_000
  const clock = { now: () => time, follow: async (ask: () => Promise<number>) => void (await ask()) }
  const cluster: Cluster = alone()
  const member = (id: string, processors: readonly string[] = []) => {
    const told = { gone: 0, beaten: 0 }
    const membership = new Membership({
      ...{ cluster, clock, processors: () => processors, running: () => 2 },
      self: { id, version: '1.0.0', host: 'here', pid: 1 },
      beaten: () => {
        told.beaten += 1
      },
      gone: () => {
        told.gone += 1
      },
      failed: (error) => {
        throw error
      },
    })
    return { membership, told }
  }
  const pass = (milliseconds: number) => {
    time += milliseconds
  }
  return { member, pass }
}

const states = async ({ membership }: { membership: Membership }) =>
  Object.fromEntries((await membership.list(OPERATOR)).map(({ id, state }) => [id, state]))

it('shows who is there, draining, lost after fifteen seconds and forgotten after an hour', async () => {
  const { member, pass } = world()
  const [one, other] = [member('one'), member('other')]
  await one.membership.start()
  await other.membership.start()
  expect(await states(one)).toEqual({ one: 'ready', other: 'ready' })
  await other.membership.drain()
  expect(await states(one)).toEqual({ one: 'ready', other: 'draining' })
  pass(15_001)
  expect(await states(one)).toEqual({ one: 'ready', other: 'lost' })
  expect(await one.membership.counts()).toEqual({ ready: 1, draining: 0, lost: 1 })
  pass(3_600_000)
  expect(await states(one)).toEqual({ one: 'ready' })
  await one.membership.leave()
  await other.membership.leave()
})

it('says when one that was alive is so no more, once', async () => {
  const { member, pass } = world()
  const [one, other] = [member('one'), member('other')]
  await one.membership.start()
  await other.membership.start()
  await states(one)
  await other.membership.leave()
  expect(one.told.gone).toBe(0)
  await states(one)
  await states(one)
  expect(one.told).toEqual({ gone: 1, beaten: 4 })
  await other.membership.start()
  await states(one)
  pass(20_000)
  await states(one)
  expect(one.told.gone).toBe(2)
  await one.membership.leave()
  await other.membership.leave()
})

it('knows the processors of the others that live', async () => {
  const { member, pass } = world()
  const [one, other] = [member('one', ['a']), member('other', ['b', 'a'])]
  await other.membership.start()
  await one.membership.start()
  expect(one.membership.foreignProcessors).toEqual(['a', 'b'])
  pass(20_000)
  await states(one)
  expect(one.membership.foreignProcessors).toEqual([])
  await one.membership.leave()
  await other.membership.leave()
})

it('is for operators', async () => {
  const { membership } = world().member('one')
  const reader = { ...OPERATOR, roles: ['reader' as const] }
  await expect(membership.list(reader)).rejects.toMatchObject({ code: 'forbidden' })
})
