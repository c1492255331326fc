import type { Migration } from './migration.js'

/** Messages to one subscription are as many as events: what is rare is found without them. */
export const addressed: Migration = {
  version: 11,
  oldest: 1,
  sql: `
DROP INDEX events_not_admitted;
CREATE INDEX events_rare ON events (left(tenant, 200), sequence) WHERE state NOT IN ('admitted', 'addressed');
`,
}
