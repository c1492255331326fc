/**
 * An application whose own tables lie in Tocsin's SQLite file publishes inside its own transaction.
 *
 * Prints:
 *   Ada is pending
 *   told of ada
 *   people: ada
 */
import { createHub, openConnection } from 'tocsin'

const hub = await createHub({ database: 'app.db', config: { log: { level: 'silent' } } })
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

// The SQLite that Tocsin uses: a `DatabaseSync` of node:sqlite, or its twin on Node 20. Another copy of SQLite in the
// process, such as better-sqlite3's, is refused: two of them do not see each other's locks.
const database = openConnection('app.db', { timeout: 5_000 })
database.exec('CREATE TABLE people (id TEXT PRIMARY KEY)')

/** Both the person and the event, or neither. */
async function create(id: string) {
  // Writers queue up at once, not only at their first change.
  database.exec('BEGIN IMMEDIATE')
  try {
    database.prepare('INSERT INTO people VALUES (?)').run(id)
    const receipt = await hub.publish(
      { type: 'user.created', source: '/people', subject: id, data: { name: id } },
      { transaction: database },
    )
    if (id === 'eve') throw new Error('The application thinks better of it.')
    database.exec('COMMIT')
    return receipt
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

console.log('Ada is', (await create('ada')).state)
await create('eve').catch(() => {})
await heard
console.log(
  'people:',
  ...database
    .prepare('SELECT id FROM people')
    .all()
    .map((row) => Object.values(Object(row))[0]),
)
database.close()
await hub.close()
