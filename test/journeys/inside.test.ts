/**
 * kill -9 of hosts that publish inside their own transactions: what they committed is one event each, and nothing else is.
 */
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openConnection } from '../../src/index.js'
import { killHosts } from '../faults/inside-kills.js'
import { makeFolder, removeFolder } from '../faults/instance.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { inDatabase } from '../services/postgres.js'
import { POSTGRES, postgres } from '../services.js'

const TIME = { timeout: 120_000 }
const LEDGER = 'SELECT id FROM ledger'

interface Place {
  in<Result>(work: (database: string) => Promise<Result>): Promise<Result>
  ledger(database: string): Promise<readonly string[]>
}

const SQLITE: Place = {
  in: async (work) => {
    const folder = makeFolder()
    return work(join(folder, 'app.db')).finally(() => removeFolder(folder))
  },
  ledger: async (database) => {
    const connection = openConnection(database)
    const rows = connection.prepare(LEDGER).all() as { id: string }[]
    connection.close()
    return rows.map(({ id }) => id)
  },
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

const PLACES = [['SQLite', SQLITE, 5], ...(isLacking(POSTGRES) ? [] : ([['PostgreSQL', SERVER, 3]] as const))] as const

describe(named('kill -9 of hosts that publish inside their own transactions', POSTGRES), () => {
  it.each(PLACES)('on %s: each commit is one event, and each rollback none', TIME, (_, place, kills) =>
    place.in(async (database) => {
      const seed = seedOfRun()
      const { events } = await killHosts(database, kills, seed, false)
      const ledger = await place.ledger(database)
      expect(ledger.length, `seed ${seed}`).toBeGreaterThan(kills)
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
