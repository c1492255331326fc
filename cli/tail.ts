/** `tocsin tail`: events as they are admitted. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { names, point } from './lib/arguments.js'
import { type Context, withServer } from './lib/context.js'
import { readStream } from './lib/event-stream.js'
import { Failure, inOneLine } from './lib/failure.js'
import type { Io } from './lib/io.js'
import { at, cell } from './lib/table.js'
import { cut } from './lib/text.js'
import { shortSequence } from './lib/views.js'

interface Options {
  readonly types?: readonly string[]
  readonly since?: string | number
}

export function addTail(program: Command, io: Io): void {
  program
    .command('tail')
    .description('follow events as they are admitted')
    .option('--types <names>', 'only these event types', names)
    .option('--since <point>', 'first what came after this sequence or time', point)
    .action((options: Options, command: Command) => withServer(io, command, (context) => tail(context, options)))
}

/** Follows until the person has had enough; a broken line is taken up where it broke. */
async function tail(context: Context, options: Options): Promise<void> {
  const { signal } = context.io
  let after = await startOf(context, options.since)
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      for await (const { id, data } of await follow(context, options.types, after)) {
        failures = 0
        after = id ?? after
        show(context, id, JSON.parse(data))
      }
    } catch (error) {
      if (signal.aborted) return
      if (error instanceof Failure && (error.facts.code !== 'unavailable' || (failures === 0 && after === null)))
        throw error
      context.io.err(`${error instanceof Failure ? inOneLine(error.facts) : 'The line broke.'} Trying again.\n`)
    }
    await sleep(Math.min(30_000, 500 * 2 ** failures), null, { signal }).catch(() => null)
  }
}

async function follow({ client, io }: Context, types: readonly string[] | undefined, after: string | null) {
  const headers = { accept: 'text/event-stream', ...(after !== null && { 'last-event-id': after }) }
  const answer = await client.open('GET', '/v1/events/tail', { query: { type: types }, headers, signal: io.signal })
  return readStream(answer.body)
}

/** A sequence stands; for a time, the sequence of the last event before it. */
async function startOf({ client }: Context, since: string | number | undefined): Promise<string | null> {
  if (since === undefined) return null
  if (typeof since === 'number') return String(since)
  const page = await client.call('GET', '/v1/events', { query: { till: since, state: 'admitted', limit: 1 } })
  const items = at(page, 'items')
  const sequence = at(Array.isArray(items) ? items[0] : null, 'sequence')
  return typeof sequence === 'string' || typeof sequence === 'number' ? String(sequence) : '0'
}

function show({ io, json }: Context, id: string | null, event: unknown): void {
  if (json) {
    io.out(JSON.stringify(event))
    return
  }
  const parts = [shortSequence(id), at(event, 'time'), at(event, 'type'), at(event, 'subject'), at(event, 'data')].map(
    cell,
  )
  const line = parts.join('  ')
  io.out(io.terminal ? cut(line, io.columns) : line)
}
