/** The table, what its words mean, and the verdict. */
import type { Reckoning, Row } from '../reckoning.js'
import { SYSTEMS } from '../story.js'
import { count, many, type Screen, span } from './paint.js'

const TITLES = ['published', 'delivered', 'filtered', 'not visible', 'order', 'p50', 'p99'] as const
const WIDTHS = [9, 9, 8, 11, 6, 7, 7] as const

/** @param reports types of events in which Tocsin told of itself. */
export function figures(screen: Screen, reckoning: Reckoning, reports: readonly string[]): void {
  const { say, paint } = screen
  const rows = SYSTEMS.map((system) => [system, reckoning.perSystem[system]] as const)
  say(paint.strong(line('system', TITLES)))
  for (const [system, row] of rows) say(line(system, cells(row)))
  const sum = (name: 'published' | 'delivered' | 'filtered' | 'notVisible') =>
    count(rows.reduce((total, [, row]) => total + row[name], 0))
  say(paint.strong(line('all', [sum('published'), sum('delivered'), sum('filtered'), sum('notVisible')])))
  say()
  for (const text of LEGEND) say(paint.faint(`  ${text}`))
  say()
  verdict(screen, reckoning, reports)
}

const line = (name: string, values: readonly string[]): string =>
  `  ${name.padEnd(12)}${values.map((value, index) => value.padStart(WIDTHS[index] ?? 0)).join('  ')}`

const cells = (row: Row): readonly string[] => [
  count(row.published),
  count(row.delivered),
  count(row.filtered),
  count(row.notVisible),
  row.orderKept ? 'kept' : 'BROKEN',
  span(row.p50),
  span(row.p99),
]

const LEGEND = [
  'Each event meets three subscribers: published × 3 = delivered + filtered + not visible.',
  'filtered: they did not ask for it.   not visible: they may not see what it is about.',
  'order: everything about one thing arrived in the order in which it was published.',
  'p50, p99: half, and 99 of 100, arrived within this time, from the publisher’s call to the receiver.',
  'Events that door control wants waited while it was down: see the p99 of activid-cms and fim-cm.',
]

function verdict({ say, paint }: Screen, reckoning: Reckoning, reports: readonly string[]): void {
  const { events, deliveries, retries, elapsedMs } = reckoning
  const sum = `${many(events, 'event')}, ${many(deliveries, 'delivery', 'deliveries')}, ${span(elapsedMs)}`
  const faults = faultsIn(reckoning)
  if (faults.length > 0) say(paint.bad(`✗ ${sum}: ${faults.join(', ')}.`))
  else say(paint.good(`✓ ${sum}: nothing lost, nothing twice, nothing out of order, nothing told to the wrong one.`))
  for (const text of PROOF) say(`  ${text}`)
  say(
    `  Door control was down for a while and answered 503, so it was tried again: ${many(retries, 'retry', 'retries')}.`,
  )
  if (reports.length > 0) say(`  Tocsin reported that itself, to who sees the whole tenant: ${reports.join(', ')}.`)
  say()
}

const PROOF = [
  'Two ledgers were compared: what the publisher was told is accepted, and what the receiver wrote down.',
  'Who should hear of what was worked out by this program; Tocsin was not asked.',
]

function faultsIn({ lost, duplicates, outOfOrder, unexpected }: Reckoning): readonly string[] {
  const faults = [
    [lost, 'lost'],
    [duplicates, 'delivered twice'],
    [outOfOrder, 'out of order'],
    [unexpected, 'told to somebody who should not hear of it'],
  ] as const
  return faults.filter(([number]) => number !== 0).map(([number, what]) => `${count(number)} ${what}`)
}
