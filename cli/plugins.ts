/** `tocsin plugins`: what runs in the server that came from outside, and taking up what was changed. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Rehearsal } from '../src/testing.js'
import { given, names, pairs } from './lib/arguments.js'
import { whole, withServer } from './lib/context.js'
import type { GlobalOptions } from './lib/endpoint.js'
import { Failure, UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column, table } from './lib/table.js'
import { counted } from './lib/text.js'

const ROW: readonly Column[] = [
  ['name', 'name'],
  ['state', 'state'],
  ['module', (item) => at(item, 'module') ?? 'in the box'],
  ['entry', 'entry'],
  ['processors', 'processors'],
  ['isolated', (item) => isolationOf(at(item, 'isolated'))],
  ['error', (item) => at(item, 'error.message') ?? at(item, 'isolated.lastError')],
]

export function addPlugins(program: Command, io: Io): void {
  const plugins = program.command('plugins').description('list and reload plug-ins; try one on recorded events')
  plugins
    .command('list')
    .description('the plug-ins and how they are')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/plugins'), ROW)),
    )
  plugins
    .command('reload')
    .description('read `plugins` and `classes` of the configuration anew; who did not change goes on as it is')
    .argument('[names...]', 'these are loaded anew in any case')
    .action((names: readonly string[], _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        const page = await context.client.call('POST', '/v1/plugins/reload', { body: { names } })
        const items = at(page, 'items')
        context.showAll(Array.isArray(items) ? items : [], ROW)
      }),
    )
  addTry(plugins, io)
}

interface TryOptions extends GlobalOptions {
  readonly export?: string
  readonly option?: Readonly<Record<string, unknown>>
  readonly isolated?: true
  readonly register?: string
  readonly events?: readonly string[]
  readonly data: string
}

function addTry(plugins: Command, io: Io): void {
  plugins
    .command('try')
    .description('run a plug-in, here and without a server, against recorded events')
    .argument('<module>', 'a path such as ./plugin.mjs, or a package')
    .argument('<events>', 'JSON lines, as `tocsin tail --json` prints them')
    .option('--export <name>', 'the export that is the plug-in')
    .option('--option <name=value>', 'an option of it; may be repeated', pairs)
    .option('--isolated', 'in a process of its own')
    .option('--register <system>', 'the export is a class, registered as that system would: fim-cm, activid-cms')
    .option('--events <names>', 'for which of its events: needed for fim-cm, such as CompleteRequest', names)
    .option('--data <text>', 'what the instance is given; for activid-cms the name of the plug-in', 'rehearsed')
    .action((module: string, events: string, _: unknown, command: Command) =>
      tryOut(io, module, events, command.optsWithGlobals()),
    )
}

const CALL: readonly Column[] = [
  ['type', 'type'],
  ['subject', 'subject'],
  ['event', 'state'],
  ['processor', 'call.processor'],
  ['state', 'call.state'],
  ['verdict', 'call.verdict'],
  ['code', (item) => at(item, 'call.code') ?? at(item, 'error.code')],
  ['ms', 'call.milliseconds'],
  ['message', (item) => at(item, 'call.message') ?? at(item, 'error.message')],
]

async function tryOut(io: Io, module: string, file: string, options: TryOptions): Promise<void> {
  const { readEvents, rehearse } = await import('../src/testing.js')
  const { profiles } = await import('../profiles/index.js')
  const tried = options.register === undefined ? asPlugin(module, options) : asClass(module, options.register, options)
  const what = { plugins: profiles, folder: io.folder, ...tried }
  const rehearsals = await rehearse(what, await readEvents(resolve(io.folder, file)))
  showRehearsals(io, rehearsals, options.json === true)
  const calls = rehearsals.flatMap((each) => each.calls)
  const failed = calls.filter(({ state }) => state === 'exception').length
  const refused = rehearsals.filter(({ error }) => error !== null).length
  if (!options.json)
    io.err(`${counted(rehearsals.length, 'event', 'events')}, ${counted(calls.length, 'call', 'calls')}.\n`)
  if (failed + refused > 0)
    throw new Failure({
      code: 'not_passed',
      message: `${failed} of the calls failed, ${refused} of the events were refused.`,
    })
}

const asPlugin = (module: string, { export: name, option, isolated }: TryOptions) => ({
  entries: [{ module, ...given({ export: name, options: option, isolated: isolated && {} }) }],
})

/** As a file of that system names it. */
const CLASS = 'Tried.Class'

function asClass(module: string, system: string, { export: name, option, isolated, events, data }: TryOptions) {
  if (option !== undefined) throw new UsageError('--option is for plug-ins, not for registered classes.', '--data')
  const registration = { class: CLASS, data }
  return {
    classModules: { [CLASS]: { module, ...given({ export: name, isolated: isolated && {} }) } },
    registrations: { [system]: events?.map((event) => ({ ...registration, event })) ?? [registration] },
  }
}

function showRehearsals(io: Io, rehearsals: readonly Rehearsal[], json: boolean): void {
  if (json) for (const each of rehearsals) io.out(JSON.stringify(each))
  else {
    const rows = rehearsals.flatMap(({ calls, ...event }): readonly unknown[] =>
      calls.length === 0 ? [event] : calls.map((call) => ({ ...event, call })),
    )
    if (rows.length > 0) io.out(table(rows, CALL, io.terminal ? io.columns : undefined))
  }
}

const isolationOf = (isolated: unknown): string | null =>
  isolated === null ? null : `pid ${at(isolated, 'pid') ?? '-'}, ${at(isolated, 'restarts')} restarts`
