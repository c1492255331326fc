import type { Migration } from './migration.js'

/** What was sent in an attempt and where its time went; which tasks a replay told again. All of it may be absent. */
export const attemptLog: Migration = {
  version: 8,
  oldest: 1,
  sql: `
ALTER TABLE attempts ADD COLUMN request text COLLATE "C", ADD COLUMN timing text COLLATE "C";
ALTER TABLE attempt_history ADD COLUMN request text COLLATE "C", ADD COLUMN timing text COLLATE "C";
ALTER TABLE tasks ADD COLUMN replayed_at bigint;
`,
}
