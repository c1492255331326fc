/** `tocsin import`: another system's configuration, key by key, and what becomes of it here. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Imported, ImportedKey, Importer } from '../src/index.js'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at } from './lib/table.js'
import { count, counted, safe } from './lib/text.js'

const MOST_BYTES = 16 * 1_048_576

const HELP = `
FORMAT is one of
  czechidm-properties  the event engine and its processors, out of a Java .properties file
  clm-notifications    FIM CM's notification handlers: the section ClmNotifications of a web.config
  activid-plugins      ActivID CMS event notification plug-ins: eventnotificationplugins.properties
Every entry is told as taken (it means the same), mapped (it became something else), unknown (nobody of that name ships
with that system: kept for yours) or refused, with the reason. Values that may be secrets are not told.
Of settings, what the file does not name stays as it is. Registered classes take the place of all that were registered for
that system, in the order of the file, at once; \`classes\` in the server's configuration says what stands behind them.
Exit code 0: done, also where entries were refused.`

export function addImport(program: Command, io: Io): void {
  program
    .command('import')
    .description('take over another system’s configuration')
    .argument('<format>', 'czechidm-properties, clm-notifications or activid-plugins')
    .argument('<file>', 'a file, or - for standard input')
    .option('--dry-run', 'only tell what would change')
    .addHelpText('after', HELP)
    .action((format: string, file: string, options: { readonly dryRun?: true }, command: Command) =>
      withServer(io, command, (context) => bringIn(context, format, file, options.dryRun === true)),
    )
}

async function bringIn(context: Context, format: string, file: string, dryRun: boolean): Promise<void> {
  const importer = await importerNamed(format)
  const imported = importer.read(await bytesOf(context.io, file))
  // Before anything is asked of the server: what it refuses is then seen beside the key it came from.
  if (!context.json) for (const key of imported.keys) context.io.out(lineOf(key))
  const changes = await changesOf(context, imported, dryRun)
  if (!dryRun) await setSwitches(context, imported)
  const registered = await register(context, imported, dryRun)
  const { keys, others, processing } = imported
  if (registered) context.done({ dryRun, keys, others, registered }, registeredIn(keys, registered, dryRun))
  else context.done({ dryRun, keys, others, processing, changes }, summaryOf(imported, changes, dryRun))
}

/** The profiles need the library, which other commands do without. */
async function importerNamed(format: string): Promise<Importer> {
  const { profiles } = await import('../profiles/index.js')
  const importers = profiles.flatMap((profile) => profile.importers ?? [])
  const importer = importers.find(({ name }) => name === format)
  if (importer) return importer
  throw new UsageError(`Nothing reads ${JSON.stringify(format)}.`, importers.map(({ name }) => name).join(', '))
}

async function bytesOf(io: Io, file: string): Promise<Uint8Array> {
  if (file === '-') return allOf(io.input)
  const full = resolve(io.folder, file)
  const found = statSync(full, { throwIfNoEntry: false })
  if (!found?.isFile() || found.size > MOST_BYTES)
    throw new UsageError(
      `There is no file ${file}.`,
      'a file of at most 16 MiB that can be read, or - for standard input',
    )
  return readFileSync(full)
}

async function allOf(input: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of input) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function changesOf({ client }: Context, { processors }: Imported, dryRun: boolean): Promise<readonly unknown[]> {
  if (Object.keys(processors).length === 0) return []
  const query = dryRun ? { dryRun: 'true' } : {}
  const changes = at(await client.call('PUT', '/v1/processors/file', { query, body: { processors } }), 'changes')
  return Array.isArray(changes) ? changes : []
}

async function setSwitches({ client }: Context, { processing }: Imported): Promise<void> {
  if (Object.keys(processing).length > 0) await client.call('PATCH', '/v1/processing', { body: processing })
}

/** What became of each class; null: the file is not about any. */
async function register({ client }: Context, { registrations: wanted }: Imported, dryRun: boolean) {
  if (!wanted) return null
  const { system, registrations } = wanted
  const query = dryRun ? { dryRun: 'true' } : {}
  const answer = await client.call('PUT', path`/v1/registrations/${system}`, { query, body: { registrations } })
  const items = at(answer, 'items')
  return Array.isArray(items) ? (items as readonly unknown[]) : []
}

const INDENT = ' '.repeat(15)

/** `    2  taken   idm.x -> processing.stopped = true`, the remark below it. */
function lineOf({ line, outcome, key, becomes, remark }: ImportedKey): string {
  const told = becomes === null ? key : `${key} -> ${becomes}`
  const first = safe(`${String(line).padStart(5)}  ${outcome.padEnd(8)}${told}`)
  return remark === null ? first : `${first}\n${INDENT}${safe(remark)}`
}

function registeredIn(keys: readonly ImportedKey[], registered: readonly unknown[], dryRun: boolean): string {
  const failed = registered.filter((each) => at(each, 'state') === 'failed')
  return [
    `${counted(keys.length, 'entry', 'entries')}: ${tallyOf(keys)}.`,
    `${counted(registered.length, 'class', 'classes')} ${dryRun ? 'would be' : 'are'} registered, ${count(failed.length)} of them cannot be started.`,
    ...failed.map((each) => safe(`  ${at(each, 'position')}. ${at(each, 'event') ?? '*'} ${at(each, 'failure')}`)),
  ].join('\n')
}

const OUTCOMES = ['taken', 'mapped', 'unknown', 'refused'] as const

function summaryOf({ keys, others, processing }: Imported, changes: readonly unknown[], dryRun: boolean): string {
  const processors = counted(changes.length, 'processor', 'processors')
  const waiting = count(changes.filter((change) => at(change, 'registered') === false).length)
  const switches = counted(Object.keys(processing).length, 'switch', 'switches')
  return [
    `${counted(keys.length, 'key', 'keys')} about events: ${tallyOf(keys)}; ${count(others)} about something else.`,
    dryRun
      ? `${processors} would change (${waiting} not registered yet), ${switches} would be set.`
      : `${processors} changed (${waiting} not registered yet), ${switches} set.`,
  ].join('\n')
}

const tallyOf = (keys: readonly ImportedKey[]): string =>
  OUTCOMES.map((outcome) => `${count(keys.filter((key) => key.outcome === outcome).length)} ${outcome}`).join(', ')
