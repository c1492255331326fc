/** `tocsin explain`: why a subscription hears of an event, or does not, decision by decision. */
import type { Command } from 'commander'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { at, cell } from './lib/table.js'

export function addExplain(program: Command, io: Io): void {
  program
    .command('explain')
    .description('why a subscription hears of an event, or does not')
    .argument('<event>', "the event's id")
    .argument('<subscription>', "the subscription's id")
    .option('--source <uri>', "the event's source, where several systems used the id")
    .action((event: string, subscription: string, { source }: { source?: string }, command: Command) =>
      withServer(io, command, (context) => explain(context, event, subscription, source)),
    )
}

async function explain(
  context: Context,
  event: string,
  subscription: string,
  source: string | undefined,
): Promise<void> {
  const query = { event, source }
  const explanation = await context.client.call('GET', path`/v1/subscriptions/${subscription}/explain`, { query })
  if (context.json) context.show(explanation)
  else context.io.out(explained(explanation))
}

/** The verdict, then each decision: `+` it passed, `-` it did not. */
function explained(explanation: unknown): string {
  const decisions = at(explanation, 'decisions')
  const verdict = at(explanation, 'told') === true ? 'It is told.' : 'It is not told.'
  const lines = (Array.isArray(decisions) ? decisions : []).map(
    (decision) =>
      `${at(decision, 'passed') === true ? '+' : '-'} ${cell(at(decision, 'step'))}: ${cell(at(decision, 'text'))}`,
  )
  return [verdict, ...lines].join('\n')
}
