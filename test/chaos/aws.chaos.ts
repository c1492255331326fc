import { expect, it } from 'vitest'
import { awsKills } from '../faults/aws-kills.js'
import { randomFrom, seedOfRun } from '../faults/random.js'

const SEED = seedOfRun()

it(`loses no message of a topic in 200 rounds of kill -9 (seed ${SEED})`, async () => {
  const { answered, received } = await awsKills(200, randomFrom(SEED))
  const found = new Set(received)
  expect(answered.filter((message) => !found.has(message))).toEqual([])
}, 3_600_000)
