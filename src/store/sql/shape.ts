/**
 * How a row of the port lies in a table: which column holds which field. Statements return arrays, read by position,
 * which costs half of what objects by name do.
 */
import type { Priority } from '../../event/envelope.js'
import { childOf } from '../child-of.js'
import { PRIORITIES, RANKS } from '../task-rules.js'
import type { SqlRow, SqlValue } from './row.js'

type Kind = 'plain' | 'boolean' | 'priority'
/** A column, or a column whose value is kept in another form. */
type Column = string | readonly [string, Exclude<Kind, 'plain'>]

export interface Shape<Row> {
  readonly names: readonly string[]
  /** The columns, separated by commas, as for `SELECT`. */
  readonly columns: string
  /** The same with the table's alias before each. */
  readonly of: (alias: string) => string
  readonly width: number
  readonly read: Read<Row>
  /** What `read` reads: all columns, in order. */
  pack(row: Partial<Row>): SqlValue[]
  /** What `INSERT` or `REPLACE` binds: all columns that are not null, then the extra ones. */
  values(row: Row, extra: readonly SqlValue[]): SqlValue[]
  /** The statement for it, with these columns only: to bind a value costs more than to write it. */
  statement(row: Row): string
}

interface ShapeOptions {
  /** Columns that no field of the row stands for. */
  readonly extra?: readonly string[]
  /** A row with the same key is replaced. */
  readonly replaces?: boolean
}

/** Reads the columns that begin at `offset`. */
export type Read<Row> = (values: SqlRow, offset?: number) => Row

export function shape<Row extends object>(
  table: string,
  fields: Readonly<Record<keyof Row & string, Column>>,
  { extra = [], replaces = false, read }: ShapeOptions & { read?: Read<Row> } = {},
): Shape<Row> {
  const columns = Object.entries<Column>(fields).map(([field, column]) => {
    const [name, kind]: readonly [string, Kind] = typeof column === 'string' ? [column, 'plain'] : column
    return { field: field as keyof Row & string, name, kind }
  })
  const names = columns.map(({ name }) => name)
  const statements = new Map<number, string>()
  return {
    names,
    columns: names.join(', '),
    of: (alias) => names.map((name) => `${alias}.${name}`).join(', '),
    width: names.length,
    read: read ?? readBy(columns),
    pack(row) {
      const values: SqlValue[] = []
      for (const { field, kind } of columns) values.push(inward(kind, row[field] ?? null))
      return values
    },
    values(row, more) {
      const values: SqlValue[] = []
      for (const { field, kind } of columns) {
        const value = row[field]
        if (value !== null) values.push(inward(kind, value))
      }
      values.push(...more)
      return values
    },
    statement(row) {
      let present = 0
      for (let index = 0; index < columns.length; index++) {
        const column = columns[index]
        if (column !== undefined && row[column.field] !== null) present |= 1 << index
      }
      return childOf(statements, present, () => {
        const filled = [...names.filter((_, index) => (present & (1 << index)) !== 0), ...extra]
        const marks = filled.map(() => '?').join(', ')
        return `${replaces ? 'REPLACE' : 'INSERT'} INTO ${table} (${filled.join(', ')}) VALUES (${marks})`
      })
    },
  }
}

const readBy =
  <Row extends object>(columns: readonly { field: keyof Row; kind: Kind }[]): Read<Row> =>
  (values, offset = 0) => {
    const row: Partial<Record<keyof Row, unknown>> = {}
    for (const [index, { field, kind }] of columns.entries()) row[field] = outward(kind, values[offset + index] ?? null)
    return row as Row
  }

function outward(kind: Kind, value: SqlValue): unknown {
  if (kind === 'plain' || value === null) return value
  return kind === 'boolean' ? value === 1 : PRIORITIES[Number(value)]
}

function inward(kind: Kind, value: unknown): SqlValue {
  if (kind === 'plain' || value === null) return value as SqlValue
  return kind === 'boolean' ? Number(value) : RANKS[value as Priority]
}
