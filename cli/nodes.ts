/** `tocsin nodes`: the processes that share the database; for its operators. */
import type { Command } from 'commander'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['state', 'state'],
  ['running', 'running'],
  ['heard', 'heardAt'],
  ['started', 'startedAt'],
  ['version', 'version'],
  ['host', 'host'],
  ['pid', 'pid'],
]

export function addNodes(program: Command, io: Io): void {
  program
    .command('nodes')
    .description('the processes that share the database, and how they are')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/nodes'), ROW)),
    )
}
