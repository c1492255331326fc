import { describe, expect, it } from 'vitest'
import { killedHistory } from '../capture/kills.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES_VERSIONS } from '../services.js'

describe.for(POSTGRES_VERSIONS)('a registry whose changes are captured', (need) => {
  describe.skipIf(isLacking(need)).for(['logical', 'triggers'] as const)(
    named(`PostgreSQL ${need.version}`, need),
    (method) => {
      it(`tells 100,000 changes by ${method}, though hub and source are killed`, async () => {
        expect(
          await killedHistory({ version: need.version, method, seed: seedOfRun(), changes: 100_000, kills: 20 }),
        ).toBeGreaterThan(90_000)
      }, 3_600_000)
    },
  )
})
