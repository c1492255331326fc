/**
 * What capturing costs whoever writes into the source: the same inserts and updates without it and with all that it puts there.
 * Nobody reads meanwhile: what reading costs is no cost of the writer's.
 */
import type { Figures } from '../contest.js'
import { type Method, type Registry, rowsFrom, withObjects } from './source.js'

/** Rows in one statement. */
const ROWS = 100

/** @returns how many times as long inserts and updates of single rows take, and of many in one statement */
export async function overhead(registry: Registry, method: Method, statements: number): Promise<Figures> {
  const raw = await writing(registry, statements)
  const captured = await withObjects(registry, method, async () => {
    await registry.client.query('TRUNCATE person')
    return writing(registry, statements)
  })
  return {
    insert: captured.insert / raw.insert,
    update: captured.update / raw.update,
    insertMany: captured.insertMany / raw.insertMany,
    updateMany: captured.updateMany / raw.updateMany,
  }
}

/** Milliseconds. */
async function writing({ client }: Registry, statements: number) {
  const insert = await timed(statements, (n) => client.query(rowsFrom(n, 1)))
  const update = await timed(statements, (n) => client.query('UPDATE person SET rev = rev + 1 WHERE id = $1', [n]))
  const first = statements
  const insertMany = await timed(statements / 10, (n) => client.query(rowsFrom(first + n * ROWS, ROWS)))
  const updateMany = await timed(statements / 10, (n) =>
    client.query('UPDATE person SET rev = rev + 1 WHERE id >= $1 AND id < $2', [
      first + n * ROWS,
      first + (n + 1) * ROWS,
    ]),
  )
  return { insert, update, insertMany, updateMany }
}

async function timed(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now()
  for (let index = 0; index < count; index++) await work(index)
  return performance.now() - started
}
