/**
 * Which tasks a command means: its options, as a query and as part of a body.
 */
import type { Command } from 'commander'
import { given, integer, names } from './arguments.js'
import { UsageError } from './failure.js'

export interface TaskFilter {
  readonly subscription?: string
  readonly event?: number
  readonly states?: readonly string[]
  readonly types?: readonly string[]
  readonly subject?: string
  readonly subjectType?: string
  readonly superOwner?: string
  readonly root?: string
  readonly parent?: string
  readonly transaction?: string
  readonly priorities?: readonly string[]
  readonly codes?: readonly string[]
  readonly from?: string
  readonly till?: string
  readonly wakeFrom?: string
  readonly wakeTill?: string
  readonly key?: string
  readonly text?: string
  readonly processing?: true
  readonly deliveries?: true
}

export const filtered = (command: Command): Command =>
  command
    .option('--subscription <id>', 'of this subscription; local.processors: asynchronous processors')
    .option('--event <sequence>', 'of the event with this sequence', integer(0, Number.MAX_SAFE_INTEGER))
    .option('--states <names>', 'due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled', names)
    .option('--types <names>', 'of these event types', names)
    .option('--subject <id>', 'about this resource; with --subject-type its code will do')
    .option('--subject-type <name>', 'about resources of this type, or of one that implements it')
    .option('--super-owner <id>', 'of this super owner')
    .option('--root <id>', 'that came of this event')
    .option('--parent <id>', 'that this event published')
    .option('--transaction <id>', 'of this transaction')
    .option('--priorities <names>', 'immediate, high, normal', names)
    .option('--codes <names>', 'that ended or failed with these codes', names)
    .option('--from <time>', 'created at or after, RFC 3339')
    .option('--till <time>', 'created before, RFC 3339')
    .option('--wake-from <time>', 'tried next at or after, RFC 3339')
    .option('--wake-till <time>', 'tried next before, RFC 3339')
    .option('--key <key>', 'of events with this partition key')
    .option('--text <text>', 'part of the event’s id, source, type or subject')
    .option('--processing', 'only of processors')
    .option('--deliveries', 'only of subscriptions')

/** As the bodies of the API take it; only what was given. @throws UsageError when two options contradict each other */
export function bodyOf({ processing, deliveries, ...rest }: TaskFilter): Readonly<Record<string, unknown>> {
  if (processing && deliveries)
    throw new UsageError('A task is of a processor or of a subscription.', 'one of --processing, --deliveries')
  return given({ ...known(rest), local: processing ?? (deliveries ? false : undefined) })
}

/** As a query string: lists by their singular, several times. @throws UsageError */
export function queryOf(filter: TaskFilter): Readonly<Record<string, string | readonly string[]>> {
  const { states, types, priorities, codes, ...rest } = bodyOf(filter)
  const single = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, String(value)]))
  return { ...single, ...lists({ state: states, type: types, priority: priorities, code: codes }) }
}

const lists = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (Array.isArray(value) ? [[name, value.map(String)]] : [])),
  )

/** Options of the same command that are no part of the filter are left out. */
const known = (filter: Omit<TaskFilter, 'processing' | 'deliveries'>) => ({
  subscription: filter.subscription,
  event: filter.event,
  states: filter.states,
  types: filter.types,
  subject: filter.subject,
  subjectType: filter.subjectType,
  superOwner: filter.superOwner,
  root: filter.root,
  parent: filter.parent,
  transaction: filter.transaction,
  priorities: filter.priorities,
  codes: filter.codes,
  from: filter.from,
  till: filter.till,
  wakeFrom: filter.wakeFrom,
  wakeTill: filter.wakeTill,
  key: filter.key,
  text: filter.text,
})
