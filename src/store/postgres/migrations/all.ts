import { begin } from './001-begin.js'
import { nodes } from './002-nodes.js'
import { inbox } from './003-inbox.js'
import { imports } from './004-imports.js'
import { credentials } from './005-credentials.js'
import { partitions } from './006-partitions.js'
import { links } from './007-links.js'
import { attemptLog } from './008-attempt-log.js'
import { slices } from './009-slices.js'
import { addressed } from './011-addressed.js'
import { mailed } from './012-mailed.js'
import { capturedRows } from './013-captured-rows.js'
import { runs } from './014-runs.js'
import { publishing } from './015-publishing.js'
import { codes } from './016-codes.js'
import { boundKeys } from './017-bound-keys.js'
import { quotas } from './018-quotas.js'
import { rates } from './019-rates.js'
import type { Migration } from './migration.js'

/** In order; the last one's version is the schema's. */
export const MIGRATIONS: readonly Migration[] = [
  begin,
  nodes,
  inbox,
  imports,
  credentials,
  partitions,
  links,
  attemptLog,
  slices,
  addressed,
  mailed,
  capturedRows,
  runs,
  publishing,
  codes,
  boundKeys,
  quotas,
  rates,
]
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0
