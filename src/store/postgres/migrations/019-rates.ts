import type { Migration } from './migration.js'

/** At which rate the turns of a lane were taken, so that they are measured anew by another. An older program beside us leaves it as it is. */
export const rates: Migration = {
  version: 19,
  oldest: 1,
  sql: `
ALTER TABLE rates ADD COLUMN every double precision;
`,
}
