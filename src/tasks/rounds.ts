/**
 * Background work for one subscription each, round by round. Who is begun again while it runs is interrupted, as
 * something changed, and begins anew.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lane } from '../store/port.js'
import { keyOfLane } from './lanes.js'

/** Answers false when there is nothing more to do. It may stop early when the signal aborts. */
export type Round = (lane: Lane, signal: AbortSignal) => Promise<boolean>

interface Running {
  readonly interruption: AbortController
  readonly ended: Promise<void>
}

/** Runs the round unless another node is at work for the same lane; then null. */
export type Lead = (lane: Lane, round: () => Promise<boolean>) => Promise<boolean | null>

/** Milliseconds before a round that failed is tried again, and before one that another node is at is looked at again. */
const PATIENCE = 1_000
const STANDING_BY = 2_000

export class Rounds {
  readonly #round: Round
  readonly #lead: Lead
  readonly #failed: (error: unknown) => void
  readonly #running = new Map<string, Running>()
  #stopped = false

  /** @param failed told when a round throws; it is tried again. */
  constructor(round: Round, lead: Lead, failed: (error: unknown) => void) {
    this.#round = round
    this.#lead = lead
    this.#failed = failed
  }

  begin(lane: Lane): void {
    if (this.#stopped) return
    const key = keyOfLane(lane)
    const running = this.#running.get(key)
    if (running) running.interruption.abort()
    else this.#start(key, lane)
  }

  #start(key: string, lane: Lane): void {
    const interruption = new AbortController()
    const ended = this.#run(lane, interruption.signal).finally(() => {
      this.#running.delete(key)
      if (interruption.signal.aborted) this.begin(lane)
    })
    this.#running.set(key, { interruption, ended })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const running = [...this.#running.values()]
    for (const { interruption } of running) interruption.abort()
    await Promise.all(running.map(({ ended }) => ended))
  }

  async #run(lane: Lane, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const more = await this.#lead(lane, () => this.#round(lane, signal))
        if (more === false) return
        if (more === null) await pause(STANDING_BY, signal)
      } catch (error) {
        this.#failed(error)
        await pause(PATIENCE, signal)
      }
    }
  }
}

/** Ends early, without an error, when the signal aborts. */
export const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  sleep(milliseconds, undefined, { signal, ref: false }).catch(() => undefined)
