import { describe, expect, it } from 'vitest'
import { expectSyncFailureTold } from '../faults/expectations.js'
import { rounds } from '../faults/random.js'
import { acknowledgedAfterSync, failingSyncs, type SyncFailure } from '../faults/sync-runs.js'
import { isLacking, named, STRACE } from '../faults/tools.js'

const MINUTES = 60_000
const ACKS = rounds(100)
/** Of those while it starts, of the first publishes and of later ones; `npm run test:chaos` takes each of the first fifty. */
const FAILING = [1, 4, 7, 10, 12, 15, 20]

describe.skipIf(isLacking(STRACE))(named('an acknowledgement', STRACE), () => {
  it.each([1, 8])('comes after the sync of its commit (%i callers)', { timeout: 3 * MINUTES }, async (callers) => {
    const { count, early, syncs } = await acknowledgedAfterSync({ acks: ACKS, callers })
    expect({ count, early }).toEqual({ count: ACKS, early: [] })
    expect(syncs).toBeGreaterThan(0)
  })

  it('is seen to come too early without syncs (the control)', { timeout: 3 * MINUTES }, async () => {
    const { count, early } = await acknowledgedAfterSync({ acks: 20, callers: 1, careless: true })
    expect(count).toBe(20)
    expect(early).toHaveLength(20)
  })
})

describe.skipIf(isLacking(STRACE))(named('a disk that fails to sync', STRACE), () => {
  it('is told as 503, nothing is accepted after it, and nothing accepted is lost', {
    timeout: 10 * MINUTES,
  }, async () => {
    await failingSyncs({ at: FAILING, each: expectSyncFailureTold })
  })

  it('is seen to pass unnoticed by a store that does not sync (the control)', { timeout: 2 * MINUTES }, async () => {
    const each = (report: SyncFailure) => expect(() => expectSyncFailureTold(report)).toThrow()
    await failingSyncs({ at: [12], careless: true, each })
  })
})
