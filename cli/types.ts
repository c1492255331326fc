/** `tocsin types`: the catalogue. */
import type { Command } from 'commander'
import { path } from './lib/client.js'
import { whole, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'
import { block } from './lib/text.js'

const ROW: readonly Column[] = [
  ['name', 'name'],
  ['category', 'category'],
  ['case of', 'caseOf'],
  ['title', 'title'],
]

const OF_RESOURCES: readonly Column[] = [
  ['name', 'name'],
  ['version', 'version'],
  ['implements', 'implements'],
  ['title', 'title'],
]

export function addTypes(program: Command, io: Io): void {
  const types = program.command('types').description('list and show event types, and types of resources')
  types
    .command('list')
    .description('every event type')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await whole(context, '/v1/types'), ROW)),
    )
  types
    .command('resources')
    .description('every type of resources, and what it implements')
    .action((_: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await whole(context, '/v1/resource-types'), OF_RESOURCES),
      ),
    )
  types
    .command('show')
    .description('one event type with the schema of its data')
    .argument('<name>')
    .action((name: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        const type = await context.client.call('GET', path`/v1/types/${name}`)
        if (context.json) context.show(type)
        else context.io.out(block(type))
      }),
    )
}
