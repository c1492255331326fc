/**
 * The settings of the instance, for the commands that open its database or run it.
 */
import type { Flag, LoadedConfig } from '../../src/index.js'
import type { GlobalOptions } from './endpoint.js'
import { UsageError } from './failure.js'
import type { Io } from './io.js'

export interface SettingOptions extends GlobalOptions {
  readonly set?: readonly string[]
}

/**
 * @throws InvalidInput `invalid_config`
 * @throws UsageError for a `--set` that is not PATH=VALUE.
 */
export async function settingsOf(options: SettingOptions, io: Io, flags: readonly Flag[] = []): Promise<LoadedConfig> {
  // The library is loaded only by the commands that need it: the others start in half the time.
  const { loadConfig } = await import('../../src/index.js')
  const file = options.config ?? io.environment.TOCSIN_CONFIG
  return loadConfig({
    ...(file !== undefined && { file }),
    folder: io.folder,
    environment: io.environment,
    flags: [...(options.set ?? []).map(flagOf), ...flags],
  })
}

function flagOf(text: string): Flag {
  const cut = text.indexOf('=')
  if (cut < 1) throw new UsageError(`--set ${text} is not PATH=VALUE.`, 'such as --set server.port=8080')
  const path = text.slice(0, cut)
  return { flag: `--set ${path}`, path, value: text.slice(cut + 1) }
}
