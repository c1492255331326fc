/**
 * A program that publishes inside its own transactions, so that it can be killed: started by `inside-kills.ts`. Its own table
 * `ledger`, on the same database, says what it committed.
 */
import pg from 'pg'
import { createHub, openConnection } from 'tocsin'
import { randomFrom } from './random.js'

/** What it is told to do, as JSON in its first argument. */
export interface Orders {
  readonly database: string
  readonly life: number
  readonly seed: number
  /** Dies by its own hand right after that commit; else it goes on until it is killed. */
  readonly dieAfter?: number
}

const { database, life, seed, dieAfter } = JSON.parse(process.argv[2] ?? '') as Orders
const random = randomFrom(seed)
const isServer = database.startsWith('postgres:')

const hub = await createHub({
  database,
  config: {
    log: { level: 'silent' },
    ...(!isServer && { store: { thread: 'main' } }),
    sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
  },
})

async function connect() {
  if (!isServer) {
    const handle = openConnection(database, { timeout: 5_000 })
    return { handle, run: async (sql: string) => handle.exec(sql.replace('BEGIN', 'BEGIN IMMEDIATE')) }
  }
  const handle = new pg.Client({ connectionString: database })
  await handle.connect()
  return { handle, run: (sql: string) => handle.query(sql) }
}

const { handle, run } = await connect()
await run('CREATE TABLE IF NOT EXISTS ledger (id TEXT)')
for (let commits = 0, transactions = 0; ; transactions++) {
  await run('BEGIN')
  for (let each = 0; each <= random() * 3; each++) {
    const id = `${life}-${transactions}-${each}`
    await run(`INSERT INTO ledger VALUES ('${id}')`)
    const event = { id, type: 'user.created', source: '/faults', subject: `u${each}`, data: {} }
    await hub.publish(event, { transaction: handle })
  }
  if (random() < 0.3) await run('ROLLBACK')
  else {
    await run('COMMIT')
    commits += 1
    if (commits === dieAfter) process.kill(process.pid, 'SIGKILL')
    if (commits === 1) process.stdout.write('committed\n')
  }
  if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, random() * 10))
}
