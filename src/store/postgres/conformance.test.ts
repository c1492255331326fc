import { Client } from 'pg'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES_VERSIONS, postgres } from '../../../test/services.js'
import { storeConformance } from '../conformance.js'
import { openPostgresStore } from './store.js'

/** Quicker than another schema for each case. */
const EMPTY = `DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'tocsin' AND tablename <> 'meta'
  LOOP EXECUTE format('DELETE FROM tocsin.%I', name); END LOOP; END $$`

describe.for(POSTGRES_VERSIONS)('postgres', (need) => {
  describe.skipIf(isLacking(need))(named(String(need.version), need), () => {
    let database: Database
    let client: Client
    beforeAll(async () => {
      database = await createDatabase(await postgres(need.version))
      client = new Client({ connectionString: database.url })
      await client.connect()
    })
    afterAll(async () => {
      await client.end()
      await database.drop()
    })

    storeConformance({
      describe,
      test,
      open: async () => {
        await client.query(EMPTY)
        return openPostgresStore({ url: database.url, connections: 4 })
      },
    })
  })
})
