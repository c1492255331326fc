import type { Migration } from './migration.js'

/** Whether two resources are linked is found at once, however many links one of them has. */
export const links: Migration = {
  version: 7,
  oldest: 1,
  sql: `
DROP INDEX links_by_start;
CREATE INDEX links_by_start ON links ((tenant || ''), left(from_id, 200), left(to_id, 200));
`,
}
