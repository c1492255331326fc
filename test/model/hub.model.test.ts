/**
 * The whole hub under random publishing, with the real clock: what must hold of every trace, whatever the timing.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Priority, Receipt, TaskView } from '../../src/index.js'
import { about, rowId, STORES, World } from '../czechidm/world.js'
import { seedOfRun } from '../faults/random.js'
import { better } from './queue-model.js'

interface Wish {
  readonly do: 'publish'
  readonly owner: number
  readonly superOwner: number | null
  readonly priority: Priority
  readonly vote: Priority | null
  /** Milliseconds from now. */
  readonly date: number | null
  readonly alike: number
  readonly fails: boolean
}
type Act = Wish | { readonly do: 'stop' | 'continue' | 'cancel' | 'wait' }

const priority = fc.constantFrom<Priority>('normal', 'normal', 'high', 'immediate')
const wish: fc.Arbitrary<Wish> = fc.record({
  do: fc.constant('publish'),
  owner: fc.nat({ max: 3 }),
  superOwner: fc.option(fc.nat({ max: 2 }), { nil: null }),
  priority,
  vote: fc.option(priority, { nil: null }),
  date: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat({ max: 40 }) }),
  alike: fc.nat({ max: 5 }),
  fails: fc.constantFrom(false, false, false, true),
})
const acts = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: wish },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stop', 'continue', 'cancel', 'wait') }) },
  ),
  { minLength: 5, maxLength: 40, size: 'max' },
) as fc.Arbitrary<readonly Act[]>

interface Published {
  readonly receipt: Receipt
  readonly wish: Wish
  /** Runs that had ended when the publisher was answered. */
  readonly ranBefore: boolean
  readonly due: number
}

interface Begun {
  readonly id: string
  readonly at: number
}

/** @param early milliseconds by which something may run before its date, as our clock has it. */
async function live(world: World, steps: readonly Act[], early: number): Promise<void> {
  const wishes = new Map<string, Wish>()
  const begun: Begun[] = []
  const ended = new Set<string>()
  const running = new Map<string, readonly string[]>()
  world.later(
    'a:1',
    async ({ id, subject = '', superOwner = subject }, { signal }) => {
      for (const [other, locks] of running)
        if (locks.includes(subject) || locks.includes(superOwner)) throw new Error(`${id} ran beside ${other}.`)
      begun.push({ id, at: Date.now() })
      running.set(id, [subject, superOwner])
      // Cancelled, it holds nothing any more, however long it takes to notice.
      signal.addEventListener('abort', () => running.delete(id))
      await new Promise((resolve) => setImmediate(resolve))
      running.delete(id)
      ended.add(id)
      if (wishes.get(id)?.fails) throw new Error('as was wished')
    },
    { priority: ({ id }) => wishes.get(id)?.vote },
  )
  const published: Published[] = []
  const cancelled = new Set<string>()
  for (const [index, step] of steps.entries()) {
    if (step.do === 'publish') {
      const id = `e${index}`
      wishes.set(id, step)
      const due = step.date === null ? 0 : Date.now() + step.date
      const receipt = await world.publish(eventOf(id, step, due))
      published.push({ receipt, wish: step, ranBefore: ended.has(id), due })
    } else if (step.do === 'stop') await world.stop()
    else if (step.do === 'continue') await world.go()
    else if (step.do === 'wait') await new Promise((resolve) => setTimeout(resolve, 3))
    else await cancelLast(world, published, cancelled)
  }
  await world.go()
  const unfinished = { states: ['due', 'waiting', 'leased'] } as const
  await expect.poll(() => world.rows(unfinished)).toEqual([])
  const rows = new Map((await world.rows()).map((row) => [row.id, row]))
  for (const one of published) check(one, rows.get(rowId(one.receipt)), begun, cancelled, early)
  checkOrder(published, begun)
}

const eventOf = (id: string, { owner, superOwner, priority, alike }: Wish, due: number) =>
  about(`owner-${owner}`, {
    ...{ id, priority, extensions: { alike } },
    ...(superOwner !== null && { superOwner: `owner-${superOwner}` }),
    ...(due > 0 && { executeAt: new Date(due).toISOString() }),
  })

async function cancelLast(world: World, published: readonly Published[], cancelled: Set<string>): Promise<void> {
  const last = published.at(-1)
  if (!last) return
  const done = await world.hub.tasks.cancel(world.local, rowId(last.receipt)).then(
    () => true,
    () => false,
  )
  if (done) cancelled.add(last.receipt.id)
}

function check(
  { receipt, wish, ranBefore, due }: Published,
  row: TaskView | undefined,
  begun: readonly Begun[],
  cancelled: ReadonlySet<string>,
  early: number,
): void {
  const runs = begun.filter(({ id }) => id === receipt.id)
  const [first] = runs
  const wanted = better(wish.priority, wish.vote ?? 'normal')
  if (!row) throw new Error(`${receipt.id} is lost.`)
  expect(row.endedAt, `${receipt.id} has ended`).not.toBeNull()
  expect(runs.length, `${receipt.id} is ${row.state} ${row.code}`).toBeLessThanOrEqual(1)
  if (row.state === 'cancelled') expect(cancelled.has(receipt.id) || row.code === 'duplicate').toBe(true)
  else expect([row.state, runs.length]).toEqual([wish.fails ? 'exhausted' : 'done', 1])
  if (row.code === 'duplicate') expect(runs).toEqual([])
  // A duplicate may have raised it further.
  expect(better(row.priority, wanted)).toBe(row.priority)
  if (wanted === 'immediate') expect(receipt.queued).toEqual(ranBefore ? [] : ['a:1'])
  else expect(receipt.queued).toEqual(['a:1'])
  if (first && wanted !== 'immediate') expect(first.at).toBeGreaterThanOrEqual(due - early)
}

/** Of one owner in the order of publishing; a date of its own lets others pass. */
function checkOrder(published: readonly Published[], begun: readonly Begun[]): void {
  for (const owner of [0, 1, 2, 3]) {
    const undated = published.filter(({ wish, due }) => wish.owner === owner && due === 0)
    const ids = undated.map(({ receipt }) => receipt.id)
    const ran = begun.map(({ id }) => id).filter((id) => ids.includes(id))
    expect(ran).toEqual(ids.filter((id) => ran.includes(id)))
  }
}

/** Dates follow the database's clock there, which a node knows as well as a question about it was short. */
const CLOCKS = 30

describe.each(STORES.map((place) => [place.name, place] as const))('the hub on %s', (_, place) => {
  it('runs each event once, alone for its owners, in order and in time, or says why not', { timeout: 120_000 }, () =>
    fc.assert(
      fc.asyncProperty(acts, async (steps) => {
        const world = new World(place)
        await world.open({ processing: { attempts: 1 } })
        try {
          await live(world, steps, place.name === 'postgres' ? CLOCKS : 0)
        } finally {
          await world.close()
        }
      }),
      { seed: seedOfRun(), numRuns: 15, interruptAfterTimeLimit: 50_000 },
    ),
  )
})
