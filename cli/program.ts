/**
 * The command line: one command a file, gathered here, and how its failures end the process.
 */
import { Command, CommanderError } from 'commander'
import { addAws } from './aws.js'
import { addBackup } from './backup.js'
import { addCapture } from './capture.js'
import { addConfig } from './config.js'
import { addDefinitions } from './definitions.js'
import { addDoctor } from './doctor.js'
import { addErase } from './erase.js'
import { addEvents } from './events.js'
import { addExplain } from './explain.js'
import { addImport } from './import.js'
import { addInbox } from './inbox.js'
import { addInit } from './init.js'
import { addKeys } from './keys.js'
import { factsOf, inOneLine } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { VERSION } from './lib/version.js'
import { addLogin } from './login.js'
import { addNodes } from './nodes.js'
import { addPartitions } from './partitions.js'
import { addPlugins } from './plugins.js'
import { addProcessing } from './processing.js'
import { addProcessors } from './processors.js'
import { addPublish } from './publish.js'
import { addReplay } from './replay.js'
import { addResources } from './resources.js'
import { addRestore } from './restore.js'
import { addServe } from './serve.js'
import { addSubscriptions } from './subscriptions.js'
import { addTail } from './tail.js'
import { addTasks } from './tasks.js'
import { addTenants } from './tenants.js'
import { addTransactions } from './transactions.js'
import { addTransports } from './transports.js'
import { addTypes } from './types.js'

const HELP = `
Server and key come from --server and --key, else TOCSIN_SERVER and TOCSIN_KEY, else what \`tocsin login\` kept.
A key on the command line can be seen by others on this machine; the environment or \`tocsin login\` is better.
Exit code 0: done; 1: it failed; 2: the command was called wrongly.`

const COMMANDS = [
  addInit,
  addServe,
  addLogin,
  addPublish,
  addTail,
  addEvents,
  addInbox,
  addSubscriptions,
  addTasks,
  addTransactions,
  addExplain,
  addReplay,
  addResources,
  addTypes,
  addTransports,
  addProcessors,
  addDefinitions,
  addPlugins,
  addErase,
  addImport,
  addCapture,
  addProcessing,
  addKeys,
  addAws,
  addTenants,
  addNodes,
  addPartitions,
  addBackup,
  addRestore,
  addConfig,
  addDoctor,
]

function createProgram(io: Io): Command {
  const program = new Command('tocsin')
    .description('Tells every system that must know, the moment an identity changes.')
    .version(VERSION, '--version', 'print the version')
    .option('--server <url>', 'the server to speak to')
    .option('--key <key>', 'the key to show it')
    .option('--tenant <id>', 'the tenant to act on (operators)')
    .option('--config <file>', 'the settings, for commands that open the database (default: tocsin.yaml)')
    .option('--json', 'answers for machines: one object, or a line for each')
    .addHelpText('after', HELP)
  for (const add of COMMANDS) add(program, io)
  return quiet(program, io)
}

/** Commander writes where we say and never ends the process itself. Subcommands were made before: each is told. */
function quiet(command: Command, io: Io): Command {
  command.exitOverride().configureOutput({ writeOut: (text) => io.out(text.trimEnd()), writeErr: io.err })
  command.showHelpAfterError('(--help tells more)')
  for (const child of command.commands) quiet(child, io)
  return command
}

/** Runs one command; answers the exit code. */
export async function run(words: readonly string[], io: Io): Promise<number> {
  const program = createProgram(io)
  try {
    await program.parseAsync(words, { from: 'user' })
    return 0
  } catch (error) {
    return codeOf(error, program.opts().json === true, io)
  } finally {
    io.prompt?.close()
  }
}

function codeOf(error: unknown, json: boolean, io: Io): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const facts = factsOf(error)
  io.err(json ? `${JSON.stringify({ error: facts })}\n` : `tocsin: ${inOneLine(facts)}\n`)
  return facts.code === 'usage' ? 2 : 1
}
