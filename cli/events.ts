/** `tocsin events`: what was published, what happened to it, and going on with what was suspended. */
import type { Command } from 'commander'
import { integer, names } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, list, type Paging, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { showReceipt } from './lib/receipt.js'
import { at, type Column, cell, isRecord, shownIn } from './lib/table.js'
import { block, cut } from './lib/text.js'
import { ATTEMPTS, EVENTS, RESULTS, TASKS } from './lib/views.js'

interface ListOptions extends Paging {
  readonly types?: readonly string[]
  readonly states?: readonly string[]
  readonly subject?: string
  readonly source?: string
  readonly transaction?: string
  readonly root?: string
  readonly parent?: string
  readonly from?: string
  readonly till?: string
}

export function addEvents(program: Command, io: Io): void {
  const events = program
    .command('events')
    .description('list and show events and what came of them, resume suspended ones')
  events
    .command('list')
    .description('events, newest first')
    .option('--types <names>', 'of these types', names)
    .option('--states <names>', 'admitted, closed, suspended, refused', names)
    .option('--subject <id>', 'about this resource')
    .option('--source <uri>', 'from this system')
    .option('--transaction <id>', 'of this transaction')
    .option('--root <id>', 'that came of this event')
    .option('--parent <id>', 'that this event published')
    .option('--from <time>', 'received at or after, RFC 3339')
    .option('--till <time>', 'received before, RFC 3339')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: ListOptions, command: Command) =>
      withServer(io, command, (context) => listEvents(context, options)),
    )
  one(events, io, 'show', 'an event, its processors, its tasks and their attempts', showEvent)
  one(events, io, 'tree', 'an event and what came of it, each below its parent', showTree)
  one(events, io, 'resume', 'let a suspended event go on', resumeEvent)
}

type Deed = (context: Context, id: string, source: string | undefined) => Promise<void>

function one(events: Command, io: Io, name: string, description: string, deed: Deed): void {
  events
    .command(name)
    .description(description)
    .argument('<id>', 'the id its publisher gave it')
    .option('--source <uri>', 'its source, where several systems used the id')
    .action((id: string, { source }: { source?: string }, command: Command) =>
      withServer(io, command, (context) => deed(context, id, source)),
    )
}

async function listEvents(context: Context, options: ListOptions): Promise<void> {
  const { types, states, subject, source, transaction, root, parent, from, till } = options
  const query = { type: types, state: states, subject, source, transaction, root, parent, from, till }
  context.showAll(await list(context, '/v1/events', query, options), EVENTS)
}

async function showEvent(context: Context, id: string, source: string | undefined): Promise<void> {
  const timeline = await context.client.call('GET', path`/v1/events/${id}/timeline`, { query: { source } })
  if (context.json) return context.show(timeline)
  context.show(timeline, EVENTS)
  context.io.out(`\n${block(at(timeline, 'event'))}`)
  section(context, 'Processors', at(timeline, 'results'), RESULTS)
  section(context, 'Tasks', at(timeline, 'tasks'), TASKS)
  for (const task of listAt(timeline, 'tasks'))
    section(context, `Attempts of ${cell(at(task, 'id'))}`, at(task, 'history'), ATTEMPTS)
}

const listAt = (value: unknown, name: string): readonly unknown[] => {
  const items = isRecord(value) ? value[name] : null
  return Array.isArray(items) ? items : []
}

function section(context: Context, title: string, items: unknown, wanted: readonly Column[]): void {
  if (!Array.isArray(items) || items.length === 0) return
  context.io.out(`\n${title}`)
  context.showAll(items, wanted)
}

async function showTree(context: Context, id: string, source: string | undefined): Promise<void> {
  const tree = await context.client.call('GET', path`/v1/events/${id}/tree`, { query: { source } })
  if (context.json) return context.show(tree)
  for (const line of branches(tree, 0)) context.io.out(context.io.terminal ? cut(line, context.io.columns) : line)
}

const branches = (node: unknown, depth: number): readonly string[] => [
  '  '.repeat(depth) + EVENTS.map((column) => shownIn(node, column)).join('  '),
  ...listAt(node, 'children').flatMap((child) => branches(child, depth + 1)),
  ...(at(node, 'truncated') === true ? [`${'  '.repeat(depth + 1)}… and more`] : []),
]

async function resumeEvent(context: Context, id: string, source: string | undefined): Promise<void> {
  showReceipt(context, await context.client.call('POST', path`/v1/events/${id}/resume`, { query: { source } }))
}
