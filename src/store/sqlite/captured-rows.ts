import type { CapturedRowStore } from '../../intake/capture/captured-rows.js'
import { CLEAR_CAPTURED, LIST_CAPTURED } from '../sql/captured-rows.js'
import type { Session } from './session.js'
import type { Sync } from './sync.js'

const FIND = 'SELECT id, state FROM captured_rows WHERE capture = ? AND source_table = ? AND id = ?'
const PUT = 'REPLACE INTO captured_rows (capture, source_table, id, state) VALUES (?, ?, ?, ?)'
const REMOVE = 'DELETE FROM captured_rows WHERE capture = ? AND source_table = ? AND id = ?'

const readRow = (row: readonly unknown[]) => ({ id: String(row[0]), state: String(row[1]) })

export const sqliteCapturedRows = (session: Session): Sync<CapturedRowStore> => ({
  find: (capture, table, ids) =>
    ids.flatMap((id) => {
      const row = session.get(FIND, capture, table, id)
      return row === undefined ? [] : [readRow(row)]
    }),
  list: (capture, table, after, limit) => session.all(LIST_CAPTURED, capture, table, after, limit).map(readRow),
  put: (capture, updates) => {
    for (const { table, id, state } of updates) {
      if (state === null) session.run(REMOVE, capture, table, id)
      else session.run(PUT, capture, table, id, state)
    }
  },
  clear: (capture, table, limit) => session.run(CLEAR_CAPTURED, capture, table, limit),
})
