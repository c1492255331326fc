/**
 * Rows written many at a time: a statement for each table, with one array a column.
 */
import type { SqlValue } from '../sql/row.js'
import {
  ATTEMPT,
  AUDIT,
  AWAITED,
  EVENT,
  IMPORT,
  KEY,
  LINK,
  RESOURCE,
  RESULT,
  SETTING,
  SLICE,
  SUBSCRIPTION,
  TASK,
  TENANT,
} from '../sql/shapes.js'
import { arraysOf, type Kind, rowsOf } from './arrays.js'
import { type Statement, statement } from './statement.js'

const NUMERIC: ReadonlySet<string> = new Set([
  ...['sequence', 'operation', 'received_at', 'execute_at', 'expires_at', 'wake_at', 'attempts', 'failures', 'token'],
  ...['leased_until', 'created_at', 'ended_at', 'started_at', 'updated_at', 'revoked_at', 'disabled_at', 'removed_at'],
  'replayed_at',
  ...['number', 'rank', 'run', 'head', 'version', 'count', 'slot', 'revision', 'start_sequence', 'cursor', 'at'],
  ...['from_sequence', 'until_sequence', 'removed_sequence', 'strong', 'pulled', 'open_types', 'enabled'],
  ...['dry_run', 'line', 'place', 'created', 'changed', 'unchanged', 'links', 'refused'],
  ...['weight', 'events_per_second', 'unfinished_tasks'],
])
const REAL: ReadonlySet<string> = new Set(['processed_order', 'position'])
/** Text in one table and a number in the other. */
const NUMERIC_IN_TASKS = 'priority'

const kindOf = (table: string, column: string): Kind => {
  if (REAL.has(column)) return 'float8'
  return NUMERIC.has(column) || (table === 'tasks' && column === NUMERIC_IN_TASKS) ? 'int8' : 'text'
}

/** Rows as they are written: the values of the columns, in order. */
export type Tuple = readonly SqlValue[]

export interface Bulk {
  readonly statement: Statement
  values(rows: readonly Tuple[]): readonly Buffer[]
}

function bulk(table: string, columns: readonly string[], sql: (rows: string) => string): Bulk {
  const kinds = columns.map((column) => kindOf(table, column))
  const named = Object.fromEntries(columns.map((column) => [column, kindOf(table, column)]))
  return {
    statement: statement(sql(rowsOf(named))),
    values: (rows) => arraysOf(kinds, rows),
  }
}

const inserting = (table: string, columns: readonly string[], conflict = ''): Bulk =>
  bulk(table, columns, (rows) => `INSERT INTO ${table} (${columns.join(', ')}) SELECT * FROM ${rows} ${conflict}`)

/** A row with the same key is replaced. */
const replacing = (table: string, columns: readonly string[], key: readonly string[]): Bulk => {
  const changes = columns.filter((column) => !key.includes(column)).map((column) => `${column} = excluded.${column}`)
  return inserting(table, columns, `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes.join(', ')}`)
}

const updating = (table: string, key: readonly string[], changed: readonly string[], condition = ''): Bulk =>
  bulk(
    table,
    [...key, ...changed],
    (rows) => `UPDATE ${table} AS t SET ${changed.map((column) => `${column} = v.${column}`).join(', ')} FROM ${rows}
      WHERE ${key.map((column) => `t.${column} = v.${column}`).join(' AND ')} ${condition}`,
  )

const deleting = (table: string, key: readonly string[]): Bulk =>
  bulk(
    table,
    key,
    (rows) =>
      `DELETE FROM ${table} AS t USING ${rows} WHERE ${key.map((column) => `t.${column} = v.${column}`).join(' AND ')}`,
  )

const TASK_KEY = ['tenant', 'sequence', 'subscription'] as const
const GROUP_KEY = ['tenant', 'subscription', 'key'] as const
/** What can change of a task. */
const TASK_CHANGES = [
  ...['state', 'wake_at', 'attempts', 'failures', 'token', 'leased_by', 'leased_until', 'ended_at', 'code', 'message'],
  ...['blocked_by', 'priority', 'rank', 'replayed_at'],
]

export const EVENTS = inserting('events', EVENT.names)
export const KEYS = inserting('event_keys', ['tenant', 'id', 'source', 'sequence'])
export const SLICES = inserting('slices', [...SLICE.names, 'key'])
export const RESULTS = replacing('results', RESULT.names, ['tenant', 'sequence', 'processor', 'number'])
/** What the processor answered before goes; what has the same number is replaced. */
export const REPLACED_RESULTS = bulk(
  'results',
  ['tenant', 'sequence', 'processor', 'number'],
  (rows) => `DELETE FROM results AS t USING ${rows} WHERE t.tenant = v.tenant AND t.sequence = v.sequence
    AND t.processor = v.processor AND t.number <> v.number`,
)
export const ENDED_RESULTS = bulk(
  'results',
  ['tenant', 'sequence', 'kind', 'code', 'message', 'ended_at'],
  (rows) => `UPDATE results AS t SET state = 'cancelled', code = v.code, message = v.message, ended_at = v.ended_at
    FROM ${rows} WHERE t.tenant = v.tenant AND t.sequence = v.sequence AND t.kind = v.kind AND t.state = 'running'`,
)
export const NEW_TASKS = inserting('tasks', [...TASK.names, 'rank', 'received_at'])
/** Those that have not ended are in one partition, and are not looked for in the others. */
export const CHANGED_TASKS = updating('tasks', TASK_KEY, TASK_CHANGES, 'AND t.ended_at IS NULL')
export const REOPENED_TASKS = updating('tasks', TASK_KEY, TASK_CHANGES)
export const RANKED_TASKS = updating('tasks', TASK_KEY, ['rank'], 'AND t.ended_at IS NULL')
export const GONE_TASKS = deleting('tasks', TASK_KEY)
export const GROUPS = replacing('groups', [...GROUP_KEY, 'head', 'rank', 'run'], GROUP_KEY)
export const GONE_GROUPS = deleting('groups', GROUP_KEY)
export const ATTEMPTS = inserting('attempt_history', ATTEMPT.names)
export const GONE_ATTEMPTS = [deleting('attempts', TASK_KEY), deleting('attempt_history', TASK_KEY)]
export const HEADS = replacing('tenant_heads', ['tenant', 'head', 'version'], ['tenant'])
export const COUNTS = inserting(
  'task_counts',
  ['tenant', 'subscription', 'state', 'slot', 'count'],
  'ON CONFLICT (tenant, subscription, state, slot) DO UPDATE SET count = task_counts.count + excluded.count',
)

export const SUBSCRIPTIONS = replacing('subscriptions', [...SUBSCRIPTION.names, 'pulled'], ['tenant', 'id'])
export const RESOURCES = replacing(
  'resources',
  [...RESOURCE.names, 'removed_sequence', 'key', 'code'],
  ['tenant', 'key'],
)
export const LINKS = inserting('links', [...LINK.names, 'key'])
export const OWNERS = inserting('owners', ['tenant', 'resource', 'from_sequence', 'owner'])
export const IMPORTS = replacing('imports', IMPORT.names, ['tenant', 'id'])
const CAPTURED_KEY = ['capture', 'source_table', 'id'] as const
export const CAPTURED_ROWS = replacing('captured_rows', [...CAPTURED_KEY, 'state'], CAPTURED_KEY)
export const GONE_CAPTURED_ROWS = deleting('captured_rows', CAPTURED_KEY)
export const IMPORT_LINKS = inserting('import_links', AWAITED.names)
export const GONE_IMPORT_LINKS = deleting('import_links', ['tenant', 'import', 'line', 'place'])
export const IMPORT_IDS = inserting('import_ids', ['tenant', 'import', 'key'], 'ON CONFLICT DO NOTHING')
export const TENANTS = replacing('tenants', TENANT.names, ['id'])
export const ACCESS_KEYS = replacing('keys', KEY.names, ['id'])
export const SETTINGS_OF_PROCESSORS = replacing('processor_settings', SETTING.names, ['name'])
export const AUDIT_ROWS = inserting('audit', AUDIT.names)
