/** `tocsin backup`: a consistent copy of the database, while the server goes on. */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Failure } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { type SettingOptions, settingsOf } from './lib/settings.js'
import { count } from './lib/text.js'

export function addBackup(program: Command, io: Io): void {
  program
    .command('backup')
    .description('copy the database to a new file, while a server may go on; the sealing key is not in it')
    .argument('<file>', 'must not exist')
    .action((file: string, _: unknown, command: Command) =>
      backup(io, resolve(io.folder, file), command.optsWithGlobals()),
    )
}

async function backup(io: Io, file: string, options: SettingOptions): Promise<void> {
  const { copyDatabase, damageIn, reading } = await import('./lib/database.js')
  const { withFile } = await import('./lib/offline.js')
  const { database } = withFile((await settingsOf(options, io)).config)
  if (existsSync(file))
    throw new Failure({ code: 'already_exists', message: `${file} is already there.`, expected: 'a new file' })
  copyDatabase(database, file)
  const damage = reading(file, damageIn)
  if (damage !== null) throw new Failure({ code: 'internal', message: `The copy ${file} is not whole. ${damage}` })
  const { size } = statSync(file)
  io.out(
    options.json
      ? JSON.stringify({ file, bytes: size })
      : `${file}: ${count(size)} bytes, checked. Keep the sealing key apart from it.`,
  )
}
