import type { Migration } from './migration.js'

/** Rows of captured tables, as they were last told; `id` is a digest of the key. */
export const capturedRows: Migration = {
  version: 11,
  sql: `
CREATE TABLE captured_rows (
  capture TEXT NOT NULL,
  source_table TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (capture, source_table, id)
) STRICT, WITHOUT ROWID;
`,
}
