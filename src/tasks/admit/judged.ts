/**
 * Judging a whole operation: its events, and the children that judges publish. One reject rejects all.
 */
import type { Principal } from '../../access/principal.js'
import { Rejected } from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import type { Received } from '../../intake/intake.js'
import { judge } from '../../pipeline/judge.js'
import type { LineUp } from '../../pipeline/line-up.js'
import { type Run, startRun } from '../../pipeline/run.js'
import type { ResourceChange } from '../../registry/change.js'
import { childOf } from './child.js'
import type { Judged } from './plan.js'

export interface Bench {
  readonly lineUp: LineUp
  receive(input: EventInput, caller: Principal): Received
  now(): number
}

/**
 * @param change the operation's change, kept with an event that is suspended before it is done.
 * @returns what is to be stored: everything, or only the event that stopped the operation before its deed.
 * @throws Rejected `rejected` with the judge's code; ProcessorFailed.
 */
export async function judgeAll(
  received: readonly Received[],
  caller: Principal,
  bench: Bench,
  change: ResourceChange | null,
): Promise<{ readonly judged: readonly Judged[]; readonly applied: boolean }> {
  const judged: Judged[] = []
  for (const [index, each] of received.entries()) {
    const family = await judgeFamily(each, caller, bench)
    const [own] = family
    if (own && !own.run.deed) return { judged: [{ ...own, deed: deedOf(own.run, change, index) }], applied: false }
    judged.push(...family)
  }
  return { judged, applied: true }
}

/** What a suspended event still has to do. */
export interface Deed {
  /** The change of its operation, if that is not done yet, and which of the operation's events this is. */
  readonly change: ResourceChange | null
  readonly index: number
  /** What its judges published so far. */
  readonly children: readonly EventInput[]
}

const deedOf = ({ end, children }: Run, change: ResourceChange | null, index: number): string | null =>
  end === 'suspended' && (change !== null || children.length > 0)
    ? JSON.stringify({ change, index, children } satisfies Deed)
    : null

/** The event, then the children its judges published, each with its own; those of a suspended event wait with it. */
export async function judgeFamily(received: Received, caller: Principal, bench: Bench): Promise<readonly Judged[]> {
  const run = await judgeOne(received, caller, bench)
  const judged: Judged = {
    run,
    hash: received.hash,
    principal: caller.id,
    receivedAt: received.receivedAt,
    deed: deedOf(run, null, 0),
  }
  if (run.children.length === 0 || !run.deed || run.end === 'suspended') return [judged]
  const families: Judged[] = [judged]
  for (const child of run.children) {
    families.push(...(await judgeFamily(bench.receive(childOf(run.event, child), caller), caller, bench)))
  }
  return families
}

async function judgeOne({ event }: Received, caller: Principal, bench: Bench): Promise<Run> {
  const { judges } = bench.lineUp.for(event.type)
  const start = startRun(event)
  if (judges.length === 0) return start
  const circumstances = { tenant: caller.tenant, principal: caller }
  return refuseRejected(await judge(start, judges, { circumstances, now: bench.now }))
}

export function refuseRejected(run: Run): Run {
  if (!run.rejection) return run
  const { processor, code, message, texts } = run.rejection
  throw new Rejected('rejected', message, { data: { processor, reason: code, ...(texts && { texts }) } })
}
