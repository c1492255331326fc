/**
 * Columns of many rows as PostgreSQL's binary arrays: a statement has one parameter a column however many rows there are,
 * so it is prepared once, and nothing is escaped or parsed (src/backend/utils/adt/arrayfuncs.c, `array_recv`).
 */
import type { SqlValue } from '../sql/row.js'

export type Kind = 'text' | 'int8' | 'float8'

const OIDS: Readonly<Record<Kind, number>> = { text: 25, int8: 20, float8: 701 }
/** Dimensions, whether there are nulls, type, length, lower bound. */
const HEADER = 20
const NULL = -1

/** Walked by index, as an iterator leaves an object behind for each value. */
export function arrayOf(kind: Kind, values: readonly SqlValue[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER + sizeOf(kind, values))
  buffer.writeInt32BE(1, 0)
  buffer.writeInt32BE(1, 4)
  buffer.writeInt32BE(OIDS[kind], 8)
  buffer.writeInt32BE(values.length, 12)
  buffer.writeInt32BE(1, 16)
  let at = HEADER
  for (let index = 0; index < values.length; index++) at = writeElement(buffer, at, kind, values[index] ?? null)
  return buffer
}

function sizeOf(kind: Kind, values: readonly SqlValue[]): number {
  let size = 4 * values.length
  for (let index = 0; index < values.length; index++) size += widthOf(kind, values[index] ?? null)
  return size
}

function widthOf(kind: Kind, value: SqlValue): number {
  if (value === null) return 0
  return kind === 'text' ? Buffer.byteLength(String(value)) : 8
}

function writeElement(buffer: Buffer, at: number, kind: Kind, value: SqlValue): number {
  const start = at + 4
  if (value === null) return buffer.writeInt32BE(NULL, at)
  if (kind === 'float8') buffer.writeDoubleBE(Number(value), start)
  else if (kind === 'int8') writeInteger(buffer, start, Number(value))
  else return writeText(buffer, at, String(value))
  buffer.writeInt32BE(8, at)
  return start + 8
}

function writeText(buffer: Buffer, at: number, text: string): number {
  const written = buffer.write(text, at + 4)
  buffer.writeInt32BE(written, at)
  return at + 4 + written
}

const HIGH = 4_294_967_296

/** Half of what a BigInt costs. */
function writeInteger(buffer: Buffer, at: number, value: number): void {
  const high = Math.floor(value / HIGH)
  buffer.writeInt32BE(high, at)
  buffer.writeUInt32BE(value - high * HIGH, at + 4)
}

/** Rows turned into one array a column. */
export const arraysOf = (kinds: readonly Kind[], rows: readonly (readonly SqlValue[])[]): readonly Buffer[] =>
  kinds.map((kind, index) =>
    arrayOf(
      kind,
      rows.map((row) => row[index] ?? null),
    ),
  )

/**
 * The rows of such arrays as the table `v`. In a list `unnest` walks the arrays side by side; in `FROM` it would copy each
 * into a store of its own first, of 16 KiB at least (src/backend/executor/nodeProjectSet.c, execSRF.c).
 */
export const rowsOf = (columns: Readonly<Record<string, Kind>>): string =>
  `(SELECT ${Object.entries(columns)
    .map(([name, kind]) => `unnest(?::${kind}[]) AS ${name}`)
    .join(', ')}) AS v`
