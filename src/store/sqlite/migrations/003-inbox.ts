import type { Migration } from './migration.js'

/** What hosts write inside their own transactions. Numbers are never given twice: people name rows by them. */
export const inbox: Migration = {
  version: 3,
  sql: `
CREATE TABLE inbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT,
  partition_key TEXT NOT NULL,
  principal TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  content TEXT NOT NULL,
  code TEXT,
  message TEXT,
  refused_at INTEGER
) STRICT;
CREATE INDEX inbox_pending ON inbox (number) WHERE state = 'pending';
CREATE INDEX inbox_refused ON inbox (refused_at) WHERE refused_at IS NOT NULL;
`,
}
