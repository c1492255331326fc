/**
 * Opening the instance's own database, for the few commands that must. The lock of a file refuses while a server has it; a
 * PostgreSQL is shared.
 */
import { existsSync } from 'node:fs'
import { type Config, createHub, type Hub, isPostgres, ROLES, type Role, SCOPES, type Scope } from '../../src/index.js'
import { Failure, UsageError } from './failure.js'
import type { Io } from './io.js'
import { type SettingOptions, settingsOf } from './settings.js'

export interface Readers {
  readRoles(names: readonly string[]): readonly Role[]
  readScopes(names: readonly string[]): readonly Scope[]
}

const READERS: Readers = {
  readRoles: (names) => known(names, ROLES, 'role'),
  readScopes: (names) => known(names, SCOPES, 'scope'),
}

function known<T extends string>(names: readonly string[], all: readonly T[], what: string): readonly T[] {
  return names.map((name) => {
    const found = all.find((one) => one === name)
    if (found === undefined)
      throw new UsageError(`${JSON.stringify(name)} is not a ${what}.`, `one of ${all.join(', ')}`)
    return found
  })
}

/** @throws Failure when there is no database yet; Unavailable when another process has it. */
export async function withHub(
  io: Io,
  options: SettingOptions,
  run: (hub: Hub, readers: Readers) => Promise<void>,
): Promise<void> {
  const { config } = await settingsOf(options, io, [{ flag: 'offline', path: 'log.level', value: 'error' }])
  const hub = await createHub({ config: isPostgres(config.database) ? config : withFile(config) })
  try {
    await run(hub, READERS)
  } finally {
    await hub.close()
  }
}

/** @throws Failure when the file is not there, as opening would make an empty one, or when the database is no file. */
export function withFile(config: Config): Config {
  if (isPostgres(config.database))
    throw new Failure({
      code: 'wrong_state',
      message: 'The database is on a PostgreSQL server: there is no file to copy or to replace.',
      field: 'database',
      expected: 'pg_dump and pg_restore, or a base backup of the whole server',
    })
  if (config.database !== 'memory' && existsSync(config.database)) return config
  throw new Failure({
    code: 'not_found',
    message: `There is no database ${config.database}.`,
    field: 'database',
    expected: 'a file, such as `tocsin init` makes',
  })
}
