/** `tocsin resources import`: many resources from a file of JSON lines. */
import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { type Chunk, chunksOf } from './lib/chunks.js'
import { path } from './lib/client.js'
import { type Context, withServer } from './lib/context.js'
import { Failure, factsOf, inOneLine } from './lib/failure.js'
import { openInput } from './lib/input.js'
import type { Io } from './lib/io.js'
import { patiently } from './lib/patience.js'
import { createProgress } from './lib/progress.js'
import { at } from './lib/table.js'
import { count, counted, safe } from './lib/text.js'

interface Options {
  readonly name?: string
  readonly strict?: true
  readonly dryRun?: true
  readonly events?: true
}

const HELP = `
A line is {"id", "type", "owner"?, "status"?, "properties"?, "links"?: [{"relation", "to", "strong"?}]}: the whole state
of a resource, and links that begin at it. Owners and links may lead to resources further down. What is there already is
replaced if it differs; links that a line does not name stay. A line that is wrong is told with its number; the others go on.
Nobody is told of what was imported, and no processor is asked, unless --events makes each line a change like any other.
An import that was interrupted goes on with --name NAME: nothing is done twice, nothing is left out.
Exit code 0: all was taken; 1: some was not; 2: the command was called wrongly.`

export function addResourceImport(resources: Command, io: Io): void {
  resources
    .command('import')
    .description('take over resources from a file or standard input')
    .argument('<file>', 'JSON lines: a file, or - for standard input')
    .option('--name <name>', 'names the import; one of that name goes on where it stopped')
    .option('--strict', 'stop before the first line that is wrong')
    .option('--dry-run', 'only tell what would come of it')
    .option('--events', 'judge each line, and tell subscribers')
    .addHelpText('after', HELP)
    .action((file: string, options: Options, command: Command) =>
      withServer(io, command, (context) => importResources(context, file, options)),
    )
}

/** Of one request. */
const LINES = 1_000
const BYTES = 4 * 1_048_576
/** Problems that are shown. */
const SHOWN = 20

async function importResources(context: Context, file: string, options: Options): Promise<void> {
  const input = openInput(context.io, file)
  const name = options.name ?? `imp_${randomBytes(6).toString('hex')}`
  const run = new Run(context, input.name, name, input.size)
  const after = options.name === undefined ? 0 : await lineOf(context, name)
  try {
    for await (const chunk of chunksOf(run.counted(input.bytes), { lines: LINES, bytes: BYTES, after })) {
      if (context.io.signal.aborted || run.stopped) break
      run.told(await send(context, name, options, chunk))
      run.stopped = options.strict === true && run.hasProblems
    }
    if (!context.io.signal.aborted && !run.stopped) run.told(await send(context, name, options, null))
  } catch (error) {
    run.lost(error)
  }
  run.conclude()
}

/** Where an import of that name stands. @throws Failure if it is done */
async function lineOf({ client }: Context, name: string): Promise<number> {
  const found = await client.call('GET', path`/v1/imports/${name}`).catch((error: unknown) => {
    if (error instanceof Failure && error.facts.code === 'not_found') return { line: 0 }
    throw error
  })
  if (at(found, 'state') !== 'done') return Number(at(found, 'line'))
  const message = `The import ${name} is done: ${count(Number(at(found, 'line')))} lines.`
  throw new Failure({ code: 'wrong_state', message, field: '--name', expected: 'another name for another import' })
}

/** @param chunk null: there is no more. */
function send({ client, io }: Context, name: string, options: Options, chunk: Chunk | null): Promise<unknown> {
  const query = {
    import: name,
    ...(chunk && { after: chunk.first - 1, more: 'true' }),
    ...(options.strict && { strict: 'true' }),
    ...(options.dryRun && { dryRun: 'true' }),
    ...(options.events && { events: 'true' }),
  }
  const lines = chunk?.bytes ?? new Uint8Array()
  return patiently(() => client.call('POST', '/v1/imports', { query, lines }), io.signal)
}

/** The account of one call. */
class Run {
  readonly #context: Context
  readonly #file: string
  readonly #name: string
  readonly #size: number | null
  readonly #started: number
  readonly #progress
  #bytes = 0
  #problems = 0
  #answer: unknown = null
  #lost: Failure | null = null

  constructor(context: Context, file: string, name: string, size: number | null) {
    const { io } = context
    this.#context = context
    this.#file = file
    this.#name = name
    this.#size = size
    this.#started = io.now()
    this.#progress = createProgress(io.drawing && !context.json ? io.err : null, io.columns)
  }

  /** Of a strict import: it ended at a line that is wrong. */
  stopped = false

  get hasProblems(): boolean {
    return this.#problems > 0
  }

  async *counted(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of input) {
      this.#bytes += bytes.length
      yield bytes
    }
  }

  told(answer: unknown): void {
    this.#answer = answer
    const problems = at(answer, 'problems')
    for (const problem of Array.isArray(problems) ? problems : []) this.#problem(problem)
    this.#problems += Number(at(answer, 'moreProblems'))
    this.#draw()
  }

  #problem(problem: unknown): void {
    this.#problems += 1
    if (this.#context.json) this.#context.io.out(JSON.stringify({ problem }))
    if (this.#context.json || this.#problems > SHOWN) return
    this.#progress.clear()
    const text = (member: string) => {
      const value = at(problem, member)
      return value === null ? undefined : String(value)
    }
    const facts = {
      code: text('code') ?? '',
      message: text('message') ?? '',
      field: text('field'),
      expected: text('expected'),
    }
    this.#context.io.err(`${safe(this.#file)}:${at(problem, 'line')}: ${inOneLine(facts)}\n`)
  }

  lost(error: unknown): void {
    this.#lost = error instanceof Failure ? error : new Failure(factsOf(error))
  }

  #count(member: string): number {
    return Number(at(this.#answer, member) ?? 0)
  }

  #draw(): void {
    const { io } = this.#context
    const share = this.#size === null ? null : this.#size === 0 ? 1 : this.#bytes / this.#size
    const done = this.#count('line')
    const progressed = { done, failed: this.#problems, share, milliseconds: io.now() - this.#started, verb: 'lines' }
    this.#progress.draw(progressed, io.now())
  }

  /** @throws Failure when something was not taken. */
  conclude(): void {
    this.#progress.clear()
    if (this.#context.json && this.#answer !== null) this.#context.io.out(JSON.stringify(this.#answer))
    if (!this.#context.json && this.#answer !== null) this.#tell()
    const isDone = at(this.#answer, 'state') === 'done'
    const onward = isDone ? '' : ` Line ${this.#count('line')} is done; go on with --name ${this.#name}.`
    if (this.#lost) throw new Failure({ ...this.#lost.facts, message: `${this.#lost.facts.message}${onward}` })
    if (this.#context.io.signal.aborted) throw new Failure({ code: 'not_accepted', message: `Stopped.${onward}` })
    if (this.#problems === 0) return
    const hidden = this.#problems - SHOWN
    const more = hidden > 0 && !this.#context.json ? ` (${count(hidden)} are not shown; --json shows all)` : ''
    const message = `${counted(this.#problems, 'problem', 'problems')}${more}.${onward}`
    throw new Failure({ code: 'not_accepted', message })
  }

  #tell(): void {
    const tally = ['created', 'changed', 'unchanged'].map((member) => `${count(this.#count(member))} ${member}`)
    const links = counted(this.#count('links'), 'link', 'links')
    const dry = at(this.#answer, 'dryRun') === true ? 'Nothing was written. It would be: ' : ''
    this.#context.io.out(`${dry}${tally.join(', ')}, ${links}, ${count(this.#count('refused'))} refused.`)
  }
}
