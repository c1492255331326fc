import { describe, expect, it } from 'vitest'
import { expectSyncFailureTold } from '../faults/expectations.js'
import { acknowledgedAfterSync, failingSyncs, range } from '../faults/sync-runs.js'
import { isLacking, named, STRACE } from '../faults/tools.js'

describe.skipIf(isLacking(STRACE))(named('an acknowledgement', STRACE), () => {
  it.each([1, 16])('comes after the sync of its commit (%i callers)', async (callers) => {
    const { count, early } = await acknowledgedAfterSync({ acks: 1_000, callers })
    expect({ count, early }).toEqual({ count: 1_000, early: [] })
  })

  it('is seen to come too early without syncs (the control)', async () => {
    const { count, early } = await acknowledgedAfterSync({ acks: 200, callers: 1, careless: true })
    expect([count, early.length]).toEqual([200, 200])
  })
})

describe.skipIf(isLacking(STRACE))(named('a disk that fails to sync', STRACE), () => {
  it('is told as 503, nothing is accepted after it, and nothing accepted is lost', async () => {
    await failingSyncs({ at: range(50).map((before) => before + 1), each: expectSyncFailureTold })
  })
})
