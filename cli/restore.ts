/** `tocsin restore`: a backup becomes the database. Offline; the log gets a new epoch. */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { Failure } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { type SettingOptions, settingsOf } from './lib/settings.js'

interface Options extends SettingOptions {
  readonly force?: true
}

export function addRestore(program: Command, io: Io): void {
  program
    .command('restore')
    .description('make a backup the database; only while no server runs')
    .argument('<file>', 'as `tocsin backup` made it')
    .option('--force', 'replace the database that is there')
    .action((file: string, _: unknown, command: Command) =>
      restore(io, resolve(io.folder, file), command.optsWithGlobals()),
    )
}

async function restore(io: Io, file: string, options: Options): Promise<void> {
  const { damageIn, reading } = await import('./lib/database.js')
  const { isPostgres } = await import('../src/index.js')
  const { withFile } = await import('./lib/offline.js')
  const { config } = await settingsOf(options, io)
  if (isPostgres(config.database)) withFile(config)
  refuseToReplace(file, config.database, options.force === true)
  const damage = reading(file, damageIn)
  if (damage !== null)
    throw new Failure({
      code: 'invalid_request',
      message: `${file} is no backup. ${damage}`,
      expected: 'a file that `tocsin backup` made',
    })
  const epoch = await replace(file, config.database)
  io.out(
    options.json
      ? JSON.stringify({ database: config.database, epoch })
      : `${config.database} is restored. Its log has the new epoch ${epoch}.`,
  )
}

function refuseToReplace(file: string, database: string, force: boolean): void {
  if (!existsSync(file)) throw new Failure({ code: 'not_found', message: `There is no file ${file}.` })
  if (database === 'memory')
    throw new Failure({
      code: 'wrong_state',
      message: 'The database is kept in memory.',
      field: 'database',
      expected: 'a file',
    })
  if (!existsSync(database) || force) return
  throw new Failure({
    code: 'already_exists',
    message: `${database} is already there.`,
    expected: '--force to replace it, after a backup',
  })
}

/** Made beside the database and moved over it, so that a crash leaves the one or the other. The lock keeps servers away. */
async function replace(file: string, database: string): Promise<string> {
  const { lockFile, restampSqlite } = await import('../src/index.js')
  const { copyDatabase, sync } = await import('./lib/database.js')
  const made = `${database}.restoring`
  const unlock = lockFile(database)
  try {
    for (const ending of ['', '-wal', '-shm', '.lock']) rmSync(made + ending, { force: true })
    copyDatabase(file, made)
    const epoch = restampSqlite(made)
    rmSync(`${made}.lock`, { force: true })
    sync(made)
    // A log of the old database must not be read into the new one.
    for (const ending of ['-wal', '-shm']) rmSync(database + ending, { force: true })
    renameSync(made, database)
    sync(dirname(database))
    return epoch
  } finally {
    unlock()
  }
}
