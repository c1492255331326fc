/**
 * The ordered chain of asynchronous processors, worked off from the queue.
 */
import type { AnyEvent } from '../event/envelope.js'
import type { Circumstances } from './call.js'
import { Deadline } from './deadline.js'
import type { Placed } from './line-up.js'
import { hasFailed, runningOutcome } from './outcome.js'
import type { ProcessorOutcome, RunningProcessor } from './run.js'
import { hear } from './witness.js'

export interface Chain {
  /** By order, as `LineUp.for` gives them. */
  readonly processors: readonly Placed[]
  readonly event: AnyEvent
  /** `results`: what is stored of earlier attempts. */
  readonly circumstances: Circumstances
  /** Processors that need not run again, by name. */
  readonly done: ReadonlySet<string>
  /** Start in the middle: only processors strictly after that order. */
  readonly after: number | null
  now(): number
  /**
   * Told when a processor has not answered after 50 ms, with the outcomes this call has so far: whoever writes its row
   * writes those too. Not awaited; must not throw.
   */
  running?(processor: RunningProcessor, outcomes: readonly ProcessorOutcome[]): void
}

export interface Processed {
  /** Of this call, to be stored by the caller. */
  readonly outcomes: readonly ProcessorOutcome[]
  /** What stopped the chain under `onError: reject`: to be tried again from there. */
  readonly failure: ProcessorOutcome | null
  /** The signal stopped it: that is no failure of a processor, and the one that ran has no outcome. */
  readonly stopped: boolean
}

/** Quicker ones cost no row while they run. */
const SLOW = 50

/** Stops at the first failure of a processor under `onError: reject`; never throws. */
export async function processLater(chain: Chain): Promise<Processed> {
  const outcomes: ProcessorOutcome[] = []
  const { signal } = chain.circumstances
  for (const placed of remaining(chain)) {
    if (signal?.aborted) return { outcomes, failure: null, stopped: true }
    const results = [...(chain.circumstances.results ?? []), ...outcomes]
    const heard = await watched(placed, { ...chain, circumstances: { ...chain.circumstances, results } }, outcomes)
    if (signal?.aborted) return { outcomes, failure: null, stopped: true }
    if (!heard) continue
    outcomes.push(...heard)
    const [first] = heard
    if (hasFailed(first) && placed.processor.onError !== 'continue') return { outcomes, failure: first, stopped: false }
  }
  return { outcomes, failure: null, stopped: false }
}

const remaining = ({ processors, done, after }: Chain): readonly Placed[] =>
  processors.filter(({ processor, order }) => !done.has(processor.name) && (after === null || order > after))

async function watched(placed: Placed, chain: Chain, outcomes: readonly ProcessorOutcome[]) {
  const { event, circumstances, now, running } = chain
  const hearing = hear(placed, event, circumstances, now)
  if (!running) return hearing
  const startedAt = now()
  const slow = new Deadline(SLOW, () => running(runningOutcome(placed, startedAt), [...outcomes]))
  try {
    return await hearing
  } finally {
    slow.end()
  }
}
