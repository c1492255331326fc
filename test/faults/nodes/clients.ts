/**
 * Clients of several nodes: publishers who go to another node when one fails them, and a reader who goes on where it was.
 */
import { readStream } from '../../../cli/lib/event-stream.js'
import type { Answer } from '../client.js'
import { pause } from '../random.js'
import type { Node } from './ground.js'

/** Milliseconds a client waits for an answer before it asks another node. */
const PATIENCE = 3_000

export interface Promised {
  readonly id: string
  readonly subject: string
}

/** One after the other for each subject; what was not answered is sent again under its id, anywhere. */
export class Publishers {
  readonly promised: Promised[] = []
  readonly #nodes: readonly Node[]
  readonly #random: () => number
  readonly #next = new Map<string, number>()
  /** Unexpected answers: there must be none. */
  readonly strange: string[] = []

  constructor(nodes: readonly Node[], random: () => number) {
    this.#nodes = nodes
    this.#random = random
  }

  /** Until `go` says no; what is being sent then is sent to its end. */
  async publish(lines: readonly Line[], go: () => boolean): Promise<void> {
    await Promise.all(lines.map((line) => this.#publishLine(line, go)))
  }

  async #publishLine({ name, subject }: Line, go: () => boolean): Promise<void> {
    for (let number = this.#next.get(name) ?? 1; go(); number++) {
      await this.#publishOne({ id: `${name}.${number}`, subject })
      this.#next.set(name, number + 1)
    }
  }

  async #publishOne(event: Promised): Promise<void> {
    for (;;) {
      const answer = await this.#try(event)
      if (answer?.status === 200 || answer?.status === 202) break
      if (answer !== null && answer.status !== 503 && this.strange.length < 10)
        this.strange.push(`${event.id}: ${JSON.stringify(answer)}`)
      await pause(10 + this.#random() * 40)
    }
    this.promised.push(event)
  }

  /** Null: nobody knows what became of it. */
  async #try({ id, subject }: Promised): Promise<Answer | null> {
    const node = this.#nodes[Math.floor(this.#random() * this.#nodes.length)]
    const body = { type: 'user.updated', source: '/faults', id, subject, data: {} }
    const asked = node
      ?.api()
      .call('POST', '/v1/events', body)
      .catch(() => null)
    return Promise.race([asked ?? null, pause(PATIENCE).then(() => null)])
  }
}

/** Its events come in this order: `name.1`, `name.2`, … Two lines of one subject race. */
export interface Line {
  readonly name: string
  readonly subject: string
}

export interface Read {
  readonly sequence: string
  readonly id: string
}

/** Follows the log, by whichever node there is. */
export class LogReader {
  readonly read: Read[] = []
  readonly #nodes: readonly Node[]
  readonly #key: string
  #stopped = false
  #current = new AbortController()
  readonly #ended: Promise<void>

  constructor(nodes: readonly Node[], key: string) {
    this.#nodes = nodes
    this.#key = key
    this.#ended = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#current.abort()
    await this.#ended
  }

  async #run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      const node = this.#nodes[turn % this.#nodes.length]
      if (node) await this.#follow(node).catch(() => undefined)
      await pause(20)
    }
  }

  async #follow(node: Node): Promise<void> {
    this.#current = new AbortController()
    // A line that is stuck says nothing: then another node is asked.
    const watch = this.#watched(this.#current)
    try {
      const last = this.read.at(-1)?.sequence ?? '0'
      const headers = { authorization: `Bearer ${this.#key}`, 'last-event-id': last }
      const { body, status } = await fetch(`${node.server.url}/v1/events/tail`, {
        headers,
        signal: this.#current.signal,
      })
      if (status !== 200 || body === null) return
      for await (const { id, data } of readStream(body)) {
        watch.refresh()
        this.read.push({ sequence: id ?? '', id: String((JSON.parse(data) as { id: unknown }).id) })
      }
    } finally {
      clearTimeout(watch)
    }
  }

  #watched = (current: AbortController): NodeJS.Timeout => setTimeout(() => current.abort(), PATIENCE)
}
