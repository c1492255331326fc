/** The process is killed while an event is being told to very many: the rest are told after the restart, each once, in order. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { FanOutOrders } from '../faults/fan-out-host.js'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { until } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const HOST = fileURLToPath(new URL('../faults/fan-out-host.ts', import.meta.url))
/** Two slices for each event. */
const MANY = 300
const IDS = Array.from({ length: 10 }, (_, index) => `event-${index}`)

/** Lives until `enough` is true or it ends by itself; answers the signal that ended it. */
async function live(orders: FanOutOrders, enough: () => boolean): Promise<string | null> {
  const child = spawn(process.execPath, ['--import', 'tsx', HOST, JSON.stringify(orders)], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  const ended = once(child, 'exit')
  await Promise.race([until(`life ${orders.life}`, enough, 90_000), ended])
  child.stdin?.end()
  const [, signal] = await ended
  return signal
}

async function killed(database: (folder: string) => string): Promise<void> {
  const folder = makeFolder()
  const ledger = join(folder, 'ledger')
  const noted = () => (existsSync(ledger) ? readFileSync(ledger, 'utf8').trim().split('\n') : [])
  const where = { database: database(folder), ledger, many: MANY, ids: IDS }
  try {
    expect(await live({ ...where, life: 1, publishes: true }, () => false)).toBe('SIGKILL')
    /** What the process was being told when it was killed it may be told again. */
    const told = () => [
      ...new Set(noted().flatMap((each) => (each.includes(' told ') ? each.slice('1 told '.length) : []))),
    ]
    const isOver = () => noted().includes('2 ready') && told().length === IDS.length
    expect(await live({ ...where, life: 2, publishes: false }, isOver)).toBe(null)
    expect(noted().find((each) => each.startsWith('2 untold'))).toMatch(/ [1-9]\d*$/)
    expect(noted()).toEqual(expect.arrayContaining(IDS.map((id) => `2 tasks ${id} ${MANY}`)))
    expect(told()).toEqual(IDS)
  } finally {
    removeFolder(folder)
  }
}

describe(named('kill -9 while an event is told to very many', POSTGRES), () => {
  it('tells the rest after the restart, on SQLite', { timeout: 200_000 }, () =>
    killed((folder) => join(folder, 'one.db')),
  )

  it.skipIf(isLacking(POSTGRES))('tells the rest after the restart, on PostgreSQL', { timeout: 200_000 }, async () =>
    inDatabase(await postgres(), (url) => killed(() => url)),
  )
})
