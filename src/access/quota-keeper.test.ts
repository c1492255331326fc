import { beforeEach, describe, expect, it } from 'vitest'
import { tenantRow } from '../store/conformance/fixtures.js'
import { QuotaKeeper, whenItMay } from './quota-keeper.js'
import type { TenantRecord } from './tenants.js'

let tenant: TenantRecord
let time: number
let tasks: number
let counted: number
/** What was asked of all nodes. */
let asked: number[]
/** What they have left. */
let left: number
let quotas: QuotaKeeper

beforeEach(() => {
  tenant = tenantRow('acme')
  time = 5_000
  tasks = 0
  counted = 0
  asked = []
  left = Number.POSITIVE_INFINITY
  quotas = new QuotaKeeper({
    tenant: () => tenant,
    async takeTurns(_, __, turns) {
      asked.push(turns)
      if (left <= 0) return { taken: false, wait: 250 }
      left -= turns
      return { taken: true, wait: 0 }
    },
    async unfinishedTasks() {
      counted += 1
      return tasks
    },
    now: () => time,
  })
})

describe('the quotas of a tenant', () => {
  it('ask nothing where there are none', () => {
    expect(quotas.take('acme', 1)).toBeUndefined()
    expect([asked, counted]).toEqual([[], 0])
  })

  it('wait for a tenant that must be read first, and tell of one that there is not', async () => {
    const unknown = new Error('There is none.')
    const reading = new QuotaKeeper({
      tenant: async (id) => (id === 'acme' ? tenant : Promise.reject(unknown)),
      takeTurns: async () => ({ taken: false, wait: 1 }),
      unfinishedTasks: async () => 0,
      now: () => time,
    })
    await expect(reading.take('acme', 1)).resolves.toBeUndefined()
    await expect(reading.take('none', 1)).rejects.toBe(unknown)
  })

  it('take the turns of a tenth of a second at once, and use them up', async () => {
    tenant = tenantRow('acme', { eventsPerSecond: 30 })
    await Promise.all(Array.from({ length: 7 }, () => quotas.take('acme', 1)))
    expect(asked).toEqual([3, 3, 3])
    await quotas.take('acme', 2)
    expect(asked).toEqual([3, 3, 3])
    await quotas.take('acme', 50)
    expect(asked).toEqual([3, 3, 3, 50])
  })

  it('refuse what is too much, with the time after which there is room', async () => {
    tenant = tenantRow('acme', { eventsPerSecond: 30 })
    left = 6
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => quotas.take('acme', 1)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(6)
    // Whoever waited for the same answer did not ask again.
    expect(asked).toEqual([3, 3, 3])
    await expect(quotas.take('acme', 1)).rejects.toMatchObject({
      code: 'quota_exceeded',
      status: 429,
      retryAfter: 0.25,
      data: { quota: 'eventsPerSecond', limit: 30 },
    })
  })

  it('count unfinished tasks once a second', async () => {
    tenant = tenantRow('acme', { unfinishedTasks: 10 })
    tasks = 9
    await Promise.all(Array.from({ length: 5 }, () => quotas.take('acme', 1)))
    tasks = 10
    time += 999
    await quotas.take('acme', 1)
    expect(counted).toBe(1)
    time += 1
    await expect(quotas.take('acme', 1)).rejects.toMatchObject({
      code: 'quota_exceeded',
      retryAfter: 5,
      data: { quota: 'unfinishedTasks', limit: 10 },
    })
    expect([counted, asked]).toEqual([2, []])
    tasks = 0
    time += 1_000
    await quotas.take('acme', 1)
  })

  it('are waited for by who need not be answered at once', async () => {
    tenant = tenantRow('acme', { eventsPerSecond: 10 })
    left = 0
    setTimeout(() => {
      left = 1
    }, 100)
    await whenItMay(async () => quotas.take('acme', 1))
    expect(asked).toEqual([1, 1])
    await expect(whenItMay(() => Promise.reject(new TypeError('no')))).rejects.toThrow('no')
    const gone = new AbortController()
    const waiting = whenItMay(async () => quotas.take('acme', 1), gone.signal)
    gone.abort(new Error('The client has gone.'))
    await expect(waiting).rejects.toThrow('The client has gone.')
    expect(asked).toEqual([1, 1, 1])
  })
})
