import type { Migration } from './migration.js'

/** Keys that are a consumer of OAuth 1 or a certificate, and what signed calls have spent. */
export const credentials: Migration = {
  version: 6,
  sql: `
ALTER TABLE keys ADD COLUMN kind TEXT NOT NULL DEFAULT 'bearer';
ALTER TABLE keys ADD COLUMN sealed TEXT;

CREATE TABLE nonces (
  timestamp INTEGER NOT NULL,
  consumer TEXT NOT NULL,
  nonce TEXT NOT NULL,
  PRIMARY KEY (timestamp, consumer, nonce)
) STRICT, WITHOUT ROWID;
`,
}
