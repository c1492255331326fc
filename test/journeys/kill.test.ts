import { describe, expect, it } from 'vitest'
import { expectNothingLost } from '../faults/expectations.js'
import { killRounds } from '../faults/kill-rounds.js'
import { compare } from '../faults/oracle.js'
import { rounds, seedOfRun } from '../faults/random.js'
import type { Received } from '../faults/receiver.js'

const MINUTES = 60_000
const ROUNDS = rounds(25)

describe('kill -9 while publishing and delivering', () => {
  it(`loses nothing that was answered 2xx in ${ROUNDS} rounds`, { timeout: 10 * MINUTES }, async () => {
    expectNothingLost(await killRounds({ rounds: ROUNDS, seed: seedOfRun() }))
  })

  it('is seen to lose events on a disk that forgets (the control)', { timeout: 5 * MINUTES }, async () => {
    const report = await killRounds({ rounds: 4, seed: 1, forgetful: true })
    expect(report.promised).toBeGreaterThan(0)
    expect(() => expectNothingLost(report)).toThrow()
  })
})

const received = (event: string, more: Partial<Received> = {}): Received => ({
  path: '/',
  webhookId: `id of ${event}`,
  event,
  subject: event.split('.')[0] ?? '',
  sequence: (event.split('.')[1] ?? '').padStart(10, '0'),
  life: 1,
  at: 0,
  status: 204,
  ...more,
})

describe('the comparison of the ledgers (controls)', () => {
  it('finds nothing wrong with a clean run, and allows a duplicate of another life', () => {
    const ledger = ['s0.1', 's1.1', 's0.2'].map((event) => received(event))
    expect(compare(['s0.1', 's0.2', 's1.1'], ledger)).toMatchObject({
      lost: [],
      needless: [],
      disorder: [],
      renamed: [],
    })
    expect(compare([], [...ledger, received('s0.1', { life: 2 })])).toMatchObject({
      duplicates: 1,
      needless: [],
      disorder: [],
    })
  })

  it.each([
    ['lost', [received('s0.2', { status: 500 })]],
    ['needless', [received('s0.2'), received('s0.2')]],
    ['renamed', [received('s0.2'), received('s0.2', { life: 2, webhookId: 'another' })]],
    ['renamed', [received('s0.2', { webhookId: 'one' }), received('s0.3', { webhookId: 'one' })]],
    ['disorder', [received('s0.3'), received('s0.2')]],
    ['disorder', [received('s0.2', { sequence: '0000000005' }), received('s0.3', { sequence: '0000000004' })]],
  ] as const)('finds what is %s', (fault, ledger) => {
    expect(compare(['s0.2'], ledger)[fault]).toHaveLength(1)
  })
})
