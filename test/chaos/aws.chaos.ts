import { describe, expect, it } from 'vitest'
import { awsKills } from '../faults/aws-kills.js'
import { randomFrom, seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { freshDatabase, POSTGRES } from '../services.js'

const ROUNDS = 200
const SEED = seedOfRun()

async function losesNothing(database?: string): Promise<void> {
  const { answered, received } = await awsKills(ROUNDS, randomFrom(SEED), database)
  const found = new Set(received)
  process.stdout.write(
    `${ROUNDS} rounds: ${answered.length} answered, ${received.length} received, ${found.size} different\n`,
  )
  expect(answered.length).toBeGreaterThan(ROUNDS)
  expect(answered.filter((message) => !found.has(message))).toEqual([])
  expect(received.length).toBe(found.size)
}

describe(`${ROUNDS} rounds of kill -9 between a publish's answer and its receipt (seed ${SEED})`, () => {
  it('lose no message of a topic on SQLite', () => losesNothing())
  it.skipIf(isLacking(POSTGRES))(named('lose no message of a topic on PostgreSQL', POSTGRES), async () =>
    losesNothing(await freshDatabase()),
  )
})
