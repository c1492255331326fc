/** `tocsin replay`: tell a subscription again what it saw. */
import type { Command } from 'commander'
import { gather, given, names, pointOr } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at } from './lib/table.js'
import { counted } from './lib/text.js'

interface Options {
  readonly from?: string | number
  readonly to?: string | number
  readonly types?: readonly string[]
  readonly subject?: string
  readonly cel?: readonly string[]
  readonly dryRun?: true
}

export function addReplay(program: Command, io: Io): void {
  program
    .command('replay')
    .description('tell a subscription again what it saw; receivers see that it is a replay')
    .argument('<subscription>', 'its id')
    .option('--from <point>', 'from this sequence or time on; earliest, which is the default', pointOr('earliest'))
    .option('--to <point>', 'up to this sequence or time; now, which is the default', pointOr('now'))
    .option('--types <names>', 'only these event types', names)
    .option('--subject <id>', 'only what is about it')
    .option('--cel <expression>', 'only events for which this holds; may be repeated', gather)
    .option('--dry-run', 'only count')
    .action((id: string, options: Options, command: Command) =>
      withServer(io, command, (context) => replay(context, id, options)),
    )
}

async function replay(context: Context, id: string, { subject, cel = [], ...options }: Options): Promise<void> {
  const filters = [...(subject === undefined ? [] : [{ exact: { subject } }]), ...cel.map((each) => ({ cel: each }))]
  const answer = await context.client.call('POST', path`/v1/subscriptions/${id}/replay`, {
    body: given({ ...options, filters: filters.length > 0 ? filters : undefined }),
  })
  const number = Number(at(answer, 'count'))
  const said = options.dryRun ? counted(number, 'event', 'events') : counted(number, 'event is', 'events are')
  context.done(answer, options.dryRun ? `${said} would be told again.` : `${said} told again.`)
}
