/** `tocsin tenants`: who shares this instance; for its operators. */
import type { Command } from 'commander'
import { given, integer } from './lib/arguments.js'
import { path } from './lib/client.js'
import { list, type Paging, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['name', 'name'],
  ['open types', 'openTypes'],
  ['created', 'createdAt'],
  ['disabled', 'disabledAt'],
]

interface Patch {
  readonly name?: string
  readonly openTypes?: boolean
  readonly enable?: true
  readonly disable?: true
}

export function addTenants(program: Command, io: Io): void {
  const tenants = program.command('tenants').description('create, list and update tenants')
  tenants
    .command('list')
    .description('tenants by id')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: Paging, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await list(context, '/v1/tenants', {}, options), ROW)),
    )
  tenants
    .command('create')
    .description('a new tenant')
    .argument('<id>')
    .requiredOption('--name <name>', 'for people')
    .option('--open-types', 'accepts event types that are not in the catalogue')
    .action((id: string, { name, openTypes }: { name: string; openTypes?: true }, command: Command) =>
      withServer(io, command, async (context) =>
        context.show(await context.client.call('POST', '/v1/tenants', { body: given({ id, name, openTypes }) }), ROW),
      ),
    )
  tenants
    .command('update')
    .description('rename, open, close, disable or enable a tenant')
    .argument('<id>')
    .option('--name <name>', 'for people')
    .option('--open-types', 'accepts event types that are not in the catalogue')
    .option('--no-open-types', 'accepts only types of the catalogue')
    .option('--disable', 'its keys stop working')
    .option('--enable', 'its keys work again')
    .action((id: string, patch: Patch, command: Command) => update(io, command, id, patch))
}

function update(io: Io, command: Command, id: string, { name, enable, disable }: Patch): Promise<void> {
  // Commander gives a negatable option a value even when it was not written.
  const openTypes =
    command.getOptionValueSource('openTypes') === 'cli' ? command.getOptionValue('openTypes') : undefined
  if (enable && disable)
    throw new UsageError('A tenant cannot be enabled and disabled at once.', 'one of --enable, --disable')
  const body = given({ name, openTypes, disabled: enable ? false : disable })
  if (Object.keys(body).length === 0)
    throw new UsageError('Nothing to change was given.', '--name, --open-types, --disable or --enable')
  return withServer(io, command, async (context) =>
    context.show(await context.client.call('PATCH', path`/v1/tenants/${id}`, { body }), ROW),
  )
}
