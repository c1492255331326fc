/**
 * Where an SQL target writes and what: a database, and a mapping to a table or a statement.
 */
import { SEGMENT } from '../file-path.js'
import { CERT, checkTls, KEY } from '../peer.js'
import { badTarget, type Target, targetReader } from '../target.js'
import type { TargetSchema } from '../transport.js'

export interface SqlTarget {
  readonly url?: string
  readonly password?: string
  readonly tls?: 'verify' | 'off'
  readonly ca?: string
  /** What we show, and its key: `key` is that of a table. */
  readonly cert?: string
  readonly certKey?: string
  readonly connections?: number
  readonly file?: string
  readonly table?: string
  readonly key?: Readonly<Record<string, string>>
  readonly columns?: Readonly<Record<string, string>>
  readonly statement?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly guardColumn?: string
  readonly guardTable?: string
  readonly guardKey?: string
  readonly guardName?: string
}

/** Of tables and columns. Quoted where they are used: this keeps out quotes, and the point that parts a schema from its table. */
const NAME = '[\\p{L}\\p{N}_$#][\\p{L}\\p{N}_$# -]{0,62}'
/** As they are written in a statement. */
const PARAMETER = '[A-Za-z_][A-Za-z0-9_]{0,62}'
const EXPRESSION = { type: 'string', minLength: 1, maxLength: 4096 } as const

const mapping = (title: string, description: string, least: number, name = NAME) => ({
  type: 'object',
  minProperties: least,
  maxProperties: 100,
  propertyNames: { pattern: `^${name}$` },
  additionalProperties: EXPRESSION,
  title,
  description,
})

export const SQL_TARGET: TargetSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    url: {
      type: 'string',
      minLength: 1,
      maxLength: 2048,
      title: 'Database',
      description: 'postgres:// or mariadb:// and USER@HOST:PORT/DATABASE, without the password. Or give a file.',
    },
    password: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      writeOnly: true,
      title: 'Password',
      description: 'Of the user in the URL. Never shown again.',
    },
    tls: {
      enum: ['verify', 'off'],
      default: 'verify',
      title: 'TLS',
      description:
        'verify (the default): encrypted, and the certificate is checked. off: only in networks the operator opened.',
    },
    ca: {
      type: 'string',
      minLength: 1,
      maxLength: 65_536,
      title: 'Certificates',
      description: "PEM: what the server's certificate must lead to, instead of what Node knows.",
    },
    cert: CERT,
    certKey: KEY,
    connections: {
      type: 'integer',
      minimum: 1,
      maximum: 20,
      default: 4,
      title: 'Connections',
      description: 'At most so many at once, of each node. Default: 4.',
    },
    file: {
      type: 'string',
      maxLength: 400,
      title: 'File',
      description:
        "An SQLite file below the tenant's own folder: letters, digits, `.`, `_`, `-` and `/`. It must be there.",
    },
    table: {
      type: 'string',
      pattern: `^${NAME}(\\.${NAME})?$`,
      title: 'Table',
      description: 'Exactly as the database has it, perhaps with its schema: idms.cards. Or give a statement.',
    },
    key: mapping(
      'Key',
      'With a table: the columns that find the row, a primary key or unique, each with a CEL expression: {"user_id": "data.userId"}.',
      1,
    ),
    columns: mapping(
      'Columns',
      'With a table: the other columns, each with a CEL expression over event, data and message.',
      0,
    ),
    statement: {
      type: 'string',
      minLength: 1,
      maxLength: 16_384,
      title: 'Statement',
      description: 'One statement with named parameters: UPDATE users SET card = :card WHERE id = :user',
    },
    parameters: mapping('Parameters', 'With a statement: its parameters, each with a CEL expression.', 0, PARAMETER),
    guardColumn: {
      type: 'string',
      pattern: `^${NAME}$`,
      title: 'Guard column',
      description:
        'With a table: the column that keeps the sequence of the event last written, so that a repeat or an older event changes nothing. Default: tocsin_sequence.',
    },
    guardTable: {
      type: 'string',
      pattern: `^${NAME}(\\.${NAME})?$`,
      title: 'Guard table',
      description:
        'A table (name, subject, sequence) that keeps it instead, for tables that may not be changed. Default with a statement: tocsin_guard.',
    },
    guardKey: {
      ...EXPRESSION,
      title: 'Guard key',
      description:
        'With a guard table: what must not go back to an older event, as a CEL expression. Default: the key; with a statement event.subject.',
    },
    guardName: {
      type: 'string',
      minLength: 1,
      maxLength: 100,
      title: 'Guard name',
      description:
        'With a guard table: those of one name share what they know. Default: one for each table or statement.',
    },
  },
}

const read = targetReader<SqlTarget>(SQL_TARGET)

/** @throws InvalidInput `invalid_request` with the field. */
export function readSqlTarget(given: Target): SqlTarget {
  const target = read(given)
  oneOf(target, 'url', 'file')
  oneOf(target, 'table', 'statement')
  if (target.file !== undefined) readFile(target.file)
  for (const [field, needed] of NEEDS) needs(target, field, needed)
  const { ca, cert, certKey: key, tls } = target
  checkTls({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }, tls !== 'off', 'tls verify', '.certKey')
  if (target.table !== undefined && target.key === undefined)
    throw badTarget('.key', 'A table needs its key.', 'the columns that find the row')
  if (target.guardColumn !== undefined && target.guardTable !== undefined)
    throw badTarget('.guardTable', 'There are two guards.', 'guardColumn or guardTable')
  // A row that keeps its own sequence is guarded by its key.
  if (target.table !== undefined) for (const field of OF_GUARD_TABLE) needs(target, field, 'guardTable')
  checkColumns(target)
  return target
}

type Field = keyof SqlTarget

/** Fields that mean something only together with another. */
const NEEDS: readonly (readonly [Field, Field])[] = [
  ['password', 'url'],
  ['tls', 'url'],
  ['ca', 'url'],
  ['cert', 'url'],
  ['certKey', 'url'],
  ['connections', 'url'],
  ['key', 'table'],
  ['columns', 'table'],
  ['guardColumn', 'table'],
  ['parameters', 'statement'],
]

const OF_GUARD_TABLE = ['guardKey', 'guardName'] as const

function needs(target: SqlTarget, field: Field, needed: Field): void {
  if (target[field] === undefined || target[needed] !== undefined) return
  throw badTarget(`.${field}`, `${field} means nothing without ${needed}.`, `no ${field}, or a ${needed}`)
}

function oneOf(target: SqlTarget, one: Field, other: Field): void {
  const given = [one, other].filter((field) => target[field] !== undefined)
  if (given.length === 1) return
  throw badTarget(`.${given[1] ?? one}`, `The target needs ${one} or ${other}.`, `${one} or ${other}, not both`)
}

function readFile(file: string): void {
  if (file.split('/').every((segment) => SEGMENT.test(segment))) return
  throw badTarget('.file', 'The file is not allowed.', 'a relative path such as idms/cards.db')
}

function checkColumns({ key = {}, columns = {}, guardColumn = GUARD_COLUMN, guardTable }: SqlTarget): void {
  const doubled = Object.keys(columns).find((column) => Object.hasOwn(key, column))
  if (doubled !== undefined)
    throw badTarget(`.columns.${doubled}`, 'The column is in the key already.', 'each column once')
  if (guardTable !== undefined) return
  const field = Object.hasOwn(key, guardColumn) ? 'key' : Object.hasOwn(columns, guardColumn) ? 'columns' : null
  if (field !== null) throw badTarget(`.${field}.${guardColumn}`, 'Tocsin writes this column itself.', 'another column')
}

export const GUARD_COLUMN = 'tocsin_sequence'
export const GUARD_TABLE = 'tocsin_guard'
