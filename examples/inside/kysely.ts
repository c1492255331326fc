/**
 * The same with the query builder Kysely. DATABASE_URL names a database that the application and Tocsin share.
 *
 * Prints:
 *   bob is pending
 *   told of bob
 */
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { createHub } from 'tocsin'

const database = process.env.DATABASE_URL ?? ''
const hub = await createHub({ database, config: { log: { level: 'silent' } } })
const heard = new Promise<void>((resolve) => {
  hub.use({
    name: 'app:witness',
    kind: 'witness',
    types: ['user.created'],
    run: ({ subject }) => {
      console.log('told of', subject)
      resolve()
    },
  })
})

const pool = new pg.Pool({ connectionString: database })
const db = new Kysely<{ staff: { id: string } }>({ dialect: new PostgresDialect({ pool }) })
await db.schema.createTable('staff').addColumn('id', 'text').execute()

const receipt = await db.transaction().execute(async (transaction) => {
  await transaction.insertInto('staff').values({ id: 'bob' }).execute()
  const event = { type: 'user.created', source: '/staff', subject: 'bob', data: { name: 'Bob' } }
  return hub.publish(event, { transaction })
})
console.log('bob is', receipt.state)
await heard
await db.destroy()
await hub.close()
