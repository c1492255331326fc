import { describe, it } from 'vitest'
import { expectNothingLost } from '../faults/expectations.js'
import { killRounds } from '../faults/kill-rounds.js'
import { seedOfRun } from '../faults/random.js'

describe('kill -9 while publishing and delivering', () => {
  it('loses nothing that was answered 2xx in 1,000 rounds', async () => {
    expectNothingLost(await killRounds({ rounds: 1_000, seed: seedOfRun() }))
  })
})
