import { begin } from './001-begin.js'
import { nodes } from './002-nodes.js'
import type { Migration } from './migration.js'

/** In order; the last one's version is the schema's. */
export const MIGRATIONS: readonly Migration[] = [begin, nodes]
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0
