/** `tocsin inbox`: what was published inside hosts' own transactions and is no event yet, or cannot be one. */
import type { Command } from 'commander'
import { integer, names } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, list, type Paging, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import type { Column } from './lib/table.js'
import { safe } from './lib/text.js'

const ROW: readonly Column[] = [
  ['entry', 'entry'],
  ['state', 'state'],
  ['received', 'receivedAt'],
  ['type', 'type'],
  ['subject', 'subject'],
  ['source', 'source'],
  ['id', 'id'],
  ['code', 'code'],
  ['message', 'message'],
]
const ENTRY: readonly Column[] = [...ROW, ['kind', 'kind'], ['principal', 'principal'], ['event', 'event']]

export function addInbox(program: Command, io: Io): void {
  const inbox = program
    .command('inbox')
    .description("list, show, retry and drop what was published inside hosts' own transactions and is no event yet")
  inbox
    .command('list')
    .description('entries, oldest first')
    .option('--states <names>', 'pending, refused', names)
    .option('--limit <number>', 'at most so many', integer(1, 1_000_000), 50)
    .option('--all', 'without a limit')
    .action(({ states: state, ...paging }: Paging & { readonly states?: readonly string[] }, command: Command) =>
      withServer(io, command, async (context) =>
        context.showAll(await list(context, '/v1/inbox', { state }, paging), ROW),
      ),
    )
  one('show', 'an entry with its event', async (context, entry) =>
    context.show(await context.client.call('GET', path`/v1/inbox/${entry}`), ENTRY),
  )
  one('retry', 'try again what was refused; what was judged in the call is not judged again', async (context, entry) =>
    context.show(await context.client.call('POST', path`/v1/inbox/${entry}/retry`), ROW),
  )
  one('drop', 'it never becomes an event', async (context, entry) => {
    await context.client.call('DELETE', path`/v1/inbox/${entry}`)
    context.done({ entry, dropped: true }, `${safe(entry)} is dropped.`)
  })

  function one(name: string, description: string, run: (context: Context, entry: string) => Promise<void>): void {
    inbox
      .command(name)
      .description(description)
      .argument('<entry>', 'its number, as `tocsin inbox list` shows it')
      .action((entry: string, _: unknown, command: Command) =>
        withServer(io, command, (context) => run(context, entry)),
      )
  }
}
