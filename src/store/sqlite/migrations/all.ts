import { begin } from './001-begin.js'
import { processing } from './002-processing.js'
import { inbox } from './003-inbox.js'
import { memory } from './004-memory.js'
import { imports } from './005-imports.js'
import { credentials } from './006-credentials.js'
import { attemptLog } from './007-attempt-log.js'
import { slices } from './008-slices.js'
import { addressed } from './009-addressed.js'
import { mailed } from './010-mailed.js'
import { capturedRows } from './011-captured-rows.js'
import { boundKeys } from './012-bound-keys.js'
import { quotas } from './013-quotas.js'
import type { Migration } from './migration.js'

/** In order; the last one's version is the schema's. */
export const MIGRATIONS: readonly Migration[] = [
  begin,
  processing,
  inbox,
  memory,
  imports,
  credentials,
  attemptLog,
  slices,
  addressed,
  mailed,
  capturedRows,
  boundKeys,
  quotas,
]
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0
