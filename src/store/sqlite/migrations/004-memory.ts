import type { Migration } from './migration.js'

/**
 * Groups and likenesses live in memory (`standing.ts`). To rebuild it those behind a head are found in the order in which they
 * came, which writes no pages of its own.
 */
export const memory: Migration = {
  version: 4,
  sql: `
DROP TABLE groups;
DROP INDEX tasks_alike;
DROP INDEX tasks_behind_high;
DROP INDEX tasks_behind;
CREATE INDEX tasks_behind ON tasks (tenant, sequence, subscription)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL;

-- keys of events up to there are in their table (recent-keys.ts)
ALTER TABLE tenant_heads ADD COLUMN keyed INTEGER NOT NULL DEFAULT 0;
UPDATE tenant_heads SET keyed = head;
`,
}
