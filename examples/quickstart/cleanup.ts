/**
 * Whatever happens, nothing is left behind: child processes are ended by their id, temporary folders are removed.
 */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

type Work = () => unknown

/** A server that is told to stop finishes what it has begun; it gets this long. */
const PATIENCE = 15_000

export class Cleanup {
  readonly #works: Work[] = []
  #running: Promise<void> | undefined

  /** What is begun while all is being ended is ended at once. */
  add(work: Work): void {
    if (this.#running) void work()
    else this.#works.push(work)
  }

  process(child: ChildProcess): void {
    this.add(() => end(child))
  }

  /** Whether somebody, or the end of the run, has asked for it. */
  get begun(): boolean {
    return this.#running !== undefined
  }

  /** Last in, first out; only once, however often it is called. */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  async #run(): Promise<void> {
    for (const work of this.#works.reverse()) await work()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = once(child, 'exit')
  process.kill(child.pid, 'SIGTERM')
  const last = setTimeout(() => child.kill('SIGKILL'), PATIENCE)
  await ended
  clearTimeout(last)
}
