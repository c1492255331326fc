import type { Migration } from './migration.js'

/** How far imports are, and what waits for their end. `key` stands for an id, as in `resources`. */
export const imports: Migration = {
  version: 4,
  oldest: 1,
  sql: `
CREATE TABLE imports (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  dry_run smallint NOT NULL,
  line bigint NOT NULL,
  created bigint NOT NULL,
  changed bigint NOT NULL,
  unchanged bigint NOT NULL,
  links bigint NOT NULL,
  refused bigint NOT NULL,
  started_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant, id)
) WITH (fillfactor = 50);

CREATE TABLE import_links (
  tenant text COLLATE "C" NOT NULL,
  import text COLLATE "C" NOT NULL,
  line bigint NOT NULL,
  place bigint NOT NULL,
  from_id text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  to_id text COLLATE "C" NOT NULL,
  strong smallint NOT NULL,
  PRIMARY KEY (tenant, import, line, place)
);

CREATE TABLE import_ids (
  tenant text COLLATE "C" NOT NULL,
  import text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, import, key)
);
`,
}
