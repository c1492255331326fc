import type { Migration } from './migration.js'

/** Who works on the database, whom nobody should try to reach just now, and who may be tried when. */
export const nodes: Migration = {
  version: 2,
  oldest: 1,
  sql: `
CREATE TABLE nodes (
  id text COLLATE "C" PRIMARY KEY,
  version text COLLATE "C" NOT NULL,
  host text COLLATE "C" NOT NULL,
  pid bigint NOT NULL,
  started_at bigint NOT NULL,
  beat_at bigint NOT NULL,
  running bigint NOT NULL,
  state text COLLATE "C" NOT NULL,
  processors text COLLATE "C" NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE breakers (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  failures bigint NOT NULL,
  open_until bigint NOT NULL,
  PRIMARY KEY (tenant, subscription)
) WITH (fillfactor = 50);

CREATE TABLE rates (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  next_at double precision NOT NULL,
  PRIMARY KEY (tenant, subscription)
) WITH (fillfactor = 50);
`,
}
