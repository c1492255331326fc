/** `tocsin erase`: what is told of a person goes; ids, hashes and an audit row stay. */
import type { Command } from 'commander'
import { withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at } from './lib/table.js'
import { counted } from './lib/text.js'

const HELP = `
Blanked are the events about the subject and those whose super owner it is, what was tried and answered on the way, and the
properties of its resource. Deliveries that were not finished end. A SQLite file is rewritten, while writing waits, unless
--no-compact says that another erasure follows. Backups are not touched.`

export function addErase(program: Command, io: Io): void {
  program
    .command('erase')
    .description('erase what is told of a person')
    .argument('<subject>', 'its id')
    .option('--dry-run', 'only count')
    .option('--no-compact', 'do not rewrite the SQLite file yet')
    .addHelpText('after', HELP)
    .action((subject: string, options: { dryRun?: true; compact: boolean }, command: Command) =>
      withServer(io, command, async ({ client, done }) => {
        const body = { subject, dryRun: options.dryRun === true, compact: options.compact }
        const answer = await client.call('POST', '/v1/erase', { body })
        done(answer, told(answer))
      }),
    )
}

function told(answer: unknown): string {
  const number = (member: string) => Number(at(answer, member))
  const parts = [
    counted(number('events'), 'event', 'events'),
    counted(number('attempts'), 'attempt', 'attempts'),
    counted(number('results'), 'result', 'results'),
    counted(number('resources'), 'resource', 'resources'),
    counted(number('inbox'), 'inbox row', 'inbox rows'),
  ].join(', ')
  const tasks = counted(number('tasks'), 'unfinished delivery', 'unfinished deliveries')
  return at(answer, 'dryRun') === true
    ? `Would be erased: ${parts}; ${tasks} would end.`
    : `Erased: ${parts}; ${tasks} ended.`
}
