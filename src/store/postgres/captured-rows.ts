import type { CapturedRowStore } from '../../intake/capture/captured-rows.js'
import { CLEAR_CAPTURED, LIST_CAPTURED } from '../sql/captured-rows.js'
import { arrayOf } from './arrays.js'
import type { Database } from './database.js'
import { statement } from './statement.js'
import { CAPTURED_ROWS, GONE_CAPTURED_ROWS } from './tables.js'

const FIND = statement(
  'SELECT id, state FROM captured_rows WHERE capture = ? AND source_table = ? AND id = ANY (?::text[])',
)
const LIST = statement(LIST_CAPTURED)
const CLEAR = statement(CLEAR_CAPTURED)

const readRow = (row: readonly unknown[]) => ({ id: String(row[0]), state: String(row[1]) })

export const postgresCapturedRows = ({ read, write }: Database): CapturedRowStore => ({
  find: async (capture, table, ids) => (await read.all(FIND, capture, table, arrayOf('text', ids))).map(readRow),
  list: async (capture, table, after, limit) => (await read.all(LIST, capture, table, after, limit)).map(readRow),
  put: (capture, updates) =>
    write(async (session) => {
      const kept = updates.filter(({ state }) => state !== null)
      const gone = updates.filter(({ state }) => state === null)
      if (kept.length > 0)
        await session.write(
          CAPTURED_ROWS,
          kept.map(({ table, id, state }) => [capture, table, id, state]),
        )
      if (gone.length > 0)
        await session.write(
          GONE_CAPTURED_ROWS,
          gone.map(({ table, id }) => [capture, table, id]),
        )
    }),
  clear: (capture, table, limit) => write((session) => session.run(CLEAR, capture, table, limit)),
})
