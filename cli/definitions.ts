/** `tocsin export | diff | apply`: types, processors and subscriptions as one YAML file. */
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { objectFile, objectIn } from './lib/arguments.js'
import { type Context, withServer } from './lib/context.js'
import { filledFrom } from './lib/environment.js'
import type { Io } from './lib/io.js'
import { at, isRecord } from './lib/table.js'
import { counted, safe } from './lib/text.js'
import { yaml } from './lib/yaml.js'

interface Options {
  readonly prune?: true
  readonly dryRun?: true
}

const HELP = `
The file has the sections types, resourceTypes, processors and subscriptions, each by name or id; any may be left out.
\${NAME} in a subscription's target stands for the environment variable NAME, so that secrets need not be in the file; those it
does not say stay as they are. An incompatible change of a type needs a higher version, and tells whom it affects.
Exit code 0: done, also when nothing differs; 1: something is wrong, and nothing was changed.`

export function addDefinitions(program: Command, io: Io): void {
  program
    .command('export')
    .description('print types, processors and subscriptions as YAML, without secrets')
    .action((_: unknown, command: Command) => withServer(io, command, exportFile))
  reading(program, 'diff', 'what a file would change').action((file: string, options: Options, command: Command) =>
    withServer(io, command, (context) => send(context, file, { ...options, dryRun: true })),
  )
  reading(program, 'apply', 'make it as a file says: all of it, or nothing if any of it is wrong')
    .option('--dry-run', 'only tell what would change')
    .action((file: string, options: Options, command: Command) =>
      withServer(io, command, (context) => send(context, file, options)),
    )
}

const reading = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .argument('<file>', 'YAML or JSON, as `tocsin export` prints it; - for standard input')
    .option('--prune', 'what a section of the file does not name goes')
    .addHelpText('after', HELP)

async function exportFile(context: Context): Promise<void> {
  const file = await context.client.call('GET', '/v1/definitions')
  const text = yaml().stringify(file).trimEnd()
  // In a file every character must stay what it is; only a terminal would obey some.
  context.done(file, context.io.terminal ? text.split('\n').map(safe).join('\n') : text)
}

async function send(context: Context, file: string, { prune, dryRun }: Options): Promise<void> {
  const { io } = context
  const read = file === '-' ? objectIn(await text(io.input), 'standard input') : objectFile(resolve(io.folder, file))
  const query = { ...(prune && { prune: 'true' }), ...(dryRun && { dryRun: 'true' }) }
  const body = withTargets(read, io.environment)
  tell(context, await context.client.call('PUT', '/v1/definitions', { body, query }), dryRun === true)
}

/** @throws UsageError for a variable that is not set */
function withTargets(file: Readonly<Record<string, unknown>>, environment: Io['environment']): object {
  const { subscriptions } = file
  if (!isRecord(subscriptions)) return file
  const filled = Object.entries(subscriptions).map(([id, said]) => {
    if (!isRecord(said) || said.target === undefined) return [id, said] as const
    return [id, { ...said, target: filledFrom(environment, said.target, `subscriptions.${id}.target`) }] as const
  })
  return { ...file, subscriptions: Object.fromEntries(filled) }
}

const SECTIONS = [
  ['types', 'type', 'name'],
  ['resourceTypes', 'resource type', 'name'],
  ['processors', 'processor', 'processor'],
  ['subscriptions', 'subscription', 'id'],
] as const

const SIGNS: Readonly<Record<string, string>> = { add: '+', remove: '-' }

function tell(context: Context, answer: unknown, dry: boolean): void {
  if (context.json) context.show(answer)
  else tellPeople(context, answer, dry)
}

function tellPeople(context: Context, answer: unknown, dry: boolean): void {
  let changes = 0
  for (const [section, noun, key] of SECTIONS) {
    const items = at(answer, section)
    for (const item of Array.isArray(items) ? items : []) {
      changes += 1
      context.io.out(lineOf(noun, String(at(item, key)), item))
    }
  }
  const done = dry ? 'would change' : 'changed'
  context.io.err(changes === 0 ? 'Nothing differs.\n' : `${counted(changes, 'definition', 'definitions')} ${done}.\n`)
}

/** `~ type acme.badge-lost: title "Lost" -> "A badge was lost"`, and whom it affects. */
function lineOf(noun: string, name: string, item: unknown): string {
  const sign = SIGNS[String(at(item, 'change'))] ?? '~'
  const [before, after] = [at(item, 'before'), at(item, 'after')]
  const members =
    isRecord(before) && isRecord(after) ? [...new Set([...Object.keys(before), ...Object.keys(after)])] : []
  const shown = (of: unknown, member: string) => JSON.stringify(at(of, member) ?? null)
  const lines = members.map((member) => `    ${member}: ${shown(before, member)} -> ${shown(after, member)}`)
  const breaks = at(item, 'breaks')
  const affects = at(item, 'affects')
  if (typeof breaks === 'string') lines.push(`    incompatible: ${breaks}`)
  for (const each of Array.isArray(affects) ? affects : [])
    lines.push(`    affects ${at(each, 'tenant')}/${at(each, 'id')} (${at(each, 'name')})`)
  return [`${sign} ${noun} ${name}`, ...lines].map(safe).join('\n')
}
