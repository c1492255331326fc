/** `tocsin subscriptions`: who wants which events, where to, in which format. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { gather, integer, names, number, objectFile, objects, pointOr, span, spans, texts } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, list, type Paging, whole, withServer } from './lib/context.js'
import { described, type Said } from './lib/described.js'
import { filledFrom } from './lib/environment.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { patchOf, type SpecFlags, specOf } from './lib/spec.js'
import { at, type Column } from './lib/table.js'
import { block, safe } from './lib/text.js'
import { ATTEMPT } from './lib/views.js'
import { askedBy, createGuided, isComplete, wantsTest } from './subscriptions-guide.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['name', (item) => at(item, 'spec.name') ?? at(item, 'name')],
  ['state', 'state'],
  ['types', (item) => at(item, 'spec.types') ?? at(item, 'types')],
  ['transport', transportOf],
  ['target', placeOf],
  ['reason', 'reason'],
]

function transportOf(item: unknown): unknown {
  return at(item, 'spec.transport') ?? at(item, 'transport')
}

/** What says where a target lies, by the way out. */
const PLACES = ['url', 'host', 'path', 'file', 'handler']

function placeOf(item: unknown): unknown {
  const target = at(item, 'spec.target') ?? at(item, 'target')
  return PLACES.map((name) => at(target, name)).find((place) => place !== undefined)
}

const flagged = (command: Command): Command =>
  command
    .option(
      '--file <file>',
      `the subscription as YAML or JSON; \${NAME} in its target stands for that environment variable; flags are laid over it`,
    )
    .option('--name <name>', 'its name')
    .option('--types <patterns>', 'exact names, prefixes such as credential.*, or *; with commas', names)
    .option('--url <url>', 'where to: a webhook')
    .option(
      '--transport <name>',
      'another way out: smtp, snmp, syslog, sql, ldap, log, pull, or file where files.root is set; `tocsin transports list` names all',
    )
    .option(
      '--target <name=value>',
      'a field of the target, such as path=events.ndjson, JSON, or password=@FILE, what a file holds; may be repeated; `tocsin transports show NAME` lists them',
      texts,
    )
    .option('--format <name>', 'how the event is written: cloudevents, cloudevents-binary, cloudevents-batch, data')
    .option('--cel <expression>', 'only events for which this holds; may be repeated', gather)
    .option(
      '--filter <json>',
      'only events that pass it, such as {"exact": {"source": "/hr"}}; may be repeated',
      objects,
    )
    .option('--source <resource>', 'only events about this resource')
    .option('--source-type <type>', 'only events about resources of this type, or of one that implements it')
    .option('--relation <name>', 'of links, only those by this relation')
    .option('--delivery <way>', 'tasks, or log: reads the log itself, in sequence, or side by side with --order none')
    .option('--order <order>', 'strict, latest or none')
    .option(
      '--digest <span>',
      'the events of so long in one message, such as 1h: a mail, or a batch to a webhook',
      span,
    )
    .option('--digest-max <number>', 'events in one message at most', number)
    .option('--duplicates <what>', 'keep, or remove: of events alike that wait only the newest is told')
    .option('--payload <kind>', 'full, or thin: ids only')
    .addOption(new Option('--payload-cel <expression>', 'a map that is told instead of the data').conflicts('payload'))
    .option('--redaction <class>', 'none or sensitive')
    .option('--sees <classes>', 'classes of sensitive fields that it sees all the same, with commas', names)
    .option('--scope <resource>', 'sees what this resource sees')
    .option('--start <point>', 'now, earliest, a time or a sequence', pointOr('now', 'earliest'))
    .option('--attempts <number>', 'before a task is given up', number)
    .option('--delays <spans>', 'before each further attempt, such as 5s,5m,30m; may be repeated', spans)
    .option('--first-delay <span>', 'before the second attempt, doubled each time, instead of --delays', span)
    .option('--max-delay <span>', 'between two attempts at most, where it doubles', span)
    .option('--disable-after <number>', 'failures in a row after which it is disabled', number)
    .option('--record <which>', 'of which attempts the request is kept: failures, or all')
    .option('--timeout <span>', 'one attempt may take, such as 15s', span)
    .option('--concurrency <number>', 'attempts at once', number)
    .option('--rate <number>', 'attempts a second; may be a fraction', number)
    .option('--not-self', 'not what its own key published')
    .option('--no-not-self', 'also what its own key published')

export function addSubscriptions(program: Command, io: Io): void {
  const subscriptions = program
    .command('subscriptions')
    .description('create, list, show, update, test, pause, resume, seek and delete subscriptions')
  subscriptions
    .command('list')
    .description('subscriptions by id')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: Paging, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await list(context, '/v1/subscriptions', {}, options), ROW),
      ),
    )
  flagged(
    subscriptions
      .command('create')
      .description('subscribe; a signing secret is shown this once. A terminal is asked for what is missing'),
  )
    .option('--yes', 'ask nothing')
    .action((flags: Flags & Quiet, command: Command) => withServer(io, command, (context) => create(context, flags)))
  flagged(
    subscriptions
      .command('update')
      .description('change what is given, keep the rest; null in a file takes a member away')
      .argument('<id>', 'its id'),
  ).action((id: string, flags: Flags, command: Command) =>
    withServer(io, command, (context) => update(context, id, flags)),
  )
  addDeeds(subscriptions, io)
}

function addDeeds(subscriptions: Command, io: Io): void {
  one(subscriptions, io, 'show', 'one subscription, whole', async (context, id) => {
    const found = await context.client.call('GET', path`/v1/subscriptions/${id}`)
    if (context.json) context.show(found)
    else context.io.out(block(found))
  })
  one(subscriptions, io, 'test', 'send a test event by the real path and wait for the outcome', test)
  one(subscriptions, io, 'pause', 'hold what is to be sent', (context, id) => change(context, id, 'pause'))
  one(subscriptions, io, 'resume', 'go on where it was paused or disabled', (context, id) =>
    change(context, id, 'resume'),
  )
  one(subscriptions, io, 'seek', 'go on from another place; of one that reads the log', seek).requiredOption(
    '--to <point>',
    'earliest, now, a time or a sequence',
    pointOr('earliest', 'now'),
  )
  one(subscriptions, io, 'delete', 'remove it; its unfinished tasks end', async (context, id) => {
    await context.client.call('DELETE', path`/v1/subscriptions/${id}`)
    context.done({ id, deleted: true }, `${safe(id)} is deleted.`)
  })
  one(subscriptions, io, 'rotate-secret', 'a new signing secret, shown this once', rotate).option(
    '--overlap <span>',
    'the old one also signs for so long (default 24h)',
    span,
  )
}

interface DeedOptions {
  readonly overlap?: number
  readonly to?: string | number
}

type Deed = (context: Context, id: string, options: DeedOptions) => Promise<void>

const one = (subscriptions: Command, io: Io, name: string, description: string, deed: Deed): Command =>
  subscriptions
    .command(name)
    .description(description)
    .argument('<id>', 'its id')
    .action((id: string, options: DeedOptions, command: Command) =>
      withServer(io, command, (context) => deed(context, id, options)),
    )

type Flags = Omit<SpecFlags, 'target'> & { readonly target?: Said }

/** @param id of the subscription that is to be changed. */
async function bodyOf(context: Context, { target = {}, ...flags }: Flags, id?: string) {
  const { io, client } = context
  const file = flags.file === undefined ? {} : withTarget(objectFile(resolve(io.folder, flags.file)), io)
  const body = specOf(flags, file)
  const transport = async () =>
    body.transport ??
    (id === undefined ? undefined : transportOf(await client.call('GET', path`/v1/subscriptions/${id}`)))
  const schema = async () => {
    const name = await transport()
    return at(
      (await whole(context, '/v1/transports')).find((each) => at(each, 'name') === name),
      'target',
    )
  }
  return specOf({ ...flags, target: await described(target, io.folder, schema) }, file)
}

/** @throws UsageError for a variable that is not set */
const withTarget = (file: Readonly<Record<string, unknown>>, { environment }: Io) =>
  file.target === undefined ? file : { ...file, target: filledFrom(environment, file.target, 'target') }

interface Quiet {
  readonly yes?: true
}

async function create(context: Context, flags: Flags & Quiet): Promise<void> {
  const body = await bodyOf(context, flags)
  const asked = isComplete(body) ? null : askedBy(context, flags)
  const created = asked
    ? await createGuided(context, body, asked)
    : await context.client.call('POST', '/v1/subscriptions', { body })
  context.show(created, ROW)
  if (!context.json) tellKey(context, created)
  if (asked && (await wantsTest(created, asked))) await test(context, String(at(created, 'id')))
}

/** The secret, or the public key, by which the receiver checks signatures; nothing where nothing is signed. */
function tellKey({ io }: Context, answer: unknown): void {
  const [secret, publicKey] = [at(answer, 'secret'), at(answer, 'publicKey')]
  if (typeof secret === 'string') io.out(`secret     ${safe(secret)}`)
  else if (typeof publicKey === 'string') io.out(`public key ${safe(publicKey)}`)
  else return
  io.err('The receiver checks signatures with it. It is not shown again.\n')
}

async function update(context: Context, id: string, flags: Flags): Promise<void> {
  const body = patchOf(await bodyOf(context, flags, id))
  if (Object.keys(body).length === 0) throw new UsageError('Nothing to change was given.', 'a flag, or --file FILE')
  context.show(await context.client.call('PATCH', path`/v1/subscriptions/${id}`, { body }), ROW)
}

async function test(context: Context, id: string): Promise<void> {
  const attempt = await context.client.call('POST', path`/v1/subscriptions/${id}/test`)
  context.show(attempt, ATTEMPT)
}

async function change(context: Context, id: string, verb: 'pause' | 'resume'): Promise<void> {
  context.show(await context.client.call('POST', path`/v1/subscriptions/${id}/${verb}`), ROW)
}

async function seek(context: Context, id: string, { to }: DeedOptions): Promise<void> {
  context.show(await context.client.call('POST', path`/v1/subscriptions/${id}/seek`, { body: { to } }), ROW)
}

async function rotate(context: Context, id: string, { overlap }: { overlap?: number }): Promise<void> {
  const body = overlap === undefined ? {} : { overlap }
  const answer = await context.client.call('POST', path`/v1/subscriptions/${id}/rotate-secret`, { body })
  if (context.json) return context.show(answer)
  tellKey(context, answer)
}
