/** `tocsin tasks`: what is on its way, what failed, and doing it again. */
import type { Command } from 'commander'
import { given, integer } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, list, type Paging, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, fields } from './lib/table.js'
import { bodyOf, filtered, queryOf, type TaskFilter } from './lib/task-filter.js'
import { counted, safe } from './lib/text.js'
import { ATTEMPT, ATTEMPTS, TASK, TASKS } from './lib/views.js'
import { addBulk } from './tasks-bulk.js'

export function addTasks(program: Command, io: Io): void {
  const tasks = program
    .command('tasks')
    .description('list, show, count, retry, cancel, delete, redrive tasks, and change their priority, also in bulk')
  filtered(tasks.command('list').description('tasks, newest first'))
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: TaskFilter & Paging, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await list(context, '/v1/tasks', queryOf(options), options), TASKS),
      ),
    )
  filtered(tasks.command('counts').description('how many there are: unprocessed, errors, and by state')).action(
    (options: TaskFilter, command: Command) => withServer(io, command, (context) => counts(context, options)),
  )
  addDeeds(tasks, io)
  addBulk(tasks, io)
}

function addDeeds(tasks: Command, io: Io): void {
  one(tasks, io, 'show', 'a task with its attempts', showTask)
  one(tasks, io, 'attempts', 'each attempt whole: what was sent, where the time went, what came back', showAttempts)
  one(tasks, io, 'retry', 'send it again now, by the same id; also one that was delivered', (context, id) =>
    deed(context, id, 'retry'),
  )
  one(tasks, io, 'cancel', 'stop it; a running attempt is aborted', (context, id) => deed(context, id, 'cancel'))
  tasks
    .command('delete')
    .description('delete it, and the like tasks of what came of its event')
    .argument('[task]', TASK_ID)
    .option('--all', 'instead: every task of asynchronous processors; deliveries stay')
    .option('--dry-run', 'with --all: only count')
    .option('--yes', 'with --all: do it')
    .action((id: string | undefined, options: RemoveOptions, command: Command) => {
      if ((id === undefined) !== (options.all === true))
        throw new UsageError('Name one task, or all.', 'TASK, or --all')
      return withServer(io, command, (context) =>
        id === undefined ? removeAll(context, options) : remove(context, id),
      )
    })
  tasks
    .command('priority')
    .description('change its priority; its group comes forward with it')
    .argument('<task>', TASK_ID)
    .argument('<priority>', 'immediate, high or normal')
    .action((id: string, priority: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.show(await context.client.call('PUT', path`/v1/tasks/${id}/priority`, { body: { priority } }), TASK),
      ),
    )
  filtered(tasks.command('redrive').description('try again, in bulk, what ended without being delivered'))
    .option('--dry-run', 'only count')
    .action((options: TaskFilter & { dryRun?: true }, command: Command) =>
      withServer(io, command, (context) => redrive(context, options)),
    )
}

interface RemoveOptions {
  readonly all?: true
  readonly dryRun?: true
  readonly yes?: true
}

const TASK_ID = '<sequence>.<subscription>, as `tocsin tasks list` shows it'

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
    .argument('<task>', TASK_ID)
    .action((id: string, _: unknown, command: Command) => withServer(io, command, (context) => run(context, id)))
}

/** The two that matter first, as badges; then each state. */
async function counts(context: Context, options: TaskFilter): Promise<void> {
  const answer = await context.client.call('GET', '/v1/tasks/counts', { query: queryOf(options) })
  if (context.json) return context.show(answer)
  context.io.out(`unprocessed ${Number(at(answer, 'unprocessed'))}   errors ${Number(at(answer, 'errors'))}`)
  const states = at(answer, 'states')
  const present = Object.keys(states ?? {})
  if (present.length > 0)
    context.io.out(
      fields(
        states,
        present.map((name) => [name, name]),
      ),
    )
}

async function showTask(context: Context, id: string): Promise<void> {
  const task = await context.client.call('GET', path`/v1/tasks/${id}`)
  if (context.json) return context.show(task)
  context.show(task, TASK)
  const history = at(task, 'history')
  if (Array.isArray(history) && history.length > 0) context.showAll(history, ATTEMPTS)
}

async function showAttempts(context: Context, id: string): Promise<void> {
  const history = at(await context.client.call('GET', path`/v1/tasks/${id}`), 'history')
  const attempts = Array.isArray(history) ? history : []
  if (context.json || attempts.length === 0) return context.showAll(attempts, ATTEMPTS)
  context.io.out(attempts.map((attempt) => fields(attempt, ATTEMPT)).join('\n\n'))
}

async function deed(context: Context, id: string, verb: 'retry' | 'cancel'): Promise<void> {
  context.show(await context.client.call('POST', path`/v1/tasks/${id}/${verb}`), TASK)
}

async function remove(context: Context, id: string): Promise<void> {
  const answer = await context.client.call('DELETE', path`/v1/tasks/${id}`)
  const others = Number(at(answer, 'count')) - 1
  const more = others > 0 ? `, and ${counted(others, 'task', 'tasks')} of what came of its event` : ''
  context.done(answer, `${safe(id)} is deleted${more}.`)
}

async function removeAll(context: Context, { dryRun, yes }: RemoveOptions): Promise<void> {
  const counting = await context.client.call('DELETE', '/v1/tasks', { query: { dryRun: 'true' } })
  const would = `${counted(Number(at(counting, 'count')), 'task', 'tasks')} would be deleted.`
  if (dryRun) return context.done(counting, would)
  if (!context.json) context.io.err(`${would}\n`)
  if (!yes) throw new UsageError('Deleted tasks are gone for good.', '--yes, or --dry-run to count')
  const answer = await context.client.call('DELETE', '/v1/tasks')
  context.done(answer, `${counted(Number(at(answer, 'count')), 'task is', 'tasks are')} deleted.`)
}

async function redrive(context: Context, { dryRun, ...filter }: TaskFilter & { dryRun?: true }): Promise<void> {
  const body = given({ ...bodyOf(filter), dryRun })
  const answer = await context.client.call('POST', '/v1/tasks/redrive', { body })
  const number = Number(at(answer, 'count'))
  const said = dryRun ? counted(number, 'task', 'tasks') : counted(number, 'task is', 'tasks are')
  context.done(answer, dryRun ? `${said} would be tried again.` : `${said} tried again.`)
}
