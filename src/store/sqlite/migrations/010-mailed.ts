import type { Migration } from './migration.js'

/** Who was mailed of which event, by digests; `until`: somebody is at it so long, null: it was mailed. */
export const mailed: Migration = {
  version: 10,
  sql: `
CREATE TABLE mailed (
  tenant TEXT NOT NULL,
  event TEXT NOT NULL,
  person TEXT NOT NULL,
  message TEXT NOT NULL,
  until INTEGER,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, event, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX mailed_by_age ON mailed (at);
`,
}
