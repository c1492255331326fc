import { describe, it } from 'vitest'
import { fillDisk } from '../faults/nodes/disk-full.js'
import { expectFullDiskTold, expectHeld } from '../faults/nodes/expectations.js'
import { SERVER_CLOCK, USUAL } from '../faults/nodes/faults.js'
import { faultRounds } from '../faults/nodes/rounds.js'
import { FAKETIME } from '../faults/nodes/wrong-clock.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named, ROOT } from '../faults/tools.js'
import { POSTGRES } from '../services.js'

/**
 * TOCSIN_TEST_ROUNDS: fewer, or more. One kind alone: `-t 'rounds of: kill'`. Every ten rounds the counts so far are told. On two
 * cores that five times as much waited for, a round of `kill` took 41 seconds.
 */
const ROUNDS = Number(process.env.TOCSIN_TEST_ROUNDS ?? 100)

describe.skipIf(isLacking(POSTGRES))(named('three nodes on one PostgreSQL', POSTGRES), () => {
  it.each(USUAL)(`hold ${ROUNDS} rounds of: %s`, async (fault) => {
    expectHeld(await faultRounds({ faults: [fault], rounds: ROUNDS, seed: seedOfRun() }))
  })
})

describe.skipIf(isLacking(POSTGRES) || isLacking(FAKETIME))(
  named(named('three nodes on a PostgreSQL whose clock jumps', FAKETIME), POSTGRES),
  () => {
    it(`hold ${ROUNDS} rounds of: ${SERVER_CLOCK}`, async () => {
      expectHeld(await faultRounds({ faults: [SERVER_CLOCK], rounds: ROUNDS, seed: seedOfRun() }))
    })
  },
)

describe.skipIf(isLacking(POSTGRES) || isLacking(ROOT))(named(named('a full disk', ROOT), POSTGRES), () => {
  it('of PostgreSQL refuses, and loses nothing, 10 times', async () => {
    for (let round = 0; round < 10; round++) expectFullDiskTold(await fillDisk())
  })
})
