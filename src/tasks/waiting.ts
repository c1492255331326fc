/**
 * Who waits for a task that somebody else in this process works on is told when it is settled.
 */
import type { Settlement, TaskKey } from '../store/port.js'
import { taskId } from './views.js'

type Settled = Pick<Settlement, 'next' | 'results'>

export class Waiting {
  readonly #waiting = new Map<string, Waiters>()

  get size(): number {
    return this.#waiting.size
  }

  tell(key: TaskKey, settled: Settled): void {
    for (const go of this.#waiting.get(keyOf(key))?.goes ?? []) go(settled)
  }

  /** Nobody will work on it: who waits looks for itself. */
  dismiss(key: TaskKey): void {
    for (const go of this.#waiting.get(keyOf(key))?.goes ?? []) go(null)
  }

  /** The tasks that somebody waits for. */
  get keys(): readonly TaskKey[] {
    return [...this.#waiting.values()].map(({ key }) => key)
  }

  /** Joins at once; null after so many milliseconds, or when one leaves. */
  until(key: TaskKey, patience: number): Turn {
    const name = keyOf(key)
    const waiting = this.#waiting.get(name) ?? { key, goes: new Set() }
    let leave = () => {}
    const settled = new Promise<Settled | null>((resolve) => {
      const go = (answer: Settled | null) => {
        clearTimeout(timer)
        waiting.goes.delete(go)
        if (waiting.goes.size === 0) this.#waiting.delete(name)
        resolve(answer)
      }
      const timer = setTimeout(go, patience, null)
      leave = () => go(null)
      waiting.goes.add(go)
      this.#waiting.set(name, waiting)
    })
    return { settled, leave }
  }
}

interface Waiters {
  readonly key: TaskKey
  readonly goes: Set<(settled: Settled | null) => void>
}

export interface Turn {
  readonly settled: Promise<Settled | null>
  leave(): void
}

const keyOf = (key: TaskKey): string => `${key.tenant}/${taskId(key)}`
