/** `tocsin tasks`: what is on its way, what failed, and doing it again. */
import type { Command } from 'commander'
import { given, integer, names } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, list, type Paging, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at } from './lib/table.js'
import { counted } from './lib/text.js'
import { ATTEMPTS, TASKS } from './lib/views.js'

interface Filter {
  readonly subscription?: string
  readonly event?: number
  readonly states?: readonly string[]
  readonly types?: readonly string[]
  readonly subject?: string
}

const filtered = (command: Command): Command =>
  command
    .option('--subscription <id>', 'of this subscription')
    .option('--event <sequence>', 'of the event with this sequence', integer(0, Number.MAX_SAFE_INTEGER))
    .option('--states <names>', 'due, waiting, leased, done, refused, exhausted, not-executed, held, cancelled', names)
    .option('--types <names>', 'of these event types', names)
    .option('--subject <id>', 'about this resource')

export function addTasks(program: Command, io: Io): void {
  const tasks = program.command('tasks').description('list, show, retry, cancel and redrive tasks')
  filtered(tasks.command('list').description('tasks, newest first'))
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: Filter & Paging, command: Command) =>
      withServer(io, command, (context) => listTasks(context, options)),
    )
  one(tasks, io, 'show', 'a task with its attempts', showTask)
  one(tasks, io, 'retry', 'try it again now', (context, id) => deed(context, id, 'retry'))
  one(tasks, io, 'cancel', 'stop it; a running attempt is aborted', (context, id) => deed(context, id, 'cancel'))
  filtered(tasks.command('redrive').description('try again, in bulk, what ended without being delivered'))
    .option('--dry-run', 'only count')
    .action((options: Filter & { dryRun?: true }, command: Command) =>
      withServer(io, command, (context) => redrive(context, options)),
    )
}

function one(
  tasks: Command,
  io: Io,
  name: string,
  description: string,
  run: (context: Context, id: string) => Promise<void>,
): void {
  tasks
    .command(name)
    .description(description)
    .argument('<task>', '<sequence>.<subscription>, as `tocsin tasks list` shows it')
    .action((id: string, _: unknown, command: Command) => withServer(io, command, (context) => run(context, id)))
}

async function listTasks(
  context: Context,
  { subscription, event, states, types, subject, ...paging }: Filter & Paging,
): Promise<void> {
  const query = { subscription, event, state: states, type: types, subject }
  context.showAll(await list(context, '/v1/tasks', query, paging), TASKS)
}

async function showTask(context: Context, id: string): Promise<void> {
  const task = await context.client.call('GET', path`/v1/tasks/${id}`)
  if (context.json) return context.show(task)
  context.show(task, TASKS)
  const history = at(task, 'history')
  if (Array.isArray(history) && history.length > 0) context.showAll(history, ATTEMPTS)
}

async function deed(context: Context, id: string, verb: 'retry' | 'cancel'): Promise<void> {
  context.show(await context.client.call('POST', path`/v1/tasks/${id}/${verb}`), TASKS)
}

async function redrive(context: Context, { dryRun, ...filter }: Filter & { dryRun?: true }): Promise<void> {
  const answer = await context.client.call('POST', '/v1/tasks/redrive', { body: given({ ...filter, dryRun }) })
  const number = Number(at(answer, 'count'))
  const said = dryRun ? counted(number, 'task', 'tasks') : counted(number, 'task is', 'tasks are')
  context.done(answer, dryRun ? `${said} would be tried again.` : `${said} tried again.`)
}
