/**
 * A suspended event goes on, in any process: the judges that have not answered yet run, then it is admitted.
 */
import type { Principal } from '../../access/principal.js'
import { Conflict, Rejected } from '../../errors.js'
import type { AnyEvent, EventInput } from '../../event/envelope.js'
import { judge } from '../../pipeline/judge.js'
import type { Placed } from '../../pipeline/line-up.js'
import { type Rejection, type Run, startRun } from '../../pipeline/run.js'
import type { ResourceChange } from '../../registry/change.js'
import type { Derived } from '../../registry/derive.js'
import type { Store } from '../../store/port.js'
import type { EventRow, ResultRow } from '../../store/rows.js'
import { childOf } from './child.js'
import { type Committer, lostRace } from './committer.js'
import { type Bench, type Deed, judgeFamily } from './judged.js'
import { eventRow, type Judged } from './plan.js'
import type { Admitted } from './receipts.js'

export interface ResumeDependencies extends Bench {
  readonly committer: Pick<Committer, 'release'>
  readonly store: Pick<Store, 'log'>
  derive(tenant: string, change: ResourceChange): Promise<Derived>
  resourceType(tenant: string, type: string, subject: string | null): Promise<string | null>
  fromBody(body: string): AnyEvent
  toBody(event: AnyEvent): string
}

export type Resumed =
  | { readonly state: 'released'; readonly committed: Admitted; readonly judged: readonly Judged[] }
  /** Until then; null: until somebody resumes it. */
  | { readonly state: 'suspended'; readonly until: number | null }
  | { readonly state: 'refused'; readonly rejection: Rejection }

/**
 * @param publisher who published the event: it runs under that identity.
 * @throws Conflict `wrong_state` if it is not suspended (any more); ProcessorFailed leaves it suspended.
 */
export async function resume(row: EventRow, publisher: Principal, dependencies: ResumeDependencies): Promise<Resumed> {
  if (row.state !== 'suspended') throw notSuspended(row)
  const results = await dependencies.store.log.results(row.tenant, row.sequence)
  const left = row.deed === null ? NOTHING_LEFT : (JSON.parse(row.deed) as Deed)
  const resourceType = await dependencies.resourceType(row.tenant, row.type, row.subject)
  const run = await judgeRest(row, results, left, publisher, resourceType, dependencies)
  const { hash, principal, receivedAt } = row
  const after = left.after ?? null
  const deed = after === null ? null : JSON.stringify({ ...NOTHING_LEFT, after } satisfies Deed)
  const about = { caller: publisher, resourceType: resourceType ?? undefined, after, under: null }
  const judged: Judged = { run, hash, principal, receivedAt, deed, ...about }
  if (run.rejection) return refuse(row, run, run.rejection, dependencies)
  if (run.end === 'suspended') return suspendAgain(row, judged, left, dependencies)
  try {
    return await release(row, judged, left, publisher, dependencies)
  } catch (error) {
    // Another event of the operation was rejected, and one reject rejects all.
    if (error instanceof Rejected) return refuse(row, run, rejectionOf(error), dependencies)
    throw error
  }
}

const NOTHING_LEFT: Deed = { change: null, index: 0, children: [] }

const rejectionOf = ({ data, message }: Rejected): Rejection => ({
  processor: String(data?.processor),
  code: String(data?.reason),
  message,
})

/** Those at or after the stored order that have no result yet. */
function judgeRest(
  row: EventRow,
  results: readonly ResultRow[],
  { children }: Deed,
  publisher: Principal,
  resourceType: string | null,
  { lineUp, recheck, now, fromBody }: ResumeDependencies,
): Promise<Run> {
  const answered = new Set(results.map((result) => result.processor))
  const from = row.processedOrder ?? Number.NEGATIVE_INFINITY
  const rest = (placed: Placed) => placed.order >= from && !answered.has(placed.processor.name)
  const judges = lineUp.for(row.type, resourceType).judges.filter(rest)
  const start = { ...startRun(fromBody(row.body)), position: row.processedOrder, children }
  return judge(start, judges, { circumstances: { tenant: row.tenant, principal: publisher }, recheck, now })
}

async function refuse(row: EventRow, run: Run, rejection: Rejection, { store }: ResumeDependencies): Promise<Resumed> {
  const done = await store.log.refuse(row.tenant, row.sequence, resultRows(row, run))
  if (!done) throw notSuspended(row)
  return { state: 'refused', rejection }
}

async function suspendAgain(
  row: EventRow,
  judged: Judged,
  left: Deed,
  { store, toBody }: ResumeDependencies,
): Promise<Resumed> {
  const { run } = judged
  const isLeft = left.change !== null || run.children.length > 0 || left.after !== undefined
  const deed = isLeft ? JSON.stringify({ ...left, children: run.children } satisfies Deed) : null
  const event = eventRow({ ...judged, deed }, toBody)
  const done = await store.log.suspend(row.tenant, row.sequence, event, resultRows(row, run))
  if (!done) throw notSuspended(row)
  return { state: 'suspended', until: run.until }
}

async function release(
  row: EventRow,
  judged: Judged,
  left: Deed,
  publisher: Principal,
  dependencies: ResumeDependencies,
): Promise<Resumed> {
  const { change, others } = await pending(row, judged, left, publisher, dependencies)
  const children = await childrenOf(judged, publisher, dependencies)
  const all = [judged, ...others, ...children]
  const committed = await dependencies.committer.release(row.tenant, row.sequence, all, change)
  if (committed.status === 'admitted') return { state: 'released', committed, judged: all }
  if (committed.status === 'conflict') throw lostRace(committed.resource)
  throw notSuspended(row)
}

/** The change that was not applied yet, as it would be now, and the other events it brings. */
async function pending(
  row: EventRow,
  { run }: Judged,
  { change, index }: Deed,
  publisher: Principal,
  dependencies: ResumeDependencies,
) {
  if (change === null || !run.deed) return { change: null, others: [] }
  const derived = await dependencies.derive(row.tenant, change)
  const rest: readonly EventInput[] = derived.events.filter((_, each) => each !== index)
  const transactionId = run.event.transactionId ?? run.event.id
  const others: Judged[] = []
  for (const event of rest) {
    others.push(
      ...(await judgeFamily(
        await dependencies.receive({ ...event, transactionId }, publisher),
        publisher,
        dependencies,
      )),
    )
  }
  return { change: derived.graph, others }
}

async function childrenOf(
  { run }: Judged,
  publisher: Principal,
  dependencies: ResumeDependencies,
): Promise<readonly Judged[]> {
  const children: Judged[] = []
  for (const child of run.deed ? run.children : []) {
    children.push(
      ...(await judgeFamily(await dependencies.receive(childOf(run.event, child), publisher), publisher, dependencies)),
    )
  }
  return children
}

const resultRows = ({ tenant, sequence }: EventRow, { outcomes }: Run): readonly ResultRow[] =>
  outcomes.map((outcome) => ({ ...outcome, tenant, sequence }))

const notSuspended = ({ id, state }: EventRow): Conflict =>
  new Conflict('wrong_state', `The event ${JSON.stringify(id)} is not suspended.`, { data: { state } })
