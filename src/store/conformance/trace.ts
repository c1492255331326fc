/**
 * One generated life, lived by this store and by the memory store: every answer and the end must be equal.
 */
import assert from 'node:assert/strict'
import { openMemoryStore } from '../memory/store.js'
import type { Store } from '../port.js'
import { dump } from './dump.js'
import type { Suite } from './fixtures.js'
import { nextStep, RESOURCES, startLife, TENANTS } from './trace-steps.js'

const SEEDS = [313881499, 1, 2, 3, 4]
const STEPS = 300

export function traceCases({ describe, test }: Suite): void {
  describe('a generated trace', () => {
    for (const seed of SEEDS) {
      test(`leaves what the memory store has (seed ${seed})`, (store) => liveTwice(store, seed))
    }
    test('leaves what the memory store has (a new seed each time)', (store) => liveTwice(store, Date.now() % 1e9))
  })
}

async function liveTwice(store: Store, seed: number): Promise<void> {
  const model = openMemoryStore()
  const life = startLife(seed)
  for (let step = 0; step < STEPS; step++) {
    const { name, perform, learn } = nextStep(life)
    const expected = await perform(model)
    assert.deepEqual(await perform(store), expected, `seed ${seed}, step ${step}: ${name}`)
    learn(expected)
  }
  assert.deepEqual(
    await dump(store, TENANTS, RESOURCES),
    await dump(model, TENANTS, RESOURCES),
    `seed ${seed}: the dumps differ`,
  )
}
