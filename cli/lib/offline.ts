/**
 * Opening the instance's own database, for the few commands that must. The store's lock refuses while a server has it.
 */
import { existsSync } from 'node:fs'
import { type Config, createHub, type Hub, ROLES, type Role, SCOPES, type Scope } from '../../src/index.js'
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
  const hub = await createHub({ config: withDatabase(config) })
  try {
    await run(hub, READERS)
  } finally {
    await hub.close()
  }
}

/** @throws Failure when the database is not there: opening would make an empty one. */
export function withDatabase(config: Config): Config {
  if (config.database !== 'memory' && existsSync(config.database)) return config
  throw new Failure({
    code: 'not_found',
    message: `There is no database ${config.database}.`,
    field: 'database',
    expected: 'a file, such as `tocsin init` makes',
  })
}
