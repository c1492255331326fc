/** `tocsin tenants`: who shares this instance; for its operators. */
import type { Command } from 'commander'
import { given, integer, number } from './lib/arguments.js'
import { path } from './lib/client.js'
import { list, type Paging, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['name', 'name'],
  ['open types', 'openTypes'],
  ['weight', 'weight'],
  ['events/s', 'eventsPerSecond'],
  ['unfinished tasks', 'unfinishedTasks'],
  ['created', 'createdAt'],
  ['disabled', 'disabledAt'],
]

interface Quotas {
  readonly weight?: number
  readonly eventsPerSecond?: number | typeof NONE
  readonly unfinishedTasks?: number | typeof NONE
}

interface New extends Quotas {
  readonly name: string
  readonly openTypes?: true
}

interface Patch extends Quotas {
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
  withQuotas(tenants.command('create').description('a new tenant'))
    .argument('<id>')
    .requiredOption('--name <name>', 'for people')
    .option('--open-types', 'accepts event types that are not in the catalogue')
    .action((id: string, { name, openTypes, ...options }: New, command: Command) =>
      withServer(io, command, async (context) => {
        const body = given({ id, name, openTypes, ...quotasIn(options) })
        context.show(await context.client.call('POST', '/v1/tenants', { body }), ROW)
      }),
    )
  withQuotas(tenants.command('update').description('rename, open, close, limit, disable or enable a tenant'))
    .argument('<id>')
    .option('--name <name>', 'for people')
    .option('--open-types', 'accepts event types that are not in the catalogue')
    .option('--no-open-types', 'accepts only types of the catalogue')
    .option('--disable', 'its keys stop working')
    .option('--enable', 'its keys work again')
    .action((id: string, patch: Patch, command: Command) => update(io, command, id, patch))
}

const withQuotas = (command: Command): Command =>
  command
    .option('--weight <number>', 'its share of the workers, beside other tenants', number)
    .option('--events-per-second <number|none>', 'what it may publish, on all nodes together', limit)
    .option('--unfinished-tasks <number|none>', 'with so many it may publish nothing', limit)

const limit = (text: string) => (text === NONE ? NONE : number(text))

/** Commander takes no null for a value. */
const NONE = 'none'

const quotasIn = ({ weight, eventsPerSecond, unfinishedTasks }: Quotas) =>
  given({
    weight,
    eventsPerSecond: eventsPerSecond === NONE ? null : eventsPerSecond,
    unfinishedTasks: unfinishedTasks === NONE ? null : unfinishedTasks,
  })

function update(io: Io, command: Command, id: string, { name, enable, disable, ...options }: Patch): Promise<void> {
  // Commander gives a negatable option a value even when it was not written.
  const openTypes =
    command.getOptionValueSource('openTypes') === 'cli' ? command.getOptionValue('openTypes') : undefined
  if (enable && disable)
    throw new UsageError('A tenant cannot be enabled and disabled at once.', 'one of --enable, --disable')
  const body = given({ name, openTypes, ...quotasIn(options), disabled: enable ? false : disable })
  if (Object.keys(body).length === 0)
    throw new UsageError('Nothing to change was given.', 'one of the options of `tocsin tenants update --help`')
  return withServer(io, command, async (context) =>
    context.show(await context.client.call('PATCH', path`/v1/tenants/${id}`, { body }), ROW),
  )
}
