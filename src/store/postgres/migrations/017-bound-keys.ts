import type { Migration } from './migration.js'

/** The keys of a resource end with it. An older program beside us ends none. */
export const boundKeys: Migration = {
  version: 17,
  oldest: 1,
  sql: `
CREATE INDEX keys_by_resource ON keys (tenant, left(resource, 200)) WHERE resource IS NOT NULL AND revoked_at IS NULL;
`,
}
