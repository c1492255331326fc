import { describe, it } from 'vitest'
import { expectCleanStop } from '../faults/expectations.js'
import { seedOfRun } from '../faults/random.js'
import { stopWhilePublishing } from '../faults/shutdown.js'

describe('SIGTERM while publishing and delivering', () => {
  it('loses nothing and delivers nothing twice in 100 rounds', async () => {
    expectCleanStop(await stopWhilePublishing(100, seedOfRun()))
  })
})
