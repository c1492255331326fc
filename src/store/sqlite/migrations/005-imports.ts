import type { Migration } from './migration.js'

/** How far imports are, and what waits for their end. */
export const imports: Migration = {
  version: 5,
  sql: `
CREATE TABLE imports (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  dry_run INTEGER NOT NULL,
  line INTEGER NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  links INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

-- links whose other end had not come when their line was read
CREATE TABLE import_links (
  tenant TEXT NOT NULL,
  import TEXT NOT NULL,
  line INTEGER NOT NULL,
  place INTEGER NOT NULL,
  from_id TEXT NOT NULL,
  relation TEXT NOT NULL,
  to_id TEXT NOT NULL,
  strong INTEGER NOT NULL,
  PRIMARY KEY (tenant, import, line, place)
) STRICT, WITHOUT ROWID;

-- of dry runs: the ids of their lines
CREATE TABLE import_ids (
  tenant TEXT NOT NULL,
  import TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (tenant, import, id)
) STRICT, WITHOUT ROWID;
`,
}
