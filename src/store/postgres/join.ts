/**
 * A host's transaction on our database: a client of `pg`, or a transaction of Kysely. It is taken to be open, and one, as long
 * as its id stays; nothing of ours is locked in it but the row that is inserted.
 */
import { randomUUID } from 'node:crypto'
import type { HostTransaction } from '../port.js'
import type { NewInboxRow } from '../rows.js'
import { NEW_INBOX } from '../sql/shapes.js'

interface Answered {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  readonly count: number
}

type Ask = (sql: string, values: readonly unknown[]) => Promise<Answered>

/** What we use of a client of `pg`. */
interface Client {
  query(sql: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>
}

/** What we use of a transaction of Kysely. */
interface Builder {
  executeQuery(compiled: object): Promise<{ rows: Record<string, unknown>[]; numAffectedRows?: bigint }>
}

const TAKEN = 'a Client or PoolClient of pg, or a Transaction of Kysely on PostgreSQL'

/**
 * @param quoted the name of our schema, quoted.
 * @throws TypeError for another handle, another database, or without an open transaction; else what the handle throws
 */
export async function joinPostgres(quoted: string, epoch: string, transaction: unknown): Promise<HostTransaction> {
  const ask = askerOf(transaction)
  const id = await idOf(ask, quoted, epoch)
  await requireSame(ask, id)
  return { append: (row) => append(ask, quoted, id, row) }
}

function askerOf(transaction: unknown): Ask {
  if (isBuilder(transaction)) return (sql, values) => askBuilder(transaction, sql, values)
  if (isClient(transaction)) {
    return async (sql, values) => {
      const { rows, rowCount } = await transaction.query(sql, [...values])
      return { rows, count: rowCount ?? 0 }
    }
  }
  throw new TypeError(`The transaction is no handle of PostgreSQL that can be used; what is taken: ${TAKEN}.`)
}

const has = (value: unknown, method: string): boolean =>
  typeof value === 'object' && value !== null && method in value && typeof Reflect.get(value, method) === 'function'

const isBuilder = (value: unknown): value is Builder => has(value, 'executeQuery')
const isClient = (value: unknown): value is Client => has(value, 'query')

/** As `CompiledQuery.raw` of Kysely makes it. */
async function askBuilder(builder: Builder, sql: string, parameters: readonly unknown[]): Promise<Answered> {
  const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] }
  const { rows, numAffectedRows = 0n } = await builder.executeQuery({
    ...{ sql, parameters, query },
    queryId: { queryId: randomUUID() },
  })
  return { rows, count: Number(numAffectedRows) }
}

/** The transaction's own; 3F000 and 42P01: there is no such schema, or no such table. */
const ELSEWHERE: ReadonlySet<unknown> = new Set(['3F000', '42P01'])

async function idOf(ask: Ask, quoted: string, epoch: string): Promise<string> {
  const sql = `SELECT pg_current_xact_id()::text AS id, value AS epoch FROM ${quoted}.meta WHERE name = 'epoch'`
  const answer = await ask(sql, []).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && ELSEWHERE.has(error.code)) throw elsewhere(error)
    throw error
  })
  const [row] = answer.rows
  if (row?.epoch !== epoch) throw elsewhere()
  return String(row.id)
}

const elsewhere = (cause?: unknown): TypeError =>
  new TypeError("The transaction is on another database: it must be on Tocsin's.", { cause })

/** Outside of a transaction each statement has an id of its own. */
async function requireSame(ask: Ask, id: string): Promise<void> {
  const { rows } = await ask('SELECT pg_current_xact_id()::text AS id', [])
  if (String(rows[0]?.id) !== id) throw notOpen()
}

const notOpen = (): TypeError =>
  new TypeError('The handle has no open transaction: begin one before you publish; a pool cannot have one.')

const COLUMNS = NEW_INBOX.columns
const MARKS = NEW_INBOX.names
  .map((name, index) => `$${index + 1}::${name === 'received_at' ? 'int8' : 'text'}`)
  .join(', ')
const SAME = `pg_current_xact_id()::text = $${NEW_INBOX.width + 1}`

async function append(ask: Ask, quoted: string, id: string, row: NewInboxRow): Promise<void> {
  const sql = `INSERT INTO ${quoted}.inbox (${COLUMNS}) SELECT ${MARKS} WHERE ${SAME}`
  const { count } = await ask(sql, [...NEW_INBOX.pack(row), id])
  if (count !== 1) throw notOpen()
}
