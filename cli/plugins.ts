/** `tocsin plugins`: what runs in the server that came from outside, and taking up what was changed. */
import type { Command } from 'commander'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'

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
    .description('read `plugins` of the configuration anew; who did not change goes on as it is')
    .argument('[names...]', 'these are loaded anew in any case')
    .action((names: readonly string[], _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        const page = await context.client.call('POST', '/v1/plugins/reload', { body: { names } })
        const items = at(page, 'items')
        context.showAll(Array.isArray(items) ? items : [], ROW)
      }),
    )
}

const isolationOf = (isolated: unknown): string | null =>
  isolated === null ? null : `pid ${at(isolated, 'pid') ?? '-'}, ${at(isolated, 'restarts')} restarts`
