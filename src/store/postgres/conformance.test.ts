import { afterAll, beforeAll, describe, test } from 'vitest'
import { isLacking, named } from '../../../test/faults/tools.js'
import { createDatabase, type Database } from '../../../test/services/postgres.js'
import { POSTGRES_VERSIONS, postgres } from '../../../test/services.js'
import { storeConformance } from '../conformance.js'
import { openPostgresStore } from './store.js'

describe.for(POSTGRES_VERSIONS)('postgres', (need) => {
  describe.skipIf(isLacking(need))(named(String(need.version), need), () => {
    let database: Database
    let schemas = 0
    beforeAll(async () => {
      database = await createDatabase(await postgres(need.version))
    })
    afterAll(() => database.drop())

    storeConformance({
      describe,
      test,
      open: () => openPostgresStore({ url: database.url, schema: `store_${schemas++}`, connections: 4 }),
    })
  })
})
