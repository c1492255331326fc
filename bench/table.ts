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
        .map((cell, column) =>
          NAMES.has(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
  }
}

/** Columns of names; the others hold numbers. */
const NAMES = new Set([0, 4])

const HEAD = ['work', 'unit', 'ours', 'range', 'against', 'its value', 'ratio', 'wanted', '']

/** Ours with what is wanted of it, then a line for each peer; in one line if nothing is wanted of ours alone. */
function linesOf(row: Row): readonly (readonly string[])[] {
  const own = [row.work, row.unit, shown(row.ours), `${shown(row.min)} - ${shown(row.max)}`]
  const peers = [
    ...Object.entries(row.against).map(([name, value]) => [name, shown(value), ...comparison(row, name)]),
    ...Object.entries(row.absent ?? {}).map(([name, reason]) => [name, `absent: ${reason}`]),
  ]
  const wanted = limitOf(row)
  if (wanted || peers.length === 0) {
    return [[...own, '', '', '', ...(wanted ?? [])], ...peers.map((peer) => [...NOTHING, ...peer])]
  }
  return peers.map((peer, index) => [...(index === 0 ? own : NOTHING), ...peer])
}

const NOTHING = ['', '', '', '']

function limitOf({ ours, atLeast, atMost }: Row): readonly string[] | null {
  if (atLeast !== undefined) return [`>= ${shown(atLeast)}`, mark(ours >= atLeast)]
  if (atMost !== undefined) return [`<= ${shown(atMost)}`, mark(ours <= atMost)]
  return null
}

function comparison({ ratio, goal, less, limits }: Row, peer: string): readonly string[] {
  const value = ratio[peer] ?? Number.NaN
  if (goal === undefined || limits?.includes(peer)) return [value.toFixed(2)]
  return [value.toFixed(2), `${less ? '<=' : '>='} ${goal}`, mark(less ? value <= goal : value >= goal)]
}

const mark = (reached: boolean): string => (reached ? 'ok' : 'short')

/** A row without its server has no values. */
const shown = (value: number): string =>
  Number.isNaN(value) ? '-' : value.toLocaleString('en-GB', { maximumFractionDigits: value >= 100 ? 0 : 3 })
