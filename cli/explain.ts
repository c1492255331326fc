/** `tocsin explain`: why a subscription hears of an event, or does not, decision by decision. */
import type { Command } from 'commander'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import type { Io } from './lib/io.js'
import { allFields, at, cell, isRecord } from './lib/table.js'

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
  const explanation = await context.client.call('GET', path`/v1/subscriptions/${subscription}/explain`, {
    query: { event, source },
  })
  if (context.json) return context.show(explanation)
  context.io.out(explained(explanation))
}

/** The plain fields, then the steps, a line each. */
function explained(explanation: unknown): string {
  if (!isRecord(explanation)) return cell(explanation)
  const steps = Object.values(explanation).find((value): value is readonly unknown[] => Array.isArray(value)) ?? []
  const plain = Object.fromEntries(Object.entries(explanation).filter(([, value]) => !Array.isArray(value)))
  return [allFields(plain), ...steps.map(stepLine)].join('\n')
}

function stepLine(step: unknown): string {
  const held = [at(step, 'passed'), at(step, 'holds'), at(step, 'ok')].find((value) => typeof value === 'boolean')
  const texts = isRecord(step) ? Object.values(step).filter((value) => typeof value === 'string') : [step]
  return `${held === undefined ? ' ' : held ? '+' : '-'} ${texts.map(cell).join(': ')}`
}
