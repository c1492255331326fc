/**
 * An application on PostgreSQL, with the client `pg`, publishes inside its own transaction; what the event tells of is done
 * by `deed`, between the judges that may keep it back and those that look at the result.
 * DATABASE_URL names a database that the application and Tocsin share.
 *
 * Prints:
 *   ada is pending
 *   max is refused: We know Max.
 *   told of ada
 */
import pg from 'pg'
import { createHub, reject } from 'tocsin'

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
hub.use({
  name: 'app:judge',
  kind: 'judge',
  types: ['user.created'],
  order: -10,
  run: ({ subject }) => (subject === 'max' ? reject('known', 'We know Max.') : undefined),
})

const pool = new pg.Pool({ connectionString: database })
await pool.query('CREATE TABLE people (id text PRIMARY KEY)')

/** Both the person and the event, or neither. */
async function create(id: string) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const receipt = await hub.publish(
      { type: 'user.created', source: '/people', subject: id, data: { name: id } },
      { transaction: client, deed: () => client.query('INSERT INTO people VALUES ($1)', [id]) },
    )
    await client.query('COMMIT')
    return receipt
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}

console.log('ada is', (await create('ada')).state)
await create('max').catch((error: Error) => console.log('max is refused:', error.message))
await heard
await pool.end()
await hub.close()
