/** `tocsin processors export | diff | apply`: the settings of all processors as one YAML file. */
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { objectFile, objectIn } from './lib/arguments.js'
import { type Context, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'
import { counted, safe } from './lib/text.js'
import { yaml } from './lib/yaml.js'

interface Options {
  readonly prune?: true
  readonly dryRun?: true
}

const CHANGES: readonly Column[] = [
  [
    'processor',
    (item) => (at(item, 'registered') === false ? `${at(item, 'processor')} (not here)` : at(item, 'processor')),
  ],
  ['before', 'before'],
  ['after', 'after'],
]

export function addProcessorFile(processors: Command, io: Io): void {
  processors
    .command('export')
    .description('print what was set at run time as YAML, secrets masked')
    .action((_: unknown, command: Command) => withServer(io, command, exportFile))
  reading(processors, 'diff', 'what a file would change').action((file: string, options: Options, command: Command) =>
    withServer(io, command, (context) => diff(context, file, options)),
  )
  reading(processors, 'apply', 'lay a file over what is set: all of it, or nothing if any of it is wrong')
    .option('--dry-run', 'only tell what would change')
    .action((file: string, options: Options, command: Command) =>
      withServer(io, command, (context) => apply(context, file, options)),
    )
}

const reading = (processors: Command, name: string, description: string): Command =>
  processors
    .command(name)
    .description(description)
    .argument('<file>', 'YAML or JSON, as `tocsin processors export` prints it; - for standard input')
    .option('--prune', 'what the file does not name goes back to configuration and code')

async function exportFile(context: Context): Promise<void> {
  const file = await context.client.call('GET', '/v1/processors/file')
  const text = yaml().stringify(file).trimEnd()
  // In a file every character must stay what it is; only a terminal would obey some.
  const lines = context.io.terminal ? text.split('\n').map(safe).join('\n') : text
  context.done(file, lines)
}

const contentOf = async ({ io }: Context, file: string) =>
  file === '-' ? objectIn(await text(io.input), 'standard input') : objectFile(resolve(io.folder, file))

async function diff(context: Context, file: string, { prune }: Options): Promise<void> {
  const query = prune ? { prune: 'true' } : {}
  const answer = await context.client.call('POST', '/v1/processors/file/diff', {
    body: await contentOf(context, file),
    query,
  })
  tell(context, answer, 'would change')
}

async function apply(context: Context, file: string, { prune, dryRun }: Options): Promise<void> {
  const query = { ...(prune && { prune: 'true' }), ...(dryRun && { dryRun: 'true' }) }
  const answer = await context.client.call('PUT', '/v1/processors/file', {
    body: await contentOf(context, file),
    query,
  })
  tell(context, answer, dryRun ? 'would change' : 'changed')
}

function tell(context: Context, answer: unknown, what: string): void {
  const changes = at(answer, 'changes')
  const items = Array.isArray(changes) ? changes : []
  if (context.json || items.length > 0) context.showAll(items, CHANGES)
  if (!context.json)
    context.io.err(
      items.length === 0 ? 'Nothing differs.\n' : `${counted(items.length, 'processor', 'processors')} ${what}.\n`,
    )
}
