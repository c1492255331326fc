/**
 * How a row of the port lies in a table: which column holds which field. Statements return arrays, read by position,
 * which costs half of what objects by name do.
 */

import type { Priority } from '../../event/envelope.js'
import { PRIORITIES, RANKS } from '../task-rules.js'
import type { SqlRow, SqlValue } from './driver.js'

type Kind = 'plain' | 'boolean' | 'priority'
/** A column, or a column whose value is kept in another form. */
type Column = string | readonly [string, Exclude<Kind, 'plain'>]

export interface Shape<Row> {
  /** The columns, separated by commas, as for `SELECT` and `INSERT`. */
  readonly columns: string
  /** The same with the table's alias before each. */
  readonly of: (alias: string) => string
  /** As many question marks. */
  readonly marks: string
  readonly width: number
  /** Reads the columns that begin at `offset`. */
  read(values: SqlRow, offset?: number): Row
  write(row: Row): SqlValue[]
}

export function shape<Row extends object>(fields: Readonly<Record<keyof Row & string, Column>>): Shape<Row> {
  const columns = Object.entries<Column>(fields).map(([field, column]) => {
    const [name, kind]: readonly [string, Kind] = typeof column === 'string' ? [column, 'plain'] : column
    return { field: field as keyof Row & string, name, kind }
  })
  const names = columns.map(({ name }) => name)
  return {
    columns: names.join(', '),
    of: (alias) => names.map((name) => `${alias}.${name}`).join(', '),
    marks: names.map(() => '?').join(', '),
    width: names.length,
    read(values, offset = 0) {
      const row: Partial<Record<keyof Row, unknown>> = {}
      for (let index = 0; index < columns.length; index++) {
        const column = columns[index]
        if (column !== undefined) row[column.field] = outward(column.kind, values[offset + index] ?? null)
      }
      return row as Row
    },
    write: (row) => columns.map(({ field, kind }) => inward(kind, row[field])),
  }
}

function outward(kind: Kind, value: SqlValue): unknown {
  if (kind === 'plain' || value === null) return value
  return kind === 'boolean' ? value === 1 : PRIORITIES[Number(value)]
}

function inward(kind: Kind, value: unknown): SqlValue {
  if (kind === 'plain' || value === null) return value as SqlValue
  return kind === 'boolean' ? Number(value) : RANKS[value as Priority]
}
