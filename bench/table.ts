/**
 * The rows for people.
 */
import type { Row } from './contest.js'

export function printTable(rows: readonly Row[]): void {
  const lines = rows.flatMap(linesOf)
  const widths = HEAD.map((_, column) => Math.max(...[HEAD, ...lines].map((line) => (line[column] ?? '').length)))
  for (const line of [HEAD, widths.map((width) => '-'.repeat(width)), ...lines]) {
    console.log(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
  }
}

const HEAD = ['work', 'unit', 'ours', 'range', 'against', 'its value', 'ratio', 'wanted', '']

/** A line for each peer; one if there is none. */
function linesOf(row: Row): readonly (readonly string[])[] {
  const own = [row.work, row.unit, shown(row.ours), `${shown(row.min)} - ${shown(row.max)}`]
  const peers = Object.entries(row.against)
  if (peers.length === 0) {
    const limit = row.atMost
    return [
      [
        ...own,
        '',
        '',
        '',
        limit === undefined ? '' : `<= ${shown(limit)}`,
        limit === undefined ? '' : mark(row.ours <= limit),
      ],
    ]
  }
  return peers.map(([name, value], index) => {
    const ratio = row.ratio[name] ?? Number.NaN
    const wanted = row.goal === undefined ? ['', ''] : [`>= ${row.goal}`, mark(ratio >= row.goal)]
    return [...(index === 0 ? own : ['', '', '', '']), name, shown(value), ratio.toFixed(2), ...wanted]
  })
}

const mark = (reached: boolean): string => (reached ? 'ok' : 'short')

const shown = (value: number): string => value.toLocaleString('en-GB', { maximumFractionDigits: value >= 100 ? 0 : 3 })
