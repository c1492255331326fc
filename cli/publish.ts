/** `tocsin publish`: events, or another system's messages, from a file or standard input. */
import type { Command } from 'commander'
import { integer } from './lib/arguments.js'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import { type Facts, Failure, factsOf, factsOfProblem, inOneLine } from './lib/failure.js'
import { openInput } from './lib/input.js'
import type { Io } from './lib/io.js'
import { Lanes } from './lib/lanes.js'
import { type Message, readMessages } from './lib/messages.js'
import { patiently } from './lib/patience.js'
import { createProgress } from './lib/progress.js'
import { showReceipt } from './lib/receipt.js'
import { at, isRecord } from './lib/table.js'
import { count, counted, safe } from './lib/text.js'

interface Options {
  readonly as?: string
  readonly source?: string
  readonly batch: number
  readonly parallel?: number
}

const HELP = `
FILE holds one JSON event, a JSON array, or JSON lines. Several batches are under way at once; events of one
partition key (else subject) stay in the order of the file. With --as each message is sent alone and, unless
--parallel says otherwise, one after the other. A line that fails is told with its number; the others go on.
Exit code 0: all were accepted; 1: some were not; 2: the command was called wrongly.`

export function addPublish(program: Command, io: Io): void {
  program
    .command('publish')
    .description('publish events from a file or standard input')
    .argument('<file>', 'a file, or - for standard input')
    .option('--as <name>', 'the messages are another system’s: translate them')
    .option('--source <uri>', 'with --as: where the messages come from, if they do not say')
    .option('--batch <number>', 'events in one request', integer(1, 1000), 100)
    .option('--parallel <number>', 'requests at once (default 4; 1 with --as)', integer(1, 64))
    .addHelpText('after', HELP)
    .action((file: string, options: Options, command: Command) =>
      withServer(io, command, (context) => publish(context, file, options)),
    )
}

/** How one message ended. */
type Ended = { readonly line: number; readonly receipt: unknown } | { readonly line: number; readonly problem: Facts }

const SHOWN = 20

async function publish(context: Context, file: string, options: Options): Promise<void> {
  const { name, bytes, size } = openInput(context.io, file)
  const run = new Run(context, name, size)
  const send = options.as === undefined ? sendBatch(context, run) : sendEach(context, run, options.as, options.source)
  const lanes = new Lanes(
    options.parallel ?? (options.as === undefined ? 4 : 1),
    options.as === undefined ? options.batch : 1,
    send,
  )
  for await (const message of readMessages(run.counted(bytes))) {
    if (context.io.signal.aborted || run.stopped) break
    if ('problem' in message)
      run.ended({ line: message.line, problem: { code: 'invalid_json', message: message.problem } })
    else await lanes.put(message)
  }
  await lanes.end()
  run.conclude()
}

const sendBatch = (context: Context, run: Run) => async (batch: readonly Message[]) => {
  if (run.stopped) return
  const text = `[${batch.map((message) => message.text).join(',')}]`
  const answer = await answered(() => context.client.call('POST', '/v1/events', { text }), context)
  if (isHopeless(answer)) return run.stop(answer, batch)
  const results = at(answer, 'results')
  for (const [index, { line }] of batch.entries()) {
    run.ended({ line, ...endOf(answer, Array.isArray(results) ? results[index] : null) })
  }
}

const sendEach =
  (context: Context, run: Run, name: string, source: string | undefined) => async (batch: readonly Message[]) => {
    for (const { line, text } of batch) {
      if (run.stopped) return
      const answer = await answered(
        () => context.client.call('POST', path`/v1/translate/${name}`, { text, query: { source } }),
        context,
      )
      if (isHopeless(answer)) return run.stop(answer, batch)
      const results = at(answer, 'results')
      if (!Array.isArray(results)) run.ended({ line, ...endOf(answer, null) })
      else for (const result of results) run.ended({ line, ...endOf(answer, result) })
    }
  }

/** The body of the answer, or the failure as a value; waits and asks again when nothing was accepted. */
async function answered(ask: () => Promise<unknown>, { io }: Context): Promise<unknown> {
  try {
    return await patiently(ask, io.signal)
  } catch (error) {
    return error
  }
}

/** What holds for every request alike: going on would only repeat it. */
const HOPELESS = ['unauthenticated', 'forbidden', 'unavailable', 'not_found']

const isHopeless = (answer: unknown): answer is Failure =>
  answer instanceof Failure && HOPELESS.includes(answer.facts.code)

function endOf(answer: unknown, result: unknown): { receipt: unknown } | { problem: Facts } {
  if (answer instanceof Error) return { problem: factsOf(answer) }
  const receipt = at(result, 'receipt')
  if (isRecord(receipt)) return { receipt }
  return { problem: withoutPlace(factsOfProblem(at(result, 'problem'), Number(at(result, 'status') ?? 500))) }
}

/** The place within a request (`events[3].`) means nothing to who wrote a file: the line does. */
const withoutPlace = (facts: Facts): Facts => ({
  ...facts,
  message: facts.message.replaceAll(PLACE, ''),
  field: facts.field?.replaceAll(PLACE, ''),
})

const PLACE = /\bevents\[\d+\]\.?/g

/** The account of one call: what was accepted, what was not, and how it is told. */
class Run {
  readonly #context: Context
  readonly #name: string
  readonly #size: number | null
  readonly #started: number
  readonly #progress
  readonly #receipts: unknown[] = []
  #bytes = 0
  #accepted = 0
  #duplicates = 0
  #failed = 0
  #stop: Failure | null = null

  constructor(context: Context, name: string, size: number | null) {
    this.#context = context
    this.#name = name
    this.#size = size
    this.#started = context.io.now()
    this.#progress = createProgress(context.io.drawing && !context.json ? context.io.err : null, context.io.columns)
  }

  /** The input, its bytes counted for the progress bar. */
  async *counted(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of input) {
      this.#bytes += chunk.length
      yield chunk
    }
  }

  get stopped(): boolean {
    return this.#stop !== null
  }

  /** Nothing more is sent; the first reason is told. */
  stop({ facts }: Failure, batch: readonly Message[]): void {
    const lines = [...new Set([batch[0]?.line, batch.at(-1)?.line])].join('-')
    const place = `Stopped at ${this.#name}:${lines}, of which it is not known whether it was accepted.`
    const lost = facts.code === 'unavailable' && facts.retryAfter === undefined
    this.#stop ??= new Failure(lost ? { ...facts, message: `${facts.message} ${place}` } : facts)
  }

  ended(end: Ended): void {
    if ('problem' in end) this.#fail(end.line, end.problem)
    else this.#accept(end.receipt)
    if (this.#context.json) this.#context.io.out(JSON.stringify(end))
    this.#draw()
  }

  #accept(receipt: unknown): void {
    this.#accepted += 1
    if (at(receipt, 'duplicate') === true) this.#duplicates += 1
    if (this.#receipts.length < 2) this.#receipts.push(receipt)
  }

  #fail(line: number, problem: Facts): void {
    this.#failed += 1
    if (this.#context.json || this.#failed > SHOWN) return
    this.#progress.clear()
    this.#context.io.err(`${safe(this.#name)}:${line}: ${inOneLine(problem)}\n`)
  }

  #draw(): void {
    const { io } = this.#context
    const share = this.#size === null ? null : this.#size === 0 ? 1 : this.#bytes / this.#size
    const progressed = { done: this.#accepted, failed: this.#failed, share, milliseconds: io.now() - this.#started }
    this.#progress.draw(progressed, io.now())
  }

  /** @throws Failure when something was not accepted. */
  conclude(): void {
    this.#progress.clear()
    if (!this.#context.json && (this.#accepted > 0 || (this.#failed !== 1 && !this.#stop))) this.#tell()
    if (this.#stop) throw this.#stop
    if (this.#failed === 0 && !this.#context.io.signal.aborted) return
    const hidden = this.#failed - SHOWN
    const more = hidden > 0 && !this.#context.json ? ` (${count(hidden)} are not shown; --json shows all)` : ''
    const message = this.#context.io.signal.aborted
      ? 'Stopped before the end.'
      : `${counted(this.#failed, 'was', 'were')} not accepted${more}.`
    throw new Failure({ code: 'not_accepted', message })
  }

  #tell(): void {
    const [receipt] = this.#receipts
    if (this.#accepted === 1 && this.#failed === 0) {
      showReceipt(this.#context, receipt)
      return
    }
    const seconds = (this.#context.io.now() - this.#started) / 1000
    const rate = seconds > 0 ? `, ${count(this.#accepted / seconds)}/s` : ''
    const known = this.#duplicates > 0 ? ` (${counted(this.#duplicates, 'was', 'were')} already known)` : ''
    this.#context.io.out(`${count(this.#accepted)} accepted${known} in ${seconds.toFixed(1)} s${rate}.`)
  }
}
