/** `tocsin resources`: what events are about: who owns what, what is linked with what. */
import type { Command } from 'commander'
import { given, integer, names, pairs } from './lib/arguments.js'
import { type Call, path } from './lib/client.js'
import { type Context, list, type Paging, withServer } from './lib/context.js'
import { UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'
import { block, safe } from './lib/text.js'
import { addResourceImport } from './resources-import.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['type', 'type'],
  ['owner', 'owner'],
  ['status', 'status'],
  ['revision', 'revision'],
  ['updated', 'updatedAt'],
]

const LINK_ROW: readonly Column[] = [
  ['from', 'from'],
  ['relation', 'relation'],
  ['to', 'to'],
  ['strong', 'strong'],
]

interface State {
  readonly owner?: string
  readonly status?: string
  readonly set?: Readonly<Record<string, unknown>>
}

interface Expected {
  readonly revision?: number
}

const stated = (command: Command): Command =>
  command
    .option('--owner <id>', 'the resource that owns it')
    .option('--status <status>', 'such as active or suspended')
    .option('--set <name=value>', 'a property; null removes it; may be repeated', pairs)

const expecting = (command: Command): Command =>
  command.option('--revision <number>', 'only if it is still at this revision', integer(1, Number.MAX_SAFE_INTEGER))

const bodyOf = ({ owner, status, set }: State) => given({ owner, status, properties: set })

export function addResources(program: Command, io: Io): void {
  const resources = program
    .command('resources')
    .description('list, show, create, import, update, remove, link and unlink resources, list links')
  resources
    .command('list')
    .description('resources by id')
    .option('--types <names>', 'of these types', names)
    .option('--owner <id>', 'of this owner')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action(({ types, owner, ...paging }: { types?: readonly string[]; owner?: string } & Paging, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await list(context, '/v1/resources', { type: types, owner }, paging), ROW),
      ),
    )
  addChanges(resources, io)
  addResourceImport(resources, io)
  addLinks(resources, io)
  addSubscriptionChanges(resources, io)
}

function addChanges(resources: Command, io: Io): void {
  resources
    .command('show')
    .description('one resource with its links')
    .argument('<id>', 'its id')
    .action((id: string, _: unknown, command: Command) => withServer(io, command, (context) => show(context, id)))
  stated(
    resources
      .command('create')
      .description('create a resource')
      .argument('<id>')
      .requiredOption('--type <type>', 'such as device or user'),
  ).action((id: string, options: State & { type: string }, command: Command) =>
    change(io, command, 'POST', '/v1/resources', {
      body: { id, type: options.type, ...bodyOf(options) },
    }),
  )
  expecting(
    stated(resources.command('update').description('change what is given, keep the rest').argument('<id>')),
  ).action((id: string, options: State & Expected, command: Command) => update(io, command, id, options))
  expecting(resources.command('remove').description('remove a resource and its links').argument('<id>')).action(
    (id: string, { revision }: Expected, command: Command) =>
      change(io, command, 'DELETE', path`/v1/resources/${id}`, { headers: ifMatch(revision) }),
  )
}

interface Linked extends Expected {
  readonly strong?: true
}

function addLinks(resources: Command, io: Io): void {
  const link = (name: string, description: string): Command =>
    expecting(
      resources.command(name).description(description).argument('<from>').argument('<relation>').argument('<to>'),
    )
  const at = (from: string, relation: string, to: string): string => path`/v1/resources/${from}/links/${relation}/${to}`
  link('link', 'link two resources')
    .option('--strong', 'the second cannot be removed while the link holds')
    .action((from: string, relation: string, to: string, { strong, revision }: Linked, command: Command) =>
      change(io, command, 'PUT', at(from, relation, to), { body: given({ strong }), headers: ifMatch(revision) }),
    )
  resources
    .command('links')
    .description('links from and to a resource, by their other ends')
    .argument('<id>')
    .option('--relation <name>', 'of this relation')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((id: string, { relation, ...paging }: { relation?: string } & Paging, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await list(context, path`/v1/resources/${id}/links`, { relation }, paging), LINK_ROW),
      ),
    )
  link('unlink', 'end a link').action(
    (from: string, relation: string, to: string, { revision }: Expected, command: Command) =>
      change(io, command, 'DELETE', at(from, relation, to), { headers: ifMatch(revision) }),
  )
}

interface Renewal extends Expected {
  readonly period: number
  readonly unit: string
  readonly from?: string
  readonly until?: string
}

/** Of resources that are subscriptions: what a customer has bought. */
function addSubscriptionChanges(resources: Command, io: Io): void {
  const of = (name: string, description: string): Command =>
    expecting(resources.command(name).description(description).argument('<id>'))
  of('bind-domain', 'bind a subscription to a domain')
    .argument('<domain>')
    .option('--child <id>', 'the subscription that belongs to the domain')
    .action((id: string, domain: string, { child, revision }: Expected & { child?: string }, command: Command) =>
      change(io, command, 'POST', path`/v1/resources/${id}/domains`, {
        body: { domain, ...given({ childId: child }) },
        headers: ifMatch(revision),
      }),
    )
  of('limits', 'change the limits of a subscription')
    .requiredOption('--set <name=value>', 'a limit; null removes it; may be repeated', pairs)
    .action((id: string, { set, revision }: Expected & Required<Pick<State, 'set'>>, command: Command) =>
      change(io, command, 'PATCH', path`/v1/resources/${id}/limits`, {
        body: { limits: set },
        headers: ifMatch(revision),
      }),
    )
  of('renew', 'tell that the renewal of a subscription begins')
    .requiredOption('--period <number>', 'length of the new period', integer(1, 1_000_000))
    .requiredOption('--unit <unit>', 'such as month')
    .option('--from <time>', 'start of the new period')
    .option('--until <time>', 'end of the present period')
    .action((id: string, { period, unit, from, until, revision }: Renewal, command: Command) =>
      change(io, command, 'POST', path`/v1/resources/${id}/renewals`, {
        body: { period, periodType: unit, ...given({ startDate: from, expirationDate: until }) },
        headers: ifMatch(revision),
      }),
    )
}

async function show(context: Context, id: string): Promise<void> {
  const resource = await context.client.call('GET', path`/v1/resources/${id}`)
  if (context.json) context.show(resource)
  else context.io.out(block(resource))
}

function update(io: Io, command: Command, id: string, { revision, ...state }: State & Expected): Promise<void> {
  const body = bodyOf(state)
  if (Object.keys(body).length === 0) throw new UsageError('Nothing to change was given.', '--owner, --status or --set')
  return change(io, command, 'PATCH', path`/v1/resources/${id}`, { body, headers: ifMatch(revision) })
}

/** A revision is its ETag. */
const ifMatch = (revision: number | undefined): Readonly<Record<string, string>> =>
  revision === undefined ? {} : { 'if-match': `"${revision}"` }

const change = (
  io: Io,
  command: Command,
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  to: string,
  call: Pick<Call, 'body' | 'headers'> = {},
): Promise<void> =>
  withServer(io, command, async (context) => {
    const answer = await context.client.call(method, to, call)
    context.done(answer, told(answer))
  })

/** The resource as it is now, and the events the change gave. */
function told(answer: unknown): string {
  const receipts = at(answer, 'receipts')
  const events = Array.isArray(receipts) ? receipts.map((receipt) => safe(String(at(receipt, 'type')))) : []
  const { id, revision } = { id: at(answer, 'resource.id'), revision: at(answer, 'resource.revision') }
  return `${safe(String(id))} is at revision ${revision}. Events: ${events.join(', ') || 'none'}.`
}
