import { expect, it } from 'vitest'
import { awsKills } from '../faults/aws-kills.js'
import { randomFrom, rounds, seedOfRun } from '../faults/random.js'

const ROUNDS = rounds(25)
const SEED = seedOfRun()

it(`loses no message of a topic whose publisher was answered, in ${ROUNDS} rounds of kill -9 (seed ${SEED})`, async () => {
  const { answered, received } = await awsKills(ROUNDS, randomFrom(SEED))
  expect(answered.length).toBeGreaterThan(ROUNDS)
  const found = new Set(received)
  expect(answered.filter((message) => !found.has(message))).toEqual([])
  // What nobody was answered for may stand there, and nothing stands there twice.
  expect(received.length).toBe(found.size)
}, 600_000)
