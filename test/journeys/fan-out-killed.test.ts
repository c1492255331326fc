/** The process is killed while an event is being told to very many: the rest are told after the restart, each once, in order. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { FanOutOrders } from '../faults/fan-out-host.js'
import { live, withRemains } from '../faults/lives.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const HOST = new URL('../faults/fan-out-host.ts', import.meta.url)
/** Two slices for each event. */
const MANY = 300
const IDS = Array.from({ length: 10 }, (_, index) => `event-${index}`)

const killed = (database: (folder: string) => string): Promise<void> =>
  withRemains(async ({ folder, ledger, noted }) => {
    const where = { database: database(folder), ledger, many: MANY, ids: IDS }
    const lived = (orders: FanOutOrders, enough: () => boolean) => live(HOST, orders, enough, 90_000)
    expect(await lived({ ...where, life: 1, publishes: true }, () => false)).toBe('SIGKILL')
    /** What the process was being told when it was killed it may be told again. */
    const told = () => [
      ...new Set(noted().flatMap((each) => (each.includes(' told ') ? each.slice('1 told '.length) : []))),
    ]
    const isOver = () => noted().includes('2 ready') && told().length === IDS.length
    expect(await lived({ ...where, life: 2, publishes: false }, isOver)).toBe(null)
    expect(noted().find((each) => each.startsWith('2 untold'))).toMatch(/ [1-9]\d*$/)
    expect(noted()).toEqual(expect.arrayContaining(IDS.map((id) => `2 tasks ${id} ${MANY}`)))
    expect(told()).toEqual(IDS)
  })

describe(named('kill -9 while an event is told to very many', POSTGRES), () => {
  it('tells the rest after the restart, on SQLite', { timeout: 200_000 }, () =>
    killed((folder) => join(folder, 'one.db')),
  )

  it.skipIf(isLacking(POSTGRES))('tells the rest after the restart, on PostgreSQL', { timeout: 200_000 }, async () =>
    inDatabase(await postgres(), (url) => killed(() => url)),
  )
})
