/** `tocsin init`: settings, sealing key, database, tenant and the first operator key. */
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import type { GlobalOptions } from './lib/endpoint.js'
import { Failure } from './lib/failure.js'
import type { Io } from './lib/io.js'

export function addInit(program: Command, io: Io): void {
  program
    .command('init')
    .description('create tocsin.yaml, a sealing key, the database and the first operator key (shown once)')
    .argument('[folder]', 'where; default: here')
    .action((folder: string | undefined, _: unknown, command: Command) =>
      init(io, resolve(io.folder, folder ?? '.'), command.optsWithGlobals()),
    )
}

async function init(io: Io, folder: string, { json }: GlobalOptions): Promise<void> {
  const { createHub, createRingKey, loadConfig } = await import('../src/index.js')
  const { starterFile } = await import('./lib/starter.js')
  const [settings, keyFile, database] = [
    join(folder, 'tocsin.yaml'),
    join(folder, 'sealing.key'),
    join(folder, 'tocsin.db'),
  ]
  refuseToOverwrite([settings, keyFile, database])
  mkdirSync(folder, { recursive: true })
  // `wx`: what appeared meanwhile is not overwritten either.
  writeFileSync(keyFile, `${createRingKey(randomBytes)}\n`, { mode: 0o600, flag: 'wx' })
  writeFileSync(settings, starterFile({ database: 'tocsin.db', 'sealing.keyFile': 'sealing.key' }), {
    mode: 0o600,
    flag: 'wx',
  })
  const { config } = loadConfig({ file: settings, flags: [{ flag: 'init', path: 'log.level', value: 'error' }] })
  const hub = await createHub({ config })
  // Its log and index take the same mode from it.
  chmodSync(database, 0o600)
  try {
    const { id, key } = await hub.keys.create(hub.local, { name: 'first operator', roles: ['operator'] })
    const made = { folder, tenant: hub.local.tenant, id, key }
    if (json) io.out(JSON.stringify(made))
    else tell(io, made)
  } finally {
    await hub.close()
  }
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
}

function tell(io: Io, made: Made): void {
  io.out(`In ${made.folder}: tocsin.yaml (settings), sealing.key (keep a copy apart from the database), tocsin.db.`)
  io.out(`Operator key of tenant ${made.tenant}, shown this once:\n\n  ${made.key}\n`)
  io.out('Next: tocsin serve, and in another terminal: tocsin login')
}
