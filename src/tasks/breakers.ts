/**
 * Breakers that all nodes share: what opens or closes here is kept where others see it, and theirs holds here too.
 */
import { Mutex } from '../mutex.js'
import type { Cluster, OpenBreaker } from '../store/cluster.js'
import type { Lane } from '../store/port.js'
import type { Lanes } from './lanes.js'

export interface BreakersDependencies {
  readonly cluster: Pick<Cluster, 'breakers' | 'putBreaker' | 'tell'>
  lanes(): Lanes
  failed(error: unknown): void
}

export class Breakers {
  readonly #dependencies: BreakersDependencies
  /** What was written is read after it, or ours would be forgotten. */
  readonly #turns = new Mutex()

  constructor(dependencies: BreakersDependencies) {
    this.#dependencies = dependencies
  }

  tell(breaker: OpenBreaker): void {
    const { cluster } = this.#dependencies
    this.#inTurn(async () => {
      await cluster.putBreaker(breaker)
      cluster.tell({ of: 'breakers' })
    })
  }

  /** Closes it at once, here and on every node. */
  mend(lane: Lane): void {
    this.#dependencies.lanes().mend(lane)
    this.tell({ ...lane, failures: 0, openUntil: 0 })
  }

  /** Another node may have opened or closed one. */
  refresh(): void {
    const { cluster, lanes } = this.#dependencies
    this.#inTurn(async () => lanes().adopt(await cluster.breakers()))
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turns.run(work).catch(this.#dependencies.failed)
  }
}
