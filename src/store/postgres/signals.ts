/**
 * Signals on their way: gathered while the last ones are being sent, each once, and in one message.
 */
import type { Signal } from '../cluster.js'

/** Bytes of a message: PostgreSQL takes less than 8,000. */
const MOST = 7_900

/** Milliseconds between messages. */
const PAUSE = 5

const UNKNOWN: Signal = { of: 'unknown' }

export class Outbox {
  readonly #send: (text: string) => Promise<void>
  readonly #from: string
  readonly #waiting = new Map<string, Signal>()
  #sending = false

  /** @param from tells our own messages apart from others'. @param send a failure means: it is not heard. */
  constructor(from: string, send: (text: string) => Promise<void>) {
    this.#from = from
    this.#send = send
  }

  add(signal: Signal): void {
    this.#waiting.set(JSON.stringify(signal), signal)
    if (this.#sending) return
    this.#sending = true
    setImmediate(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#waiting.size > 0) {
      const signals = [...this.#waiting.values()]
      this.#waiting.clear()
      await this.#send(written(this.#from, signals)).catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, PAUSE).unref())
    }
    this.#sending = false
  }
}

function written(from: string, signals: readonly Signal[]): string {
  const text = JSON.stringify({ from, signals })
  return Buffer.byteLength(text) <= MOST ? text : JSON.stringify({ from, signals: [UNKNOWN] })
}

/** What others said; nothing of what we said ourselves. Whoever may connect may send any text here. */
export function signalsIn(text: string, self: string): readonly Signal[] {
  try {
    const { from, signals } = JSON.parse(text) as { from: string; signals: readonly Signal[] }
    return from === self ? [] : signals.filter(isSignal)
  } catch {
    return [UNKNOWN]
  }
}

const PLAIN: ReadonlySet<string> = new Set(['tasks', 'leases', 'access', 'settings', 'breakers', 'unknown'])

function isSignal(signal: Readonly<Record<string, unknown>>): boolean {
  const { of, tenant, id } = signal
  if (of === 'subscription') return typeof tenant === 'string' && typeof id === 'string'
  if (of === 'events' || of === 'settled') return typeof tenant === 'string'
  return PLAIN.has(String(of))
}
