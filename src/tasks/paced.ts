/**
 * A rate that all nodes keep together: each attempt takes its turn where they all see it.
 */
import { toAbortSignal } from '../pipeline/stop.js'
import type { Cluster } from '../store/cluster.js'
import type { Lane } from '../store/port.js'
import type { Answered, Errand } from './attempt.js'
import type { Lanes } from './lanes.js'
import { pause } from './rounds.js'

export interface PacedDependencies {
  readonly cluster: Pick<Cluster, 'takeTurn'>
  lanes(): Lanes
  now(): number
}

/** The errand, each of its attempts in its turn; as it is if it has no rate. */
export function paced(errand: Errand, lane: Lane, { cluster, lanes, now }: PacedDependencies): Errand {
  const { rate } = errand.terms
  if (rate === undefined) return errand
  return {
    ...errand,
    async run(leased, signal) {
      const turn = await cluster.takeTurn(lane, rate).catch(() => NOT_KNOWN)
      // What others took is not ours to lease.
      lanes().pace(lane, turn.wait, now())
      if (!turn.taken) return later(turn.wait)
      if (turn.wait > 0) await pause(turn.wait, toAbortSignal(signal))
      signal.throwIfAborted()
      return errand.run(leased, signal)
    },
  }
}

/** The store cannot be asked: whatever came of the attempt could not be kept either. */
const NOT_KNOWN = { taken: false, wait: 1_000 } as const

const later = (after: number): Answered => ({
  outcome: 'release',
  code: 'rate_limited',
  message: 'All nodes together have used up its rate.',
  after,
})
