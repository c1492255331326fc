/** Rows of captured tables, in SQL that SQLite and PostgreSQL read alike. */
export const LIST_CAPTURED = `SELECT id, state FROM captured_rows WHERE capture = ?1 AND source_table = ?2 AND id > ?3
  ORDER BY id LIMIT ?4`
export const CLEAR_CAPTURED = `DELETE FROM captured_rows WHERE capture = ?1 AND source_table = ?2 AND id IN
  (SELECT id FROM captured_rows WHERE capture = ?1 AND source_table = ?2 LIMIT ?3)`
