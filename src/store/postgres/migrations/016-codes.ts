import type { Migration } from './migration.js'

/**
 * A code that is a number is found by its text; until now it was not kept in the column. An older program beside us leaves it
 * out of what it writes. JSON, not JSONB: the number stays as it was written. Behind a `\\u` may be a NUL or half a character,
 * at which PostgreSQL fails: such a resource is found once it is written again.
 */
export const codes: Migration = {
  version: 16,
  oldest: 1,
  sql: `
UPDATE resources SET code = properties::json ->> 'code'
  WHERE code IS NULL AND CASE WHEN properties ~ '"code":[-0-9]' AND strpos(properties, '\\u') = 0
    THEN json_typeof(properties::json -> 'code') = 'number' ELSE false END;
`,
}
