import type { Migration } from './migration.js'

/** What was sent in an attempt and where its time went; which tasks a replay told again. All of it may be absent. */
export const attemptLog: Migration = {
  version: 7,
  sql: `
ALTER TABLE attempts ADD COLUMN request TEXT;
ALTER TABLE attempts ADD COLUMN timing TEXT;
ALTER TABLE tasks ADD COLUMN replayed_at INTEGER;
`,
}
