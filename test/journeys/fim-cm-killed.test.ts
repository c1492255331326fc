/** The process is killed when a notification is written and its sinks are being called: those that were not called are, once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { until } from '../faults/random.js'
import type { SinkOrders } from '../faults/sink-host.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const HOST = fileURLToPath(new URL('../faults/sink-host.ts', import.meta.url))
const UUID = '3fb2c9a0-5d1e-4c57-9a53-0b8c1d2e3f41'
const notification = {
  ActorUserUuid: '33333333-3333-4333-8333-333333333333',
  Started: '2026-11-21T10:00:00Z',
  Completed: '2026-11-21T10:00:01Z',
  IsSuccess: true,
  NotificationType: 'ApproveRequest',
  Request: { Uuid: UUID, RequestType: 'Enroll', Status: 'Pending' },
}

/** Lives until `enough` is true or it ends by itself; answers the signal that ended it. */
async function live(orders: SinkOrders, enough: () => boolean): Promise<string | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOST, JSON.stringify(orders)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([until(`life ${orders.life}`, enough, 60_000), ended])
  child.stdin?.end()
  const [, signal] = await ended
  return signal
}

async function killed(database: (folder: string) => string): Promise<void> {
  const folder = makeFolder()
  const ledger = join(folder, 'ledger')
  const noted = () => (existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [])
  const where = { database: database(folder), ledger }
  try {
    expect(await live({ ...where, life: 1, notification }, () => false)).toBe('SIGKILL')
    expect(noted()).toEqual(['1 first'])
    const second = `2 second ${UUID}`
    expect(await live({ ...where, life: 2 }, () => noted().includes('2 ready') && noted().includes(second))).toBe(null)
    await live({ ...where, life: 3 }, () => noted().includes('3 ready'))
    expect(noted().filter((each) => each.includes(UUID))).toEqual([second])
  } finally {
    removeFolder(folder)
  }
}

describe(named('kill -9 between the commit and the call of a sink', POSTGRES), () => {
  it('calls it after the restart, once, on SQLite', { timeout: 200_000 }, () =>
    killed((folder) => join(folder, 'one.db')),
  )

  it.skipIf(isLacking(POSTGRES))('calls it after the restart, once, on PostgreSQL', { timeout: 200_000 }, async () =>
    inDatabase(await postgres(), (url) => killed(() => url)),
  )
})
