import type { Migration } from './migration.js'

/** Who was mailed of which event, by digests; `until`: somebody is at it so long, null: it was mailed. */
export const mailed: Migration = {
  version: 12,
  oldest: 1,
  sql: `
CREATE TABLE mailed (
  tenant text COLLATE "C" NOT NULL,
  event text COLLATE "C" NOT NULL,
  person text COLLATE "C" NOT NULL,
  message text COLLATE "C" NOT NULL,
  until bigint,
  at bigint NOT NULL,
  PRIMARY KEY (tenant, event, person)
);
CREATE INDEX mailed_by_age ON mailed (at);
`,
}
