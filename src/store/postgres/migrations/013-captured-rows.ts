import type { Migration } from './migration.js'

/** Rows of captured tables, as they were last told; `id` is a digest of the key. */
export const capturedRows: Migration = {
  version: 13,
  oldest: 1,
  sql: `
CREATE TABLE captured_rows (
  capture text COLLATE "C" NOT NULL,
  source_table text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (capture, source_table, id)
);
`,
}
