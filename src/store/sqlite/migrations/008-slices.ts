import type { Migration } from './migration.js'

/** Those who are still to be told of an event, where they are very many. */
export const slices: Migration = {
  version: 8,
  sql: `
CREATE TABLE slices (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  number INTEGER NOT NULL,
  partition_key TEXT NOT NULL,
  count INTEGER NOT NULL,
  candidates TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence, number)
) STRICT;
CREATE INDEX slices_by_key ON slices (tenant, partition_key);
`,
}
