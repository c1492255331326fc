/**
 * Questions on a terminal, a line each. They go to standard error, so that what is answered at the end can be piped.
 */
import { createInterface, type Interface } from 'node:readline'
import { Writable } from 'node:stream'
import { UsageError } from './failure.js'

export interface Prompt {
  /** @param hidden what is typed is not shown. @throws UsageError when the person ends it (Ctrl-C, Ctrl-D) */
  ask(question: string, hidden?: boolean): Promise<string>
  /** Gives the terminal back. */
  close(): void
}

export class TerminalPrompt implements Prompt {
  readonly #input: NodeJS.ReadStream
  readonly #output: NodeJS.WritableStream
  #reading: Interface | undefined
  #hidden = false
  #isOver = false
  /** Typed ahead. */
  readonly #lines: string[] = []
  #waiting: { readonly take: (line: string) => void; readonly end: (error: Error) => void } | undefined

  constructor(input: NodeJS.ReadStream, output: NodeJS.WritableStream) {
    this.#input = input
    this.#output = output
  }

  async ask(question: string, hidden = false): Promise<string> {
    this.#reading ??= this.#open()
    this.#hidden = false
    this.#reading.setPrompt(question)
    this.#reading.prompt()
    this.#hidden = hidden
    const line = this.#lines.shift() ?? (await this.#next())
    if (hidden) this.#output.write('\n')
    this.#hidden = false
    return line
  }

  close(): void {
    this.#reading?.close()
  }

  #open(): Interface {
    const echo = new Writable({
      write: (chunk, _, done) => {
        if (!this.#hidden) this.#output.write(chunk)
        done()
      },
    })
    const reading = createInterface({ input: this.#input, output: echo, terminal: true, historySize: 0 })
    reading.on('line', (line) => {
      if (this.#waiting) this.#waiting.take(line)
      else this.#lines.push(line)
    })
    reading.on('SIGINT', () => reading.close())
    reading.on('close', () => {
      this.#isOver = true
      this.#waiting?.end(ended())
    })
    return reading
  }

  #next(): Promise<string> {
    if (this.#isOver) return Promise.reject(ended())
    return new Promise<string>((take, end) => {
      this.#waiting = { take, end }
    }).finally(() => {
      this.#waiting = undefined
    })
  }
}

const ended = (): UsageError => new UsageError('The questions were ended before the last; nothing was done.')
