import { describe, it } from 'vitest'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { leadLives } from '../model/inside-lives.js'
import { postgresWorld, sqliteWorld } from '../model/inside-worlds.js'
import { POSTGRES } from '../services.js'

describe("inside hosts' transactions", () => {
  it('holds in 5,000 lives on SQLite', () => leadLives(sqliteWorld, 5_000, seedOfRun()))

  it.skipIf(isLacking(POSTGRES))(named('holds in 1,000 lives on PostgreSQL', POSTGRES), () =>
    leadLives(postgresWorld, 1_000, seedOfRun()),
  )
})
