/** `tocsin init`: settings, sealing key, database, tenant and the first operator key. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../src/index.js'
import type { GlobalOptions } from './lib/endpoint.js'
import { Failure, UsageError } from './lib/failure.js'
import type { Io } from './lib/io.js'

export function addInit(program: Command, io: Io): void {
  const command = program
    .command('init')
    .description('create tocsin.yaml, a sealing key, the database and the first operator key (shown once)')
    .argument('[folder]', 'where; default: here')
    .option('--database <url>', 'a PostgreSQL database instead of a file; its password stays out of the settings')
    .action((folder: string | undefined, _: unknown, command: Command) =>
      init(io, resolve(io.folder, folder ?? '.'), command.optsWithGlobals()),
    )
  command
    .command('plugin')
    .description('create a package with a plug-in in TypeScript, its test and recorded events')
    .argument('<folder>', 'where; its name is that of the plug-in')
    .action(async (folder: string) => {
      const { createPlugin } = await import('./lib/plugin-template.js')
      io.out(createPlugin(resolve(io.folder, folder)))
    })
}

interface Options extends GlobalOptions {
  readonly database?: string
}

async function init(io: Io, folder: string, { json, database: url }: Options): Promise<void> {
  const { createHub, createRingKey, loadConfig } = await import('../src/index.js')
  const { starterFile } = await import('./lib/starter.js')
  const [settings, keyFile, file] = [
    join(folder, 'tocsin.yaml'),
    join(folder, 'sealing.key'),
    join(folder, 'tocsin.db'),
  ]
  refuseToOverwrite([settings, keyFile, ...(url === undefined ? [file] : [])])
  const environment = storeSettings(io.environment)
  const flags = [
    { flag: 'init', path: 'log.level', value: 'error' },
    ...(url === undefined ? [] : [{ flag: '--database', path: 'database', value: url }]),
  ]
  if (url !== undefined) await refuseToShare(url, loadConfig({ folder, environment, flags }).config.store)
  mkdirSync(folder, { recursive: true })
  // `wx`: what appeared meanwhile is not overwritten either.
  writeFileSync(keyFile, `${createRingKey(randomBytes)}\n`, { mode: 0o600, flag: 'wx' })
  writeFileSync(settings, starterFile({ database: await databaseSetting(url), 'sealing.keyFile': 'sealing.key' }), {
    mode: 0o600,
    flag: 'wx',
  })
  const { config } = loadConfig({ file: settings, environment, flags })
  const hub = await createHub({ config })
  // Its log and index take the same mode from it.
  if (url === undefined) chmodSync(file, 0o600)
  try {
    const { id, key } = await hub.keys.create(hub.local, { name: 'first operator', roles: ['operator'] })
    const made = { folder, tenant: hub.local.tenant, id, key }
    if (json) io.out(JSON.stringify(made))
    else tell(io, { ...made, file: url === undefined ? ', tocsin.db' : '' })
  } finally {
    await hub.close()
  }
}

/** How to reach the database, and its schema, as `tocsin serve` will be told; the rest is in the new settings. */
const storeSettings = (environment: Io['environment']): Io['environment'] =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith('TOCSIN_STORE_')))

/** The password is somebody else's to keep: PGPASSWORD, the password file, or TOCSIN_DATABASE. */
async function databaseSetting(url: string | undefined): Promise<string> {
  if (url === undefined) return 'tocsin.db'
  const { leavePasswordOut } = await import('../src/index.js')
  return JSON.stringify(leavePasswordOut(url))
}

/** @throws Failure when it is no URL of PostgreSQL, or when there is an instance already */
async function refuseToShare(url: string, store: Config['store']): Promise<void> {
  const { inspectDatabase, isPostgres } = await import('../src/index.js')
  if (!isPostgres(url))
    throw new UsageError('--database is no URL of PostgreSQL.', 'postgres://USER:PASSWORD@HOST:PORT/DATABASE')
  const { schema, version } = await inspectDatabase(url, store)
  if (version === 0) return
  throw new Failure({
    code: 'already_exists',
    message: `The database holds an instance already, in its schema ${schema}.`,
    expected: 'another database; or only the settings of the first node, with the same sealing key',
  })
}

/** All or nothing: a folder that has any of it is left as it is. */
function refuseToOverwrite(files: readonly string[]): void {
  const there = files.find((file) => existsSync(file))
  if (there === undefined) return
  throw new Failure({
    code: 'already_exists',
    message: `${there} is already there.`,
    expected: 'a folder without an instance',
  })
}

interface Made {
  readonly folder: string
  readonly tenant: string
  readonly id: string
  readonly key: string
  /** What else was made there. */
  readonly file: string
}

function tell(io: Io, made: Made): void {
  io.out(`In ${made.folder}: tocsin.yaml (settings), sealing.key (keep a copy apart from the database)${made.file}.`)
  io.out(`Operator key of tenant ${made.tenant}, shown this once:\n\n  ${made.key}\n`)
  io.out('Next: tocsin serve, and in another terminal: tocsin login')
}
