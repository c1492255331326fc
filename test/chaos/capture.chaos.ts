import { describe, expect, it } from 'vitest'
import { killedHistory } from '../capture/kills.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES_VERSIONS } from '../services.js'

describe.for(POSTGRES_VERSIONS)('a registry whose changes are captured', (need) => {
  describe.skipIf(isLacking(need))(named(`PostgreSQL ${need.version}`, need), () => {
    it.for(['logical', 'triggers'] as const)(
      'tells 100,000 changes by %s, though hub and source are killed',
      { timeout: 3_600_000 },
      async (method) => {
        const seed = seedOfRun()
        const told = await killedHistory({ version: need.version, method, seed, changes: 100_000, kills: 20 })
        expect(told, `seed ${seed}`).toBeGreaterThan(90_000)
      },
    )
  })
})
