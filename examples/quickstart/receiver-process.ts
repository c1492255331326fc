/**
 * The receiver as the main process sees it: started, told what to do, asked for its ledger at the end.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cleanup } from './cleanup.js'
import type { Arrival, Order, Report } from './receiver.js'
import type { Subscriber } from './subscribers.js'

export interface ReceiverProcess {
  readonly pid: number
  readonly url: string
  /** Requests so far: acknowledged, answered 503, and with a signature that does not fit. */
  readonly counts: { readonly received: number; readonly refused: number; readonly forged: number }
  /** Hands over the secret a subscriber's webhooks are signed with. */
  trust(subscriber: Subscriber | 'payroll', secret: string): void
  break(subscriber: Subscriber): void
  repair(subscriber: Subscriber): void
  isBroken(subscriber: Subscriber): boolean
  /** Everything that arrived, in the order in which it did. */
  collect(): Promise<readonly Arrival[]>
}

export async function startReceiver(cleanup: Cleanup): Promise<ReceiverProcess> {
  const child = fork(fileURLToPath(new URL('receiver.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] })
  cleanup.process(child)
  const port = await answer(child, (report) => ('listening' in report ? report.listening : undefined))
  let counts = { received: 0, refused: 0, forged: 0 }
  child.on('message', (report: Report) => {
    if ('received' in report) counts = report
  })
  const broken = new Set<Subscriber>()
  const order = (given: Order): void => void child.send(given)
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    get counts() {
      return counts
    },
    trust: (subscriber, secret) => order({ do: 'trust', subscriber, secret }),
    break(subscriber) {
      broken.add(subscriber)
      order({ do: 'break', subscriber })
    },
    repair(subscriber) {
      broken.delete(subscriber)
      order({ do: 'repair', subscriber })
    },
    isBroken: (subscriber) => broken.has(subscriber),
    collect() {
      order({ do: 'collect' })
      return answer(child, (report) => ('arrivals' in report ? report.arrivals : undefined))
    },
  }
}

/** The first report that says what is waited for. @throws Error when the process ends first. */
function answer<T>(child: ChildProcess, read: (report: Report) => T | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    const hear = (report: Report): void => {
      const found = read(report)
      if (found === undefined) return
      child.off('message', hear).off('exit', gone)
      resolve(found)
    }
    const gone = (code: number | null) => reject(new Error(`The receiver ended with ${code}.`))
    child.on('message', hear).on('exit', gone)
  })
}
