/** `tocsin config`: the settings in force, secrets masked. */
import type { Command } from 'commander'
import { gather } from './lib/arguments.js'
import type { Io } from './lib/io.js'
import { type SettingOptions, settingsOf } from './lib/settings.js'
import { safe } from './lib/text.js'
import { yaml } from './lib/yaml.js'

export function addConfig(program: Command, io: Io): void {
  program
    .command('config')
    .description('print the settings in force, secrets masked')
    .option('--set <path=value>', 'a setting, laid over file and environment; may be repeated', gather)
    .action((_: unknown, command: Command) => printSettings(io, command.optsWithGlobals()))
}

async function printSettings(io: Io, options: SettingOptions): Promise<void> {
  const { printConfig } = await import('../src/index.js')
  const { config, file } = await settingsOf(options, io)
  const text = printConfig(config)
  if (options.json) return io.out(JSON.stringify(yaml().parse(text)))
  io.out(`# ${file === null ? 'no file was read' : safe(`from ${file}`)}, the environment and the command line`)
  io.out(text.trimEnd().split('\n').map(safe).join('\n'))
}
