import type { Migration } from './migration.js'

/**
 * How many of a group are leased as a run (0: only its head may be). An older program beside us leases no runs, but where
 * it settles one of ours, the group may go on before the run is over.
 */
export const runs: Migration = {
  version: 14,
  oldest: 1,
  sql: `
ALTER TABLE groups ADD COLUMN run bigint NOT NULL DEFAULT 0;
`,
}
