/** `tocsin transactions`: what became of everything that was published under one transaction id. */
import type { Command } from 'commander'
import { span } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import { Failure } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, type Column } from './lib/table.js'
import { counted } from './lib/text.js'

const ROW: readonly Column[] = [
  ['transaction', 'transactionId'],
  ['settled', (item) => (at(item, 'settled') === true ? 'yes' : 'no')],
  ['suspended', (item) => (at(item, 'suspended') === true ? 'yes' : undefined)],
  ['events', 'events'],
  ['failed', 'failed'],
  ['processing', (item) => statesOf(at(item, 'processing'))],
  ['deliveries', (item) => statesOf(at(item, 'tasks'))],
]

/** `done 3, due 1` */
const statesOf = (states: unknown): string =>
  Object.entries(states ?? {})
    .map(([state, number]) => `${state} ${number}`)
    .join(', ')

export function addTransactions(program: Command, io: Io): void {
  const transactions = program
    .command('transactions')
    .description('show what became of a transaction, and wait until its processors have ended')
  transactions
    .command('show')
    .description('its events, and the tasks of processors and subscriptions by state')
    .argument('<id>', 'the transaction id')
    .action((id: string, _: unknown, command: Command) =>
      withServer(io, command, async (context) =>
        context.show(await context.client.call('GET', path`/v1/transactions/${id}`), ROW),
      ),
    )
  transactions
    .command('wait')
    .description('until no processor of it is unfinished; exit code 1 if it takes longer, or one of them failed')
    .argument('<id>', 'the transaction id')
    .option('--timeout <span>', 'at most so long, such as 90s (default: 60s)', span)
    .action((id: string, { timeout = 60_000 }: { readonly timeout?: number }, command: Command) =>
      withServer(io, command, (context) => wait(context, id, timeout)),
    )
}

/** Seconds a single question waits: shorter than what stands between us and the server may cut. */
const LONGEST = 30

async function wait(context: Context, id: string, timeout: number): Promise<void> {
  const { client, io } = context
  const end = io.now() + timeout
  for (;;) {
    const seconds = Math.max(0, Math.min(LONGEST, Math.ceil((end - io.now()) / 1000)))
    const query = { wait: seconds }
    const view = await client.call('GET', path`/v1/transactions/${id}`, { query, signal: io.signal }).catch(stopped(io))
    if (at(view, 'settled') === true) return conclude(context, view)
    if (io.now() < end) continue
    context.show(view, ROW)
    throw new Failure({
      code: 'not_settled',
      message: 'Processors of the transaction are still unfinished, or an event of it is suspended.',
    })
  }
}

/** Whoever has had enough is told so, in words. */
const stopped = (io: Io) => (error: unknown) => {
  throw io.signal.aborted ? new Failure({ code: 'stopped', message: 'Stopped before it was settled.' }) : error
}

/** @throws Failure when something of it failed */
function conclude(context: Context, view: unknown): void {
  context.show(view, ROW)
  const failed = Number(at(view, 'failed') ?? 0)
  if (failed > 0)
    throw new Failure({
      code: 'failed',
      message: `${counted(failed, 'chain', 'chains')} of processors failed for good.`,
    })
}
