/**
 * Where the time of a request went: what has been reached is noted as it happens, and told when somebody asks.
 */
import { performance } from 'node:perf_hooks'

/** Milliseconds by phase; a phase the request did not pass through is absent. */
export interface RequestPhases {
  /** Waiting for a connection that others used. */
  readonly queue?: number
  readonly lookup?: number
  readonly connect?: number
  readonly tls?: number
  /** From the beginning of the request to the first byte of the answer's head. */
  readonly wait?: number
  readonly receive?: number
}

/** When one connection came so far; a connection that is used again was made long before. */
export class ConnectionTimes {
  began: number | undefined
  lookedUp: number | undefined
  connected: number | undefined
  ready: number | undefined

  begin(): void {
    this.began = performance.now()
    this.lookedUp = undefined
    this.connected = undefined
    this.ready = undefined
  }

  reach(point: 'lookedUp' | 'connected' | 'ready'): void {
    this[point] = performance.now()
  }
}

/** One for each request. */
export class Stopwatch {
  readonly #began = performance.now()
  #connection: ConnectionTimes | undefined
  #sending: number | undefined
  #answered: number | undefined
  #ended: number | undefined

  /** It will go out on this connection. */
  on(connection: ConnectionTimes): void {
    this.#connection = connection
  }

  sending(): void {
    this.#sending = performance.now()
  }

  answered(): void {
    this.#answered = performance.now()
  }

  ended(): void {
    this.#ended = performance.now()
  }

  /** What is under way lasts until now. */
  phases(): RequestPhases {
    const end = this.#ended ?? performance.now()
    const making = this.#making(this.#sending ?? end)
    const made = Object.values(making).reduce((sum, each) => sum + each, 0)
    return {
      ...rounded({ queue: (this.#sending ?? end) - this.#began - made, ...making }),
      ...(this.#sending !== undefined && rounded({ wait: (this.#answered ?? end) - this.#sending })),
      ...(this.#answered !== undefined && rounded({ receive: end - this.#answered })),
    }
  }

  /** The part of the making of its connection for which this request waited. */
  #making(until: number): Readonly<Record<string, number>> {
    const { began, lookedUp, connected, ready } = this.#connection ?? {}
    if (began === undefined) return {}
    const points = { lookup: lookedUp, connect: connected, tls: ready }
    const spans: Record<string, number> = {}
    let from: number | undefined = began
    for (const [phase, point] of Object.entries(points)) {
      if (from === undefined) break
      spans[phase] = Math.max(0, Math.min(point ?? until, until) - Math.max(from, this.#began))
      from = point
    }
    return spans
  }
}

/** To a tenth of a millisecond; what took less is not told. */
const rounded = (phases: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(phases)
      .map(([phase, milliseconds]) => [phase, Math.round(milliseconds * 10) / 10] as const)
      .filter(([, milliseconds]) => milliseconds > 0),
  )
