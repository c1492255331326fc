/**
 * Whether a capture works, shown and not guessed: an update that changes nothing is made in each table and rolled back, the
 * place of a message in the source's log is waited for, and what must be there is looked at.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from 'pg'
import { messageOf } from '../../errors.js'
import { type CaptureSpec, literal, type Method, qualified, quoted } from './mapping.js'
import { setMark } from './mark.js'
import type { Plan } from './plan.js'
import { rows } from './source.js'
import type { Server } from './tables.js'

export interface Finding {
  readonly name: string
  readonly passed: boolean
  readonly text: string
}

/** Milliseconds that whoever reads has. */
const PATIENCE = 10_000

export const left = ({ statements }: Plan): Finding => ({
  name: 'objects',
  passed: statements.length === 0,
  text:
    statements.length === 0
      ? 'everything is in place'
      : `missing: ${statements.map(({ sql }) => sql.split('\n')[0]).join('; ')}`,
})

export const slotLimit = ({ maxSlotKeep }: Server): Finding => ({
  name: 'max_slot_wal_keep_size',
  passed: true,
  text:
    maxSlotKeep < 0
      ? 'not set: while nobody reads, the source keeps its log without a limit'
      : `${maxSlotKeep} MiB: what is not read by then is lost`,
})

/** Of each table: an update inside a transaction that is rolled back. The table's own triggers run too. */
export async function probeTables(
  client: Client,
  spec: Pick<CaptureSpec, 'tables'>,
  object: string,
  method: Method,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const table of Object.keys(spec.tables)) findings.push(await probeTable(client, table, object, method))
  return findings
}

async function probeTable(client: Client, table: string, object: string, method: Method): Promise<Finding> {
  const finding = (passed: boolean, text: string) => ({ name: `rolled-back probe of ${table}`, passed, text })
  await client.query('BEGIN')
  try {
    await client.query("SET LOCAL lock_timeout = '2s'")
    const touched = await touch(client, table)
    if (method === 'logical')
      return finding(true, touched ? 'an update was made and rolled back' : 'the table is empty')
    const [found] = await rows<{ count: number }>(
      client,
      `SELECT count(*)::int AS count FROM ${quoted(object)}.outbox WHERE transaction = pg_current_xact_id()`,
    )
    if (!touched) return finding(true, 'the table is empty: its triggers are in place')
    return finding(found?.count === 1, `an update wrote ${found?.count} rows into the outbox, and was rolled back`)
  } catch (error) {
    return finding(false, messageOf(error))
  } finally {
    await client.query('ROLLBACK')
  }
}

/** Of one row, sets a column that may be set to what it is. */
async function touch(client: Client, table: string): Promise<boolean> {
  const [column] = await rows<{ attname: string }>(
    client,
    `SELECT attname FROM pg_attribute WHERE attrelid = ${literal(qualified(table))}::regclass AND attnum > 0
      AND NOT attisdropped AND attgenerated = '' AND attidentity <> 'a' ORDER BY attnum LIMIT 1`,
  )
  if (column === undefined) return false
  const name = quoted(column.attname)
  const { rowCount } = await client.query(
    `WITH one AS (SELECT tableoid AS at, ctid AS place FROM ${qualified(table)} LIMIT 1)
      UPDATE ${qualified(table)} AS t SET ${name} = t.${name} FROM one WHERE t.tableoid = one.at AND t.ctid = one.place`,
  )
  return rowCount === 1
}

/** Whether somebody reads: a message in the log is passed by, or a row of the outbox that means nothing is taken. */
export async function probeReader(client: Client, object: string, method: Method): Promise<Finding> {
  const began = performance.now()
  const passed = await setMark(client, object, method)
  for (let pause = 10; performance.now() - began < PATIENCE; pause = Math.min(2 * pause, 250)) {
    if (await passed())
      return reader(true, `what was written was read ${Math.round(performance.now() - began)} ms later`)
    await sleep(pause)
  }
  return reader(false, `what was written was not read for ${PATIENCE / 1_000} s`)
}

const reader = (passed: boolean, text: string): Finding => ({ name: 'reader', passed, text })
