import { describe, expect, it } from 'vitest'
import type { TaskRow } from '../store/rows.js'
import { backOff, settle } from './settle.js'

const schedule = { attempts: 3, firstDelay: 1_000, maxDelay: 5_000 }

const task = (failures: number): TaskRow => ({
  tenant: 't',
  sequence: 1,
  subscription: 's',
  groupKey: 'k',
  type: 'user.created',
  subject: 'ada',
  state: 'leased',
  priority: 'normal',
  wakeAt: null,
  expiresAt: null,
  attempts: failures + 1,
  failures,
  token: 1,
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
})

const retry = { outcome: 'retry', code: '500', message: 'no' } as const

describe('settling', () => {
  it('ends a delivered or refused task', () => {
    expect(settle(task(0), { outcome: 'delivered', code: '200' }, schedule, 10, 0)).toEqual({
      state: 'done',
      code: '200',
      message: null,
    })
    expect(settle(task(0), { outcome: 'refused', code: '410', message: 'gone' }, schedule, 10, 0)).toMatchObject({
      state: 'refused',
    })
  })

  it('waits longer after each failure, then is exhausted', () => {
    expect(settle(task(0), retry, schedule, 10, 0)).toMatchObject({ state: 'waiting', wakeAt: 510, failed: true })
    expect(settle(task(1), retry, schedule, 10, 1)).toMatchObject({ state: 'waiting', wakeAt: 2_010, failed: true })
    expect(settle(task(2), retry, schedule, 10, 0)).toMatchObject({ state: 'exhausted', code: '500' })
  })

  it('waits as the list says, where there is one', () => {
    const listed = { attempts: 3, firstDelay: 100, maxDelay: 8_000, delays: [100, 8_000] }
    expect(settle(task(0), retry, listed, 0, 1)).toMatchObject({ wakeAt: 100 })
    expect(settle(task(1), retry, listed, 0, 0)).toMatchObject({ wakeAt: 4_000 })
    expect(settle(task(2), retry, listed, 0, 0)).toMatchObject({ state: 'exhausted' })
    expect(settle(task(7), retry, { ...listed, attempts: 9 }, 0, 1)).toMatchObject({ wakeAt: 8_000 })
  })

  it('waits at least as long as the receiver asks', () => {
    expect(settle(task(0), { ...retry, after: 60_000 }, schedule, 0, 1)).toMatchObject({ wakeAt: 60_000 })
    expect(settle(task(0), { ...retry, after: 1 }, schedule, 0, 1)).toMatchObject({ wakeAt: 1_000 })
  })

  it('never counts a release', () => {
    expect(settle(task(2), { outcome: 'release', code: '202', message: 'later' }, schedule, 0, 0)).toMatchObject({
      state: 'waiting',
      failed: false,
    })
  })

  it('never waits longer than the greatest delay', () => {
    expect(backOff(1_000, schedule, 1)).toBe(5_000)
  })
})
