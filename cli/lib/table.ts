/**
 * Answers for people: aligned tables and lists of fields. They are built from JSON, so a field that is missing is a dash.
 */
import { cut, safe, width } from './text.js'

/** A title and where the value is: a dotted path, or a function of the item. */
export type Column = readonly [title: string, value: string | ((item: unknown) => unknown)]

/** The value at a dotted path; undefined where the path ends early. */
export const at = (value: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>((inner, name) => (isRecord(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined), value)

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** A value in a cell: text without control characters, a dash for nothing. */
export function cell(value: unknown): string {
  if (value === undefined || value === null || value === '') return '-'
  if (typeof value === 'string') return safe(value)
  if (Array.isArray(value) && value.every((item) => typeof item !== 'object')) return value.map(cell).join(', ') || '-'
  return safe(JSON.stringify(value))
}

/** What stands in the item's cell of that column. */
export const shownIn = (item: unknown, [, value]: Column): string =>
  cell(typeof value === 'string' ? at(item, value) : value(item))

/** Rows under their titles, no wider than `columns`: the last column is cut. */
export function table(
  items: readonly unknown[],
  wanted: readonly Column[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const rows = [
    wanted.map(([title]) => title.toUpperCase()),
    ...items.map((item) => wanted.map((column) => shownIn(item, column))),
  ]
  const widths = wanted.map((_, index) => Math.max(...rows.map((row) => width(row[index] ?? ''))))
  return rows.map((row) => cut(aligned(row, widths), columns)).join('\n')
}

const aligned = (row: readonly string[], widths: readonly number[]): string =>
  row
    .map((text, index) => padded(text, index === row.length - 1 ? 0 : (widths[index] ?? 0)))
    .join('  ')
    .trimEnd()

const padded = (text: string, to: number): string => text + ' '.repeat(Math.max(0, to - width(text)))

/** One thing, a field a line: `state     active`. Fields that hold nothing are left out. */
export function fields(item: unknown, wanted: readonly Column[]): string {
  const present = wanted.map((column) => [column[0], shownIn(item, column)] as const).filter(([, text]) => text !== '-')
  const widest = Math.max(0, ...present.map(([title]) => width(title)))
  return present.map(([title, text]) => `${padded(title, widest)}  ${text}`).join('\n')
}

/** Every field of a JSON object at the top, in its own order. */
export const allFields = (item: unknown): string =>
  fields(
    item,
    isRecord(item)
      ? Object.keys(item).map((name) => [name, (whole: unknown) => (isRecord(whole) ? whole[name] : null)])
      : [],
  )
