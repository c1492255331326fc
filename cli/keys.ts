/** `tocsin keys`: who may call. `create --offline` opens the database itself, for when no key is left. */
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { KeyKind } from '../src/index.js'
import { given, integer, names, span, textOf } from './lib/arguments.js'
import { path } from './lib/client.js'
import { list, type Paging, withServer } from './lib/context.js'
import type { GlobalOptions } from './lib/endpoint.js'
import type { Io } from './lib/io.js'
import { at, type Column, fields } from './lib/table.js'
import { safe } from './lib/text.js'

const ROW: readonly Column[] = [
  ['id', 'id'],
  ['name', 'name'],
  ['kind', 'kind'],
  ['roles', 'roles'],
  ['scopes', 'scopes'],
  ['resource', 'resource'],
  ['created', 'createdAt'],
  ['expires', 'expiresAt'],
  ['revoked', 'revokedAt'],
]

const KINDS: readonly KeyKind[] = ['bearer', 'oauth1', 'sigv4', 'certificate']

interface NewKey {
  readonly name: string
  readonly roles: readonly string[]
  readonly scopes?: readonly string[]
  readonly resource?: string
  readonly expires?: number
  readonly kind?: KeyKind
  readonly certificate?: string
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
    .addOption(new Option('--kind <kind>', 'what it is shown by; default bearer').choices(KINDS))
    .option('--certificate <file>', 'of a TLS client, in PEM; the key is then of that kind')
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

/** Of the kind that its certificate says. */
const kindOf = ({ kind, certificate }: NewKey, io: Io) =>
  certificate === undefined
    ? given({ kind })
    : { kind: kind ?? 'certificate', certificate: textOf(resolve(io.folder, certificate)) }

const create = (io: Io, options: NewKey, command: Command): Promise<void> =>
  withServer(io, command, async ({ client, json }) => {
    const { name, roles, scopes, resource, expires } = options
    const expiresAt = expires === undefined ? undefined : new Date(io.now() + expires).toISOString()
    const body = { ...given({ name, roles, scopes, resource, expiresAt }), ...kindOf(options, io) }
    tell(io, json, await client.call('POST', '/v1/keys', { body }))
  })

async function createOffline(io: Io, asked: NewKey, command: Command): Promise<void> {
  const { name, roles, scopes, resource, expires } = asked
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
      ...kindOf(asked, io),
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
  const key = at(created, 'key')
  const secret = at(created, 'consumerSecret')
  const accessKey = at(created, 'secretAccessKey')
  if (typeof key === 'string') io.out(`key       ${safe(key)}`)
  if (typeof secret === 'string') io.out(`secret    ${safe(secret)}\nThe id is the consumer key.`)
  if (typeof accessKey === 'string')
    io.out(`AWS_ACCESS_KEY_ID=${safe(String(at(created, 'id')))}\nAWS_SECRET_ACCESS_KEY=${safe(accessKey)}`)
  if (key !== undefined || secret !== undefined || accessKey !== undefined) io.err('It is not shown again.\n')
}
