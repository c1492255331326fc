/**
 * `capture`: how soon a row's change is an event, what that costs the source, and how much is caught up with.
 */
import type { Contest, Line } from '../contest.js'
import { catchUp } from './catch-up.js'
import { lag } from './lag.js'
import { overhead } from './overhead.js'
import { type Method, openSource, withRegistry } from './source.js'

export interface Size {
  /** Of the catching up. */
  readonly changes: number
  readonly seconds: number
  /** Of the overhead: single ones, and a tenth as many of a hundred rows. */
  readonly statements: number
}

const METHODS = { logical: 'logical decoding', triggers: 'triggers' } as const

export async function openCapture(size: Size): Promise<{ contests: readonly Contest[]; close(): Promise<void> }> {
  const server = await openSource()
  const contests = (['logical', 'triggers'] as const).flatMap((method): readonly Contest[] => [
    {
      lines: lagLines(method),
      ours: () => withRegistry(server, (registry) => lag(registry, method, size.seconds)),
      runs: 3,
    },
    {
      lines: overheadLines(method),
      ours: () => withRegistry(server, (registry) => overhead(registry, method, size.statements)),
    },
    {
      lines: catchUpLines(method, size.changes),
      ours: () => withRegistry(server, (registry) => catchUp(registry, method, size.changes)),
      // A million takes minutes.
      ...{ warm: false, runs: 1 },
    },
  ])
  return { contests, close: server.close }
}

const lagLines = (method: Method): readonly Line[] => {
  const of = `${METHODS[method]}: from a change to its event`
  return [
    { work: `${of} at 2,000/s, p50`, unit: 'ms', figure: 'p50' },
    { work: `${of} at 2,000/s, p99`, unit: 'ms', figure: 'p99', atMost: 1_000 },
    { work: `${of}, changes written`, unit: '/s', figure: 'rate' },
  ]
}

const overheadLines = (method: Method): readonly Line[] => {
  const of = `${METHODS[method]}: time of a writer, to that without`
  return [
    { work: `${of}: an insert`, unit: '', figure: 'insert' },
    { work: `${of}: an update`, unit: '', figure: 'update' },
    { work: `${of}: an insert of 100 rows`, unit: '', figure: 'insertMany' },
    { work: `${of}: an update of 100 rows`, unit: '', figure: 'updateMany' },
  ]
}

const catchUpLines = (method: Method, changes: number): readonly Line[] => {
  const of = `${METHODS[method]}: ${changes} changes`
  return [
    { work: `${of}, written and told`, unit: '/s', figure: 'rate' },
    { work: `${of}, written`, unit: '/s', figure: 'written' },
    { work: `${of}, our processor time of one`, unit: 'us', figure: 'cpu' },
    { work: `${of}, most resident memory`, unit: 'MB', figure: 'resident' },
  ]
}
