import type { Migration } from './migration.js'

/** What a tenant may have of what all share. */
export const quotas: Migration = {
  version: 13,
  sql: `
ALTER TABLE tenants ADD COLUMN weight INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tenants ADD COLUMN events_per_second INTEGER;
ALTER TABLE tenants ADD COLUMN unfinished_tasks INTEGER;
`,
}
