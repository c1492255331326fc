import type { Migration } from './migration.js'

/** The keys of a resource end with it. */
export const boundKeys: Migration = {
  version: 12,
  sql: `
CREATE INDEX keys_by_resource ON keys (tenant, resource) WHERE resource IS NOT NULL AND revoked_at IS NULL;
`,
}
