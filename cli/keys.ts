/** `tocsin keys`: who may call. `create --offline` opens the database itself, for when no key is left. */
import type { Command } from 'commander'
import { given, integer, names, span } from './lib/arguments.js'
import { path } from './lib/client.js'
import { list, type Paging, withServer } from './lib/context.js'
import type { GlobalOptions } from './lib/endpoint.js'
import type { Io } from './lib/io.js'
import { at, type Column, fields } from './lib/table.js'
import { safe } from './lib/text.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['name', 'name'],
  ['roles', 'roles'],
  ['scopes', 'scopes'],
  ['resource', 'resource'],
  ['created', 'createdAt'],
  ['expires', 'expiresAt'],
  ['revoked', 'revokedAt'],
]

interface NewKey {
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes?: readonly string[]
  readonly resource?: string
  readonly expires?: number
  readonly offline?: true
}

export function addKeys(program: Command, io: Io): void {
  const keys = program.command('keys').description('create, list and revoke keys')
  keys
    .command('create')
    .description('a new key, shown this once')
    .requiredOption('--name <name>', 'for people: who uses it')
    .requiredOption('--roles <names>', 'operator, admin, publisher, subscriber, reader', names)
    .option('--scopes <names>', 'narrows what the roles allow', names)
    .option('--resource <id>', 'the one resource it speaks for')
    .option('--expires <span>', 'after so long, such as 90d', span)
    .option('--offline', 'open the database instead of asking a server; a file only while none runs')
    .action((options: NewKey, command: Command) =>
      options.offline ? createOffline(io, options, command) : create(io, options, command),
    )
  keys
    .command('list')
    .description('keys, without their secrets')
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action((options: Paging, command: Command) =>
      withServer(io, command, async (context) => context.showAll(await list(context, '/v1/keys', {}, options), ROW)),
    )
  keys
    .command('revoke')
    .description('it stops working at once')
    .argument('<id>', 'as `tocsin keys list` shows it')
    .action((id: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) => {
        await context.client.call('DELETE', path`/v1/keys/${id}`)
        context.done({ id, revoked: true }, `${safe(id)} is revoked.`)
      }),
    )
}

const create = (io: Io, { name, roles, scopes, resource, expires }: NewKey, command: Command): Promise<void> =>
  withServer(io, command, async ({ client, json }) => {
    const expiresAt = expires === undefined ? undefined : new Date(io.now() + expires).toISOString()
    tell(io, json, await client.call('POST', '/v1/keys', { body: given({ name, roles, scopes, resource, expiresAt }) }))
  })

async function createOffline(
  io: Io,
  { name, roles, scopes, resource, expires }: NewKey,
  command: Command,
): Promise<void> {
  const { withHub } = await import('./lib/offline.js')
  const options: GlobalOptions = command.optsWithGlobals()
  return withHub(io, options, async (hub, { readRoles, readScopes }) => {
    const caller = options.tenant === undefined ? hub.local : { ...hub.local, tenant: options.tenant }
    const key = await hub.keys.create(caller, {
      name,
      roles: readRoles(roles),
      ...(scopes && { scopes: readScopes(scopes) }),
      ...(resource !== undefined && { resource }),
      ...(expires !== undefined && { expiresAt: new Date(io.now() + expires).toISOString() }),
    })
    tell(io, options.json === true, key)
  })
}

function tell(io: Io, json: boolean, created: unknown): void {
  if (json) {
    io.out(JSON.stringify(created))
    return
  }
  io.out(fields(created, ROW))
  io.out(`key       ${safe(String(at(created, 'key')))}`)
  io.err('It is not shown again.\n')
}
