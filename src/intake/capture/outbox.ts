/**
 * Reads the outbox that triggers write (`outbox-sql.ts`), transaction by transaction.
 *
 * Transactions are told in the order of their last change. Two that touch one row are told as they were committed: the second
 * could not change it before the first was committed, so its last change has a higher id than any of the first. And it is not
 * visible without the first, so whatever is read, nothing that must come before is left out. Rows are deleted when they are in
 * our log, and so no id is a cursor: one that becomes visible late is still read.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { BATCH, type Batch, type Change, type Operation, type Reader } from './change.js'
import { membersOf } from './json-text.js'
import { quoted } from './mapping.js'
import type { RowReader, WrittenColumn } from './row-reader.js'
import { rows } from './source.js'

interface OutboxRow {
  readonly id: string
  readonly transaction: string
  readonly at: string
  readonly operation: Operation | 'probe'
  readonly source_table: string
  readonly before: string | null
  readonly after: string | null
}

/** Rows that are looked at together; those of a longer transaction. */
const WINDOW = 2_000
const PART = 10 * WINDOW
/** Milliseconds between two looks, when there was nothing: ever longer. */
const SHORTEST = 5
const LONGEST = 250

const COLUMNS = `id::text, transaction::text, to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, operation, source_table, before::text, after::text`

const WRITTEN = `SELECT attrelid::int8::float8 AS oid,
    json_agg(json_build_object('name', attname, 'typeOid', atttypid::int8)) AS columns
  FROM pg_attribute WHERE attrelid = ANY ($1::oid[]) AND attnum > 0 AND NOT attisdropped GROUP BY attrelid`

const textsIn = (json: string | null) => (json === null ? null : membersOf(json))

export interface OutboxOptions {
  /** Makes positions of this life of the capture differ from those of others. */
  readonly incarnation: string
  readonly read: RowReader
}

export class OutboxReader implements Reader {
  readonly #client: Client
  readonly #table: string
  readonly #options: OutboxOptions
  /** Of one look, in the order in which they are told; what is left of it. */
  #ready: OutboxRow[] = []
  /** One that is longer than a look and not told to its end: nothing else comes between. */
  #begun: string | null = null

  constructor(client: Client, object: string, options: OutboxOptions) {
    this.#client = client
    this.#table = `${quoted(object)}.outbox`
    this.#options = options
  }

  async next(signal: AbortSignal): Promise<Batch | null> {
    for (let pause = SHORTEST; !signal.aborted; pause = Math.min(2 * pause, LONGEST)) {
      if (this.#ready.length === 0) {
        this.#ready = await this.#look()
        if (this.#ready.length > 0) await this.#askColumns()
      }
      if (this.#ready.length > 0) return this.#batch(this.#ready.splice(0, BATCH))
      await sleep(pause, undefined, { signal }).catch(() => {})
    }
    return null
  }

  close(): Promise<void> {
    return this.#client.end().catch(() => {})
  }

  #batch(taken: readonly OutboxRow[]): Batch {
    const changes = taken.flatMap((row) => (row.operation === 'probe' ? [] : [this.#change(row, row.operation)]))
    return {
      changes,
      confirm: async () => {
        await this.#client.query(`DELETE FROM ${this.#table} WHERE id = ANY ($1::bigint[])`, [
          taken.map(({ id }) => id),
        ])
      },
    }
  }

  #change({ id, transaction, at, source_table: table, before, after }: OutboxRow, operation: Operation): Change {
    const { incarnation, read } = this.#options
    return {
      ...{ operation, table },
      ...read.rows(table, textsIn(before), textsIn(after), 'json'),
      position: `${incarnation}.${id}`,
      transaction: `${incarnation}-${transaction}`,
      time: at,
    }
  }

  /** An outbox tells no types: they are those of now. */
  async #askColumns(): Promise<void> {
    const { read } = this.#options
    const found = await rows<{ oid: number; columns: readonly WrittenColumn[] }>(this.#client, WRITTEN, [read.oids])
    for (const { oid, columns } of found) read.written(oid, columns)
  }

  /** All rows of the transactions that end in the first rows; of one that is longer than those, all of it. */
  async #look(): Promise<OutboxRow[]> {
    if (this.#begun !== null) return this.#more(this.#begun)
    const window = await rows<OutboxRow>(
      this.#client,
      `SELECT ${COLUMNS} FROM ${this.#table} ORDER BY outbox.id LIMIT ${WINDOW}`,
    )
    if (window.length < WINDOW) return inOrder(window)
    const last = window.at(-1)?.id
    const longer = await rows<{ transaction: string }>(
      this.#client,
      `SELECT DISTINCT transaction::text FROM ${this.#table} WHERE transaction = ANY ($1::xid8[]) AND id > $2`,
      [[...new Set(window.map(({ transaction }) => transaction))], last],
    )
    const open = new Set(longer.map(({ transaction }) => transaction))
    const whole = window.filter(({ transaction }) => !open.has(transaction))
    return whole.length > 0 ? inOrder(whole) : this.#more(await this.#firstToEnd())
  }

  /** Every transaction in sight is longer than a look. */
  async #firstToEnd(): Promise<string | null> {
    const [first] = await rows<{ transaction: string }>(
      this.#client,
      `SELECT transaction::text FROM ${this.#table} GROUP BY transaction ORDER BY max(id) LIMIT 1`,
    )
    return first?.transaction ?? null
  }

  async #more(transaction: string | null): Promise<OutboxRow[]> {
    const found = await rows<OutboxRow>(
      this.#client,
      `SELECT ${COLUMNS} FROM ${this.#table} WHERE transaction = $1::xid8 ORDER BY outbox.id LIMIT ${PART}`,
      [transaction],
    )
    this.#begun = found.length < PART ? null : transaction
    return [...found]
  }
}

function inOrder(found: readonly OutboxRow[]): OutboxRow[] {
  const byTransaction = new Map<string, OutboxRow[]>()
  for (const row of found) {
    const group = byTransaction.get(row.transaction)
    if (group) group.push(row)
    else byTransaction.set(row.transaction, [row])
  }
  const end = (group: readonly OutboxRow[]) => Number(group.at(-1)?.id ?? 0)
  return [...byTransaction.values()].sort((one, other) => end(one) - end(other)).flat()
}
