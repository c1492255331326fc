import type { Migration } from './migration.js'

/**
 * The queue of processors: locks, likeness, several results of one processor, switches.
 * A task that waits for a lock is in `tasks_blocked` alone, so it no longer counts among those behind a head.
 */
export const processing: Migration = {
  version: 2,
  sql: `
ALTER TABLE tasks ADD COLUMN super_owner TEXT;
ALTER TABLE tasks ADD COLUMN likeness TEXT;
ALTER TABLE tasks ADD COLUMN lock_owner TEXT;
ALTER TABLE tasks ADD COLUMN blocked_by TEXT;

DROP INDEX tasks_behind;
CREATE INDEX tasks_behind ON tasks (tenant, subscription, group_key, sequence)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL;
DROP INDEX tasks_behind_high;
CREATE INDEX tasks_behind_high ON tasks (tenant, subscription, group_key, priority)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL AND priority < 2;
CREATE INDEX tasks_blocked ON tasks (tenant, blocked_by, rank, sequence, subscription) WHERE blocked_by IS NOT NULL;
CREATE INDEX tasks_alike ON tasks (tenant, subscription, likeness, sequence)
  WHERE likeness IS NOT NULL AND state IN ('due', 'waiting') AND (wake_at IS NULL OR attempts > 0);
CREATE INDEX tasks_by_super_owner ON tasks (tenant, super_owner, sequence) WHERE super_owner IS NOT NULL;

ALTER TABLE results RENAME TO results_before;
CREATE TABLE results (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  processor TEXT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  position REAL NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT,
  code TEXT,
  message TEXT,
  cause TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (tenant, sequence, processor, number)
) STRICT, WITHOUT ROWID;
INSERT INTO results (tenant, sequence, processor, number, kind, position, state, verdict, code, message, started_at, ended_at)
  SELECT tenant, sequence, processor, 0, kind, position, state, verdict, code, message, started_at, ended_at
  FROM results_before;
DROP TABLE results_before;

-- people call a resource by its code
CREATE INDEX resources_by_code ON resources (tenant, json_extract(properties, '$.code'), id)
  WHERE removed_at IS NULL AND json_extract(properties, '$.code') IS NOT NULL;

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
}
