import type { Migration } from './migration.js'

/** What a tenant may have of what all share. An older program beside us keeps to none of it, and leaves it as it is. */
export const quotas: Migration = {
  version: 18,
  oldest: 1,
  sql: `
ALTER TABLE tenants ADD COLUMN weight integer NOT NULL DEFAULT 1;
ALTER TABLE tenants ADD COLUMN events_per_second integer;
ALTER TABLE tenants ADD COLUMN unfinished_tasks bigint;
`,
}
