/**
 * kill -9 of hosts that publish inside their own transactions: what they committed is one event each, and nothing else is.
 */
import { join } from 'node:path'
import pg from 'pg'
import { createHub, openConnection } from 'tocsin'
import { describe, expect, it } from 'vitest'
import { killHosts } from '../faults/inside-kills.js'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { pause, rounds, seedOfRun, until } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const TIME = { timeout: 120_000 }
const LEDGER = 'SELECT id FROM ledger'

interface Place {
  in<Result>(work: (database: string) => Promise<Result>): Promise<Result>
  ledger(database: string): Promise<readonly string[]>
}

const openHost = (database: string) => openConnection(database, { timeout: 5_000 })

const event = (id: string) => ({ id, type: 'user.created', source: '/host', subject: id, data: {} })

function idsIn(database: string, sql: string): readonly string[] {
  const connection = openHost(database)
  const rows = connection.prepare(sql).all() as { id: string }[]
  connection.close()
  return rows.map(({ id }) => id)
}

const SQLITE: Place = {
  in: async (work) => {
    const folder = makeFolder()
    return work(join(folder, 'app.db')).finally(() => removeFolder(folder))
  },
  ledger: async (database) => idsIn(database, LEDGER),
}

const SERVER: Place = {
  in: async (work) => inDatabase(await postgres(), work),
  ledger: async (database) => {
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    const { rows } = await client.query<{ id: string }>(LEDGER).finally(() => client.end())
    return rows.map(({ id }) => id)
  },
}

const PLACES = [
  ['SQLite', SQLITE, rounds(5)],
  ...(isLacking(POSTGRES) ? [] : ([['PostgreSQL', SERVER, rounds(3)]] as const)),
] as const

describe(named('kill -9 of hosts that publish inside their own transactions', POSTGRES), () => {
  it.each(PLACES)('on %s: each commit is one event, and each rollback none', TIME, (_, place, kills) =>
    place.in(async (database) => {
      const seed = seedOfRun()
      const { events } = await killHosts(database, kills, seed, false)
      const ledger = await place.ledger(database)
      expect(ledger.length, `seed ${seed}`).toBeGreaterThanOrEqual(kills)
      expect([...events].sort(), `seed ${seed}`).toEqual([...ledger].sort())
    }),
  )

  it.each(PLACES)('on %s, between the commit and the admission: admitted after the restart', TIME, (_, place) =>
    place.in(async (database) => {
      const { pending, events, heard } = await killHosts(database, 2, seedOfRun(), true)
      expect(pending).toBeGreaterThan(0)
      expect([...events].sort()).toEqual([...(await place.ledger(database))].sort())
      expect(heard.length).toBeGreaterThanOrEqual(pending)
    }),
  )
})

describe('a host and others on one SQLite file, as it is shipped', () => {
  it('nobody fails and nobody waits for long, while each holds the file in turn', TIME, () =>
    SQLITE.in(async (database) => {
      const hub = await createHub({ database, config: { log: { level: 'silent' } } })
      const host = openHost(database)
      let isOver = false
      const others = [1, 2, 3].map(async (other) => {
        for (let count = 0; ; count++) {
          if (isOver) return count
          await hub.publish(event(`outside-${other}-${count}`))
        }
      })
      const begins: number[] = []
      for (let count = 0; count < 60; count++) {
        const start = performance.now()
        host.exec('BEGIN IMMEDIATE')
        begins.push(performance.now() - start)
        await hub.publish(event(`inside-${count}`), { transaction: host })
        await pause(count % 5)
        host.exec('COMMIT')
        await pause(1)
      }
      isOver = true
      const outside = (await Promise.all(others)).reduce((sum, count) => sum + count)
      await until('the inbox is empty', async () => (await hub.inbox.measure())?.pending === 0)
      host.close()
      await hub.close()
      expect(outside).toBeGreaterThan(0)
      expect(Math.max(...begins)).toBeLessThan(4_000)
      const [row] = idsIn(database, 'SELECT COUNT(*) AS id FROM events')
      expect(Number(row)).toBe(60 + outside)
    }),
  )
})
