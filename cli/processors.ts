/** `tocsin processors`: what runs on events, in which order, and changing that while the server runs. */
import type { Command } from 'commander'
import { integer } from './lib/arguments.js'
import { path } from './lib/client.js'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'

const ROW: readonly Column[] = [
  ['order', 'order'],
  ['name', 'name'],
  ['kind', 'kind'],
  ['enabled', 'enabled'],
  ['types', 'types'],
  ['description', 'description'],
]

export function addProcessors(program: Command, io: Io): void {
  const processors = program.command('processors').description('list, enable, disable and order processors')
  processors
    .command('list')
    .description('processors in the order they run')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/processors'), ROW)),
    )
  named(processors, 'enable', 'let it run').action((name: string, _: unknown, command: Command) =>
    set(io, command, name, { enabled: true }),
  )
  named(processors, 'disable', 'pass it over').action((name: string, _: unknown, command: Command) =>
    set(io, command, name, { enabled: false }),
  )
  named(processors, 'order', 'move it; ascending, judges below 0 run before the deed')
    .argument('<order>', 'its place; put -- before a negative one', integer(-1_000_000, 1_000_000))
    .action((name: string, order: number, _: unknown, command: Command) => set(io, command, name, { order }))
}

const named = (processors: Command, name: string, description: string): Command =>
  processors.command(name).description(description).argument('<name>', 'as `tocsin processors list` shows it')

const set = (io: Io, command: Command, name: string, setting: Readonly<Record<string, unknown>>): Promise<void> =>
  withServer(io, command, async (context) =>
    context.show(await context.client.call('PATCH', path`/v1/processors/${name}`, { body: setting }), ROW),
  )
