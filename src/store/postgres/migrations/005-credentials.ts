import type { Migration } from './migration.js'

/** Keys that are a consumer of OAuth 1 or a certificate, and what signed calls have spent. */
export const credentials: Migration = {
  version: 5,
  oldest: 1,
  sql: `
ALTER TABLE keys ADD COLUMN kind text COLLATE "C" NOT NULL DEFAULT 'bearer';
ALTER TABLE keys ADD COLUMN sealed text COLLATE "C";

CREATE TABLE nonces (
  timestamp bigint NOT NULL,
  consumer text COLLATE "C" NOT NULL,
  nonce text COLLATE "C" NOT NULL,
  PRIMARY KEY (timestamp, consumer, nonce)
);
`,
}
