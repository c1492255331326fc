/**
 * The proof of capturing: what is told is what was committed, whoever is killed meanwhile. 100,000 changes: `npm run test:chaos`.
 */
import { describe, expect, it } from 'vitest'
import { killedHistory } from '../capture/kills.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES_VERSIONS } from '../services.js'

const METHODS = { 15: 'logical', 18: 'triggers' } as const

describe.for(POSTGRES_VERSIONS)('a registry whose changes are captured', (need) => {
  const method = METHODS[need.version]
  describe.skipIf(isLacking(need))(named(`PostgreSQL ${need.version}, by ${method}`, need), () => {
    it('tells what was committed, each once and in order, though hub and source are killed', async () => {
      const seed = seedOfRun()
      const told = await killedHistory({ version: need.version, method, seed, changes: 1_500, kills: 2 })
      expect(told, `seed ${seed}`).toBeGreaterThan(1_000)
    }, 400_000)
  })
})
