import type { Migration } from './migration.js'

/** Those who are still to be told of an event, where they are very many. `key` stands for the partition key, as in `groups`. */
export const slices: Migration = {
  version: 9,
  oldest: 1,
  sql: `
CREATE TABLE slices (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  number bigint NOT NULL,
  partition_key text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  candidates text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, sequence, number)
);
CREATE INDEX slices_by_key ON slices (tenant, key);
`,
}
