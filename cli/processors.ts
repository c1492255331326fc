/** `tocsin processors`: what runs on events, in which order, and changing that while the server runs. */
import type { Command } from 'commander'
import { integer, names, texts } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, whole, withServer } from './lib/context.js'
import { described, type Said } from './lib/described.js'
import { UsageError } from './lib/failure.js'
import { review } from './lib/interview.js'
import type { Io } from './lib/io.js'
import { PROCESSORS, type ProcessorFilter, processorFiltered, processorQuery } from './lib/processor-filter.js'
import { at, type Column, isRecord } from './lib/table.js'
import { addProcessorFile } from './processors-file.js'
import { addOverview } from './processors-overview.js'

const ONE: readonly Column[] = [
  ...PROCESSORS,
  ['module', 'module'],
  ['resource types', 'resourceTypes'],
  ['refused by', 'asynchronousRefused'],
  ['disableable', (item) => (at(item, 'disableable') === false ? 'no' : null)],
  ['options', 'options'],
  ['inputs', inputsOf],
  ['deadline', (item) => `${at(item, 'deadline')} ms`],
  ['on error', 'onError'],
  ['set here', 'set'],
]

/** What its options may be: `host (text, required), password (secret)`. */
function inputsOf(item: unknown): string | null {
  const schema = at(item, 'optionsSchema')
  const members = Object.entries(recordOf(at(schema, 'properties')))
  const required = at(schema, 'required')
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  const inputs = members.map(([name, member]) => `${name} (${kindOf(member)}${isRequired(name) ? ', required' : ''})`)
  return inputs.length === 0 ? null : inputs.join(', ')
}

function kindOf(member: unknown): string {
  const choices = at(member, 'enum')
  if (at(member, 'writeOnly') === true) return 'secret'
  if (Array.isArray(choices)) return `one of ${choices.join(', ')}`
  const type = at(member, 'type')
  return type === 'string' || type === undefined ? 'text' : String(type)
}

const recordOf = (value: unknown): Fields => (isRecord(value) ? value : {})

const REGISTERED: readonly Column[] = [
  ['system', 'system'],
  ['order', 'position'],
  ['event', 'event'],
  ['class', 'class'],
  ['data', 'data'],
  ['kind', 'kind'],
  ['state', 'state'],
  ['processor', 'processor'],
  ['failure', 'failure'],
]

export function addProcessors(program: Command, io: Io): void {
  const processors = program
    .command('processors')
    .description('list, show, enable, disable, order and set processors; their overview; all settings as a file')
  processorFiltered(processors.command('list').description('processors in the order they run')).action(
    (options: ProcessorFilter, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await whole(context, '/v1/processors', processorQuery(options)), PROCESSORS),
      ),
  )
  addOverview(processors, io)
  processors
    .command('registered')
    .description("classes that other systems' configurations registered (`tocsin import`), in their order")
    .option('--system <name>', 'only of this one, such as fim-cm')
    .action(({ system }: { readonly system?: string }, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await whole(context, '/v1/registrations', system === undefined ? {} : { system }), REGISTERED),
      ),
    )
  named(processors, 'show', 'one processor with its options').action((name: string, _: unknown, command: Command) =>
    withServer(io, command, async (context) =>
      context.show(await context.client.call('GET', path`/v1/processors/${name}`), ONE),
    ),
  )
  addSettings(processors, io)
  addProcessorFile(processors, io)
}

function addSettings(processors: Command, io: Io): void {
  named(processors, 'enable', 'let it run').action((name: string, _: unknown, command: Command) =>
    set(io, command, name, { enabled: true }),
  )
  named(processors, 'disable', 'pass it over').action((name: string, _: unknown, command: Command) =>
    set(io, command, name, { enabled: false }),
  )
  named(processors, 'order', 'move it; ascending, judges below 0 run before the deed')
    .argument('<order>', 'its place; put -- before a negative one', integer(-2_147_483_647, 2_147_483_647))
    .action((name: string, order: number, _: unknown, command: Command) => set(io, command, name, { order }))
  named(processors, 'types', 'let it run on these event types instead')
    .argument('<types>', 'names or patterns such as credential.*, separated by commas', names)
    .action((name: string, types: readonly string[], _: unknown, command: Command) => set(io, command, name, { types }))
  named(processors, 'set', 'set options of it; the others stay. A terminal is asked for them where none is given')
    .argument(
      '[name=value...]',
      'an option; null takes it back to what configuration and code say, @FILE is what a file holds',
      texts,
    )
    .action((name: string, options: Said | undefined, _: unknown, command: Command) =>
      setOptions(io, command, name, options ?? {}),
    )
  named(processors, 'reset', 'back to what configuration and code say')
    .argument('[members]', 'only these of enabled, order, types, options', names)
    .action((name: string, members: readonly string[] | undefined, _: unknown, command: Command) =>
      set(io, command, name, nulls(members)),
    )
}

type Fields = Readonly<Record<string, unknown>>

const named = (processors: Command, name: string, description: string): Command =>
  processors.command(name).description(description).argument('<name>', 'as `tocsin processors list` shows it')

const set = (io: Io, command: Command, name: string, setting: Fields): Promise<void> =>
  withServer(io, command, (context) => patch(context, name, setting))

async function patch({ client, show }: Context, name: string, setting: Fields): Promise<void> {
  show(await client.call('PATCH', path`/v1/processors/${name}`, { body: setting }), ONE)
}

/** What was set before stays: the server takes options whole. A secret goes there and back masked, and stays. */
const setOptions = (io: Io, command: Command, name: string, said: Said): Promise<void> =>
  withServer(io, command, async (context) => {
    const schema = async () => at(await context.client.call('GET', path`/v1/processors/${name}`), 'optionsSchema')
    const options =
      Object.keys(said).length > 0
        ? await described(said, context.io.folder, schema)
        : await askForOptions(context, name)
    const file = await context.client.call('GET', '/v1/processors/file')
    const present = memberOf(memberOf(memberOf(file, 'processors'), name), 'options')
    const laid = Object.entries({ ...present, ...options }).filter(([, value]) => value !== null)
    await patch(context, name, { options: laid.length === 0 ? null : Object.fromEntries(laid) })
  })

/** @throws UsageError where nobody can be asked, or nothing was said. */
async function askForOptions(context: Context, name: string): Promise<Fields> {
  const { prompt, err, folder } = context.io
  if (prompt === null || context.json) throw new UsageError('There is nothing to set.', 'NAME=VALUE')
  const processor = await context.client.call('GET', path`/v1/processors/${name}`)
  const answers = await review(at(processor, 'optionsSchema'), recordOf(at(processor, 'options')), {
    prompt,
    err,
    folder,
  })
  if (Object.keys(answers).length > 0) return answers
  throw new UsageError('Nothing was changed.', 'an answer to one of the questions')
}

/** By its name, in which a dot is no path. */
function memberOf(value: unknown, name: string): Fields {
  const member = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
  return isRecord(member) ? member : {}
}

const MEMBERS = ['enabled', 'order', 'types', 'options']

function nulls(members: readonly string[] = MEMBERS): Fields {
  const unknown = members.find((member) => !MEMBERS.includes(member))
  if (unknown !== undefined)
    throw new UsageError(`${JSON.stringify(unknown)} is no setting.`, `some of ${MEMBERS.join(', ')}`)
  return Object.fromEntries(members.map((member) => [member, null]))
}
