/** The process is killed when a notification is written and its sinks are being called: those that were not called are, once. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { live, withRemains } from '../faults/lives.js'
import type { SinkOrders } from '../faults/sink-host.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const HOST = new URL('../faults/sink-host.ts', import.meta.url)
const UUID = '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f41'
const notification = {
  ActorUserUuid: '33333333-3333-4333-8333-333333333333',
  Started: '2026-11-21T10:00:00Z',
  Completed: '2026-11-21T10:00:01Z',
  IsSuccess: true,
  NotificationType: 'ApproveRequest',
  Request: { Uuid: UUID, RequestType: 'Enroll', Status: 'Pending' },
}

const killed = (database: (folder: string) => string): Promise<void> =>
  withRemains(async ({ folder, ledger, noted }) => {
    const where = { database: database(folder), ledger }
    const lived = (orders: SinkOrders, enough: () => boolean) => live(HOST, orders, enough)
    expect(await lived({ ...where, life: 1, notification }, () => false)).toBe('SIGKILL')
    expect(noted()).toEqual(['1 first'])
    const second = `2 second ${UUID}`
    expect(await lived({ ...where, life: 2 }, () => noted().includes('2 ready') && noted().includes(second))).toBe(null)
    await lived({ ...where, life: 3 }, () => noted().includes('3 ready'))
    expect(noted().filter((each) => each.includes(UUID))).toEqual([second])
  })

describe(named('kill -9 between the commit and the call of a sink', POSTGRES), () => {
  it('calls it after the restart, once, on SQLite', { timeout: 200_000 }, () =>
    killed((folder) => join(folder, 'one.db')),
  )

  it.skipIf(isLacking(POSTGRES))('calls it after the restart, once, on PostgreSQL', { timeout: 200_000 }, async () =>
    inDatabase(await postgres(), (url) => killed(() => url)),
  )
})
