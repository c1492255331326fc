import { describe, expect, it } from 'vitest'
import type { EventRow, TaskRow } from '../store/rows.js'
import { attempt, type Errand } from './attempt.js'

const task = (more: Partial<TaskRow> = {}): TaskRow => ({
  tenant: 't',
  sequence: 1,
  subscription: 's',
  groupKey: null,
  type: 'user.created',
  subject: 'ada',
  state: 'leased',
  priority: 'normal',
  wakeAt: null,
  expiresAt: null,
  attempts: 1,
  failures: 0,
  token: 7,
  leasedBy: 'n',
  leasedUntil: 9,
  createdAt: 0,
  endedAt: null,
  code: null,
  message: null,
  superOwner: null,
  likeness: null,
  lockOwner: null,
  blockedBy: null,
  replayedAt: null,
  ...more,
})

const terms = {
  ...{ transport: 'webhook', concurrency: 1, timeout: 30 },
  retry: { attempts: 3, firstDelay: 100, maxDelay: 1_000 },
}

async function tryOut(row: TaskRow, run: Errand['run'] | null) {
  const controller = new AbortController()
  const context = { node: 'n', controller, now: () => 50, random: () => 0 }
  const { settlement } = await attempt(
    { task: row, event: {} as EventRow, gone: false },
    run && { terms, run },
    context,
  )
  return settlement
}

describe('an attempt', () => {
  it('settles by its outcome, under the token of its lease', async () => {
    const settlement = await tryOut(task(), async () => ({ outcome: 'delivered', code: '204' }))
    expect(settlement).toMatchObject({
      token: 7,
      next: { state: 'done', code: '204' },
      attempt: { outcome: 'delivered' },
    })
  })

  it.each([
    ['its subscription is gone', task(), null, 'not-executed', 'subscription_gone'],
    ['it expired', task({ expiresAt: 50 }), true, 'not-executed', 'expired'],
    ['its leases were lost too often', task({ failures: 3 }), true, 'exhausted', 'lease_lost'],
  ])('is not made when %s', async (_, row, errand, state, code) => {
    let ran = false
    const run = async () => {
      ran = true
      return { outcome: 'delivered' } as const
    }
    expect(await tryOut(row, errand === null ? null : run)).toMatchObject({ next: { state, code }, attempt: null })
    expect(ran).toBe(false)
  })

  it('that is late, or throws, is tried again', async () => {
    const late: Errand['run'] = (_, signal) =>
      new Promise((_resolve, fail) => signal.addEventListener('abort', () => fail(signal.reason)))
    expect(await tryOut(task(), late)).toMatchObject({ next: { state: 'waiting', code: 'timeout', failed: true } })
    const broken: Errand['run'] = async () => {
      throw new Error('broken')
    }
    expect(await tryOut(task(), broken)).toMatchObject({ next: { state: 'waiting', code: 'fault' } })
  })
})
