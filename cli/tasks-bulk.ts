/** `tocsin tasks bulk`: one deed for every task that the options name. */
import type { Command } from 'commander'
import { given, names } from './lib/arguments.js'
import { type Context, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, isRecord } from './lib/table.js'
import { bodyOf, filtered, type TaskFilter } from './lib/task-filter.js'
import { counted } from './lib/text.js'

interface Options extends TaskFilter {
  readonly ids?: readonly string[]
  readonly to?: string
  readonly dryRun?: true
  readonly yes?: true
}

/** What is told of each, after the number. */
const DEEDS = {
  retry: 'tried again',
  cancel: 'cancelled',
  delete: 'deleted',
  priority: 'given the priority',
} as const

type Action = keyof typeof DEEDS

const HELP = `
How many tasks it is about is counted and told first. Without an option that names tasks it is about every task the
action fits. Without --states retry means those that ended refused, exhausted or not-executed. Deleting wants --yes,
and so does cancelling every task there is.`

export function addBulk(tasks: Command, io: Io): void {
  filtered(tasks.command('bulk').description('retry, cancel, delete or re-prioritise every task that is named'))
    .argument('<action>', Object.keys(DEEDS).join(', '))
    .option('--ids <tasks>', 'these tasks, instead of a filter', names)
    .option('--to <priority>', 'with priority: immediate, high or normal')
    .option('--dry-run', 'only count')
    .option('--yes', 'delete, or cancel every task there is')
    .addHelpText('after', HELP)
    .action((action: string, options: Options, command: Command) => {
      const named = actionOf(action)
      const body = bulkBody(named, options)
      return withServer(io, command, (context) => bulk(context, named, body, options))
    })
}

function actionOf(text: string): Action {
  const found = Object.keys(DEEDS).find((name): name is Action => name === text)
  if (found) return found
  throw new UsageError(`There is no action ${JSON.stringify(text)}.`, `one of ${Object.keys(DEEDS).join(', ')}`)
}

function bulkBody(action: Action, { ids, to, ...filter }: Options): Readonly<Record<string, unknown>> {
  const named = bodyOf(filter)
  if (ids !== undefined && Object.keys(named).length > 0)
    throw new UsageError('Tasks are named by their ids or by a filter.', '--ids, or other options')
  if ((action === 'priority') !== (to !== undefined))
    throw new UsageError('A priority is given with the action priority, and only with it.', 'priority --to high')
  return given({ action, priority: to, ...(ids === undefined ? { filter: named } : { ids }) })
}

/** Nobody does it by forgetting an option. */
const isGrave = (action: Action, { filter }: Readonly<Record<string, unknown>>): boolean =>
  action === 'delete' || (action === 'cancel' && isRecord(filter) && Object.keys(filter).length === 0)

async function bulk(
  context: Context,
  action: Action,
  body: Readonly<Record<string, unknown>>,
  { dryRun, yes }: Options,
): Promise<void> {
  const done = DEEDS[action]
  const counting = await context.client.call('POST', '/v1/tasks/bulk', { body: { ...body, dryRun: true } })
  const found = Number(at(counting, 'count'))
  if (dryRun) return context.done(counting, `${counted(found, 'task', 'tasks')} would be ${done}.`)
  if (!context.json) context.io.err(`${counted(found, 'task', 'tasks')} would be ${done}.\n`)
  if (isGrave(action, body) && !yes && found > 0)
    throw new UsageError(
      `${counted(found, 'task', 'tasks')} would be ${done} for good.`,
      '--yes, or --dry-run to count',
    )
  const answer = await context.client.call('POST', '/v1/tasks/bulk', { body })
  context.done(answer, `${counted(Number(at(answer, 'count')), 'task is', 'tasks are')} ${done}.`)
}
