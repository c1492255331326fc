/** `tocsin serve`: runs the instance until it is told to stop. */
import type { Command } from 'commander'
import type { Flag } from '../src/index.js'
import { gather } from './lib/arguments.js'
import type { Io } from './lib/io.js'
import { type SettingOptions, settingsOf } from './lib/settings.js'

interface Options extends SettingOptions {
  readonly host?: string
  readonly port?: string
  readonly database?: string
}

export function addServe(program: Command, io: Io): void {
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT')
    .option('--host <address>', 'server.host')
    .option('--port <number>', 'server.port; 0 takes a free one')
    .option('--database <file-or-url>', 'database')
    .option('--set <path=value>', 'any other setting; may be repeated', gather)
    .action(async (_: unknown, command: Command) => {
      const options: Options = command.optsWithGlobals()
      const read = async () => (await settingsOf(options, io, flagsOf(options))).config
      const config = await read()
      const { serve } = await import('../server/main.js')
      const instance = await serve(config, { reread: read })
      io.err(`Listening at ${instance.url}\n`)
      io.err(`Amazon SQS and SNS: AWS_ENDPOINT_URL=${instance.url}, with a key of \`tocsin aws keys create\`\n`)
      await aborted(io.signal)
      io.err('Stopping: what is under way is finished first.\n')
      await instance.close()
      io.err('Stopped.\n')
    })
}

const FLAGS = [
  ['host', 'server.host'],
  ['port', 'server.port'],
  ['database', 'database'],
] as const

const flagsOf = (options: Options): readonly Flag[] =>
  FLAGS.flatMap(([name, path]) =>
    options[name] === undefined ? [] : [{ flag: `--${name}`, path, value: options[name] }],
  )

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })))
