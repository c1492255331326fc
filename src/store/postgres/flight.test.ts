import type { Pool } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES, postgres } from '../../../test/services.js'
import { Flights } from './flight.js'
import { openPool } from './pool.js'
import { statement } from './statement.js'

const NUMBERS = statement('SELECT ?::int8 AS number, ?::text AS name')
const DIVIDE = statement('SELECT 1 / ?::int AS quotient')
const ADD = statement('INSERT INTO added SELECT unnest(?::text::int[])')

describe.skipIf(isLacking(POSTGRES))(named('a flight', POSTGRES), () => {
  let database: Database
  let pool: Pool
  beforeAll(async () => {
    database = await createDatabase(await postgres())
    pool = await openPool({ url: database.url, schema: 'public', connections: 1 })
  })
  afterAll(async () => {
    await pool.end()
    await database.drop()
  })
  beforeEach(async () => void (await pool.query('DROP TABLE IF EXISTS added; CREATE TABLE added (number int)')))

  const withFlights = async (work: (flights: Flights) => Promise<void>) => {
    const client = await pool.connect()
    await work(new Flights(client)).finally(() => client.release())
  }

  it('brings every answer to who asked, numbers as numbers, however often it is asked', () =>
    withFlights(async (flights) => {
      for (let round = 0; round < 2; round++) {
        const answers = await Promise.all([
          flights.ask(NUMBERS, [7, 'seven']),
          flights.ask(ADD, ['{1,2,3}']),
          flights.ask('SELECT ? || ?', ['a', 'b']),
          flights.ask(NUMBERS, [null, null]),
        ])
        expect(answers).toMatchObject([
          { rows: [[7, 'seven']] },
          { rows: [], count: 3 },
          { rows: [['ab']] },
          { rows: [[null, null]] },
        ])
      }
    }))

  it('tries nothing behind what failed, tells all of them why, and goes on with the next', () =>
    withFlights(async (flights) => {
      const asked = [flights.ask(ADD, ['{1}']), flights.ask(DIVIDE, [0]), flights.ask(ADD, ['{2}'])]
      const outcomes = await Promise.allSettled(asked)
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
      expect(outcomes[2]).toMatchObject({ reason: { code: '22012' } })
      // What stands before a failure in one flight is one work with it.
      expect(await flights.ask('SELECT number FROM added')).toMatchObject({ rows: [] })
      expect(await flights.ask(DIVIDE, [1])).toMatchObject({ rows: [[1]] })
    }))

  it('prepares again what could not be prepared', () =>
    withFlights(async (flights) => {
      const late = statement('SELECT count(*)::int FROM late')
      await expect(flights.ask(late)).rejects.toThrow('late')
      await flights.ask('CREATE TABLE late ()')
      expect(await flights.ask(late)).toMatchObject({ rows: [[0]] })
    }))
})
