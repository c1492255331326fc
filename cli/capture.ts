/** `tocsin capture`: row changes of other databases' tables become events. */
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { objectFile, objectIn } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, whole, withServer } from './lib/context.js'
import { filledFrom } from './lib/environment.js'
import { Failure, UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column, isRecord } from './lib/table.js'
import { counted, safe } from './lib/text.js'

const HELP = `
The file (YAML or JSON) names the capture and holds its mapping: connection, tables, and for each table which event becomes of
which change. \${NAME} in its connection stands for the environment variable NAME, so that the password need not be in the file.
\`plan\` shows the SQL first; who prefers to run it by hand does so, and \`apply\` finds it done.`

const ROW: readonly Column[] = [
  ['name', 'name'],
  ['state', 'state'],
  ['method', 'method'],
  ['source', 'source'],
  ['events', 'admitted'],
  ['skipped', 'skipped'],
  ['unread', (item) => sizeOf(at(item, 'backlog.unread'))],
  ['retained', (item) => sizeOf(at(item, 'backlog.retained'))],
  ['code', 'code'],
  ['message', 'message'],
]

export function addCapture(program: Command, io: Io): void {
  const capture = program
    .command('capture')
    .description("make events of the row changes in another PostgreSQL's tables")
    .addHelpText('after', HELP)
  reading(capture, 'plan', 'show the SQL that a mapping needs in its source; nothing is changed', io, plan)
  reading(capture, 'apply', 'make the source ready, and capture; once more with another mapping', io, apply)
  named(capture, 'check', 'prove that it works, by an update in each table that is rolled back', io, check)
  capture
    .command('status')
    .description('how captures are, and what waits in their sources')
    .argument('[name]', 'of one')
    .action((name: string | undefined, _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        if (name === undefined) return context.showAll(await whole(context, '/v1/captures'), ROW)
        context.show(await context.client.call('GET', path`/v1/captures/${name}`))
      }),
    )
  named(capture, 'reconcile', 'find and tell what it missed; the events are marked capture: reconciled', io, reconcile)
    .option('--table <table>', 'of this table alone; may be repeated', gathered)
    .option('--dry-run', 'count what was missed, and tell nothing')
  named(capture, 'remove', 'take everything of it out of its source; its events stay', io, remove)
    .option('--forget', 'also when the source does not answer, and keeps what is of ours')
    .option('--rows', 'forget its rows as they were last told too: a later capture cannot be reconciled with them')
}

interface Options {
  readonly forget?: true
  readonly rows?: true
  readonly table?: readonly string[]
  readonly dryRun?: true
}

type Run = (context: Context, name: string, options: Options) => Promise<void>

const gathered = (table: string, before: readonly string[] = []): readonly string[] => [...before, table]

const named = (capture: Command, verb: string, description: string, io: Io, run: Run): Command =>
  capture
    .command(verb)
    .description(description)
    .argument('<name>', 'of the capture')
    .action((name: string, options: Options, command: Command) =>
      withServer(io, command, (context) => run(context, name, options)),
    )

const reading = (
  capture: Command,
  verb: string,
  description: string,
  io: Io,
  run: (context: Context, name: string, mapping: object) => Promise<void>,
): Command =>
  capture
    .command(verb)
    .description(description)
    .argument('<file>', 'the mapping; - for standard input')
    .action((file: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        const { name, ...mapping } = await mappingIn(io, file)
        await run(context, name, mapping)
      }),
    )

/** @throws UsageError */
async function mappingIn(io: Io, file: string): Promise<Readonly<Record<string, unknown>> & { readonly name: string }> {
  const read = file === '-' ? objectIn(await text(io.input), 'standard input') : objectFile(resolve(io.folder, file))
  const { name, connection } = read
  if (typeof name !== 'string' || name === '')
    throw new UsageError(`${file} does not name the capture.`, 'name: people, for example')
  const filled = isRecord(connection) ? { connection: filledFrom(io.environment, connection, 'connection') } : {}
  return { ...read, ...filled, name }
}

async function plan(context: Context, name: string, mapping: object): Promise<void> {
  const planned = await context.client.call('POST', path`/v1/captures/${name}/plan`, { body: mapping })
  if (context.json) return context.show(planned)
  const notes = listOf(planned, 'notes').map((note) => `-- ${String(note)}`)
  const statements = listOf(planned, 'statements')
  const sql = statements.map((each) => `-- ${String(at(each, 'why'))}\n${String(at(each, 'sql'))};`)
  context.io.out([`-- method: ${String(at(planned, 'method'))}`, ...notes, ...sql].map(lines).join('\n'))
  if (statements.length === 0) context.io.err('Nothing is missing in the source.\n')
}

async function apply(context: Context, name: string, mapping: object): Promise<void> {
  const applied = await context.client.call('PUT', path`/v1/captures/${name}`, { body: mapping })
  context.done(
    applied,
    safe(`${name} captures by ${String(at(applied, 'method'))}, as ${String(at(applied, 'source'))}.`),
  )
}

const FINDING: readonly Column[] = [
  ['', (item) => (at(item, 'passed') === true ? 'ok' : 'NO')],
  ['check', 'name'],
  ['found', 'text'],
]

/** @throws Failure when something does not work */
async function check(context: Context, name: string): Promise<void> {
  const checked = await context.client.call('POST', path`/v1/captures/${name}/check`)
  const findings = listOf(checked, 'findings')
  context.showAll(findings, FINDING)
  if (at(checked, 'passed') === true) return
  const failed = findings.filter((each) => at(each, 'passed') !== true)
  throw new Failure({ code: 'not_passed', message: `${counted(failed.length, 'check', 'checks')} did not pass.` })
}

const COUNTS: readonly Column[] = ['table', 'rows', 'inserts', 'updates', 'deletes', 'events'].map((name) => [
  name,
  name,
])

/** @throws Failure when it failed */
async function reconcile(context: Context, name: string, { table, dryRun }: Options): Promise<void> {
  const body = { ...(table && { tables: table }), ...(dryRun && { dryRun }) }
  const id = at(await context.client.call('POST', path`/v1/captures/${name}/reconcile`, { body }), 'id')
  const done = await reconciled(context, name, id)
  if (at(done, 'state') === 'failed')
    throw new Failure({ code: String(at(done, 'code')), message: String(at(done, 'message')) })
  if (context.json) return context.show(done)
  context.showAll(listOf(done, 'tables'), COUNTS)
}

/** Milliseconds between two looks. */
const LOOK = 300

/** Says once why it has to wait. */
async function reconciled({ client, io }: Context, name: string, id: unknown): Promise<unknown> {
  for (let looks = 0; ; looks++) {
    const capture = await client.call('GET', path`/v1/captures/${name}`)
    const last = at(capture, 'reconciliation')
    if (at(last, 'id') !== id) throw new Failure({ code: 'wrong_state', message: 'Another was asked for meanwhile.' })
    if (at(last, 'endedAt') !== null) return last
    if (looks === 0 && ['waiting', 'held', 'ended'].includes(String(at(capture, 'state')))) io.err(waitOf(capture))
    await sleep(LOOK)
  }
}

const waitOf = (capture: unknown): string => {
  const [state, code, message] = ['state', 'code', 'message'].map((member) => at(capture, member))
  return `${safe(`It begins when the capture goes on, which is ${state} (${code}): ${message}`)}\n`
}

async function remove(context: Context, name: string, { forget, rows }: Options): Promise<void> {
  const query = { ...(forget && { forget: 'true' }), ...(rows && { rows: 'true' }) }
  const removed = await context.client.call('DELETE', path`/v1/captures/${name}`, { query })
  context.done(
    removed,
    [...listOf(removed, 'statements').map((each) => lines(String(at(each, 'sql')))), safe(`${name} is removed.`)].join(
      '\n',
    ),
  )
}

function listOf(answer: unknown, member: string): readonly unknown[] {
  const found = at(answer, member)
  return Array.isArray(found) ? found : []
}

/** SQL keeps its line ends; every other character is shown and not obeyed. */
const lines = (sql: string): string => sql.split('\n').map(safe).join('\n')

const sizeOf = (bytes: unknown): string =>
  typeof bytes === 'number'
    ? bytes < 1_048_576
      ? `${Math.ceil(bytes / 1024)} KiB`
      : `${Math.ceil(bytes / 1_048_576)} MiB`
    : '?'
