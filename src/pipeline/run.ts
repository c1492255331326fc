/**
 * A run is a value: an event on its way through the judges. `step` says what a verdict makes of it;
 * publishing and resuming only supply and store runs.
 */
import type { AnyEvent, EventInput } from '../event/envelope.js'
import type { OperationState } from './operation-result.js'
import type { Processor } from './processor.js'
import type { Verdict } from './verdict.js'

export interface ProcessorOutcome {
  readonly processor: string
  /** 0 and up: which of the processor's results. */
  readonly number: number
  readonly kind: Processor['kind']
  readonly order: number
  readonly state: OperationState
  readonly verdict: Verdict['verdict'] | null
  readonly code: string | null
  readonly message: string | null
  /** The chain of causes, a line each, without stacks; at most 4 KiB. */
  readonly cause: string | null
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
}

/** What came of one processor: a row an operation result, or one. */
export type Outcomes = readonly [ProcessorOutcome, ...ProcessorOutcome[]]

/** One that has not answered yet. */
export type RunningProcessor = Omit<ProcessorOutcome, 'state' | 'endedAt'> & {
  readonly state: 'running'
  readonly endedAt: null
}

export interface Rejection {
  readonly processor: string
  readonly code: string
  readonly message: string
  readonly texts?: Readonly<Record<string, string>>
}

export interface Run {
  readonly event: AnyEvent
  /** The order of the last judge that ran; null before the first. */
  readonly position: number | null
  readonly outcomes: readonly ProcessorOutcome[]
  /** Events that judges published; they share this run's fate. */
  readonly children: readonly EventInput[]
  /** What stopped it; null: every judge went on. */
  readonly end: null | 'closed' | 'suspended' | 'rejected'
  /** Whether the event's own deed (step 0) is done: false when it ended before order 0. */
  readonly deed: boolean
  /** When a suspended event goes on by itself. */
  readonly until: number | null
  readonly rejection: Rejection | null
}

export const startRun = (event: AnyEvent): Run => ({
  event,
  position: null,
  outcomes: [],
  children: [],
  end: null,
  deed: true,
  until: null,
  rejection: null,
})

/** A judge may change what an event says, not which event it is. */
const sameEvent = (before: AnyEvent, after: AnyEvent | undefined): AnyEvent =>
  after === undefined
    ? before
    : { ...after, id: before.id, source: before.source, type: before.type, tenant: before.tenant, time: before.time }

const ENDS = { continue: null, close: 'closed', suspend: 'suspended', reject: 'rejected' } as const

/**
 * What the verdict of a judge makes of the run; `outcomes` are the judge's own, at least one. Each field is written out:
 * laying changes over a copy of the run costs twenty times as much.
 */
export function step(run: Run, verdict: Verdict, outcomes: Outcomes, children: readonly EventInput[] = []): Run {
  const [{ processor, order }] = outcomes
  return {
    event: verdict.verdict === 'reject' ? run.event : sameEvent(run.event, verdict.event),
    position: order,
    outcomes: [...run.outcomes, ...outcomes],
    children: children.length === 0 ? run.children : [...run.children, ...children],
    end: ENDS[verdict.verdict],
    deed: verdict.verdict === 'continue' ? run.deed : verdict.verdict !== 'reject' && order >= 0,
    until: verdict.verdict === 'suspend' ? (verdict.until ?? null) : run.until,
    rejection: verdict.verdict === 'reject' ? rejectionBy(processor, verdict) : run.rejection,
  }
}

function rejectionBy(processor: string, { code, message, texts }: Extract<Verdict, { verdict: 'reject' }>): Rejection {
  return { processor, code, message, ...(texts && { texts }) }
}
