/** `tocsin partitions`: how the database lies in parts, and when they go; for its operators. */
import type { Command } from 'commander'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'

const ROW: readonly Column[] = [
  ['table', 'table'],
  ['name', 'name'],
  ['from', 'from'],
  ['until', 'until'],
  ['rows', 'rows'],
  ['bytes', 'bytes'],
  ['dropped', 'droppedAt'],
]

export function addPartitions(program: Command, io: Io): void {
  program
    .command('partitions')
    .description('how a PostgreSQL database lies in partitions, and when each is dropped')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/partitions'), ROW)),
    )
}
