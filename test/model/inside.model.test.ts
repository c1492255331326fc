/**
 * Hosts that publish inside their own transactions: random interleavings of beginning, publishing, committing, rolling back
 * and restarts. TOCSIN_TEST_SEED leads the same again. The long form is `test/chaos/inside.chaos.ts`.
 */
import { describe, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES } from '../services.js'
import { leadLives } from './inside-lives.js'
import { postgresWorld, sqliteWorld } from './inside-worlds.js'

const PROMISE = 'an event is there if and only if its host committed, once, and readers skip none'

describe("inside hosts' transactions", () => {
  it(`${PROMISE}: 1,000 lives on SQLite`, { timeout: 180_000 }, () => leadLives(sqliteWorld, 1_000, seedOfRun()))

  it.skipIf(isLacking(POSTGRES))(named(`${PROMISE}: 200 lives on PostgreSQL`, POSTGRES), { timeout: 180_000 }, () =>
    leadLives(postgresWorld, 200, seedOfRun()),
  )
})
