/**
 * Judging a whole operation: its events, and the children that judges publish. One reject rejects all.
 */
import type { Principal } from '../../access/principal.js'
import { Conflict, Rejected } from '../../errors.js'
import type { AnyEvent, EventInput } from '../../event/envelope.js'
import { judge } from '../../pipeline/judge.js'
import type { LineUp } from '../../pipeline/line-up.js'
import { type Run, startRun } from '../../pipeline/run.js'
import type { ResourceChange } from '../../registry/change.js'
import type { HostTransaction } from '../../store/port.js'
import { childOf } from './child.js'
import type { Judged } from './plan.js'
import type { Introduced } from './subjects.js'

export interface Bench {
  readonly lineUp: LineUp
  receive(input: EventInput, caller: Principal): Introduced | Promise<Introduced>
  recheck(event: AnyEvent, before: AnyEvent): void
  now(): number
}

/**
 * A promise only if there are judges: most events have none.
 * @param change the operation's change, kept with an event that is suspended before it is done.
 * @returns what is to be stored: everything, or only the event that stopped the operation before its deed.
 * @throws Rejected `rejected` with the judge's code; ProcessorFailed.
 */
export function judgeAll(
  received: readonly Introduced[],
  caller: Principal,
  bench: Bench,
  change: ResourceChange | null,
  way: Way = FROM_THE_START,
): Judgement | Promise<Judgement> {
  const isJudged = ({ event, resourceType }: Introduced) => bench.lineUp.for(event.type, resourceType).judges.length > 0
  if (way.deed !== undefined || received.some(isJudged)) return judgeInTurn(received, caller, bench, change, way)
  const judged = received.map((each) => judgedBy(unjudged(each, way), each, caller, way, each.told))
  return { judged, applied: true }
}

export interface Judgement {
  readonly judged: readonly Judged[]
  readonly applied: boolean
}

async function judgeInTurn(
  received: readonly Introduced[],
  caller: Principal,
  bench: Bench,
  change: ResourceChange | null,
  way: Way,
): Promise<Judgement> {
  const judged: Judged[] = []
  for (const [index, each] of received.entries()) {
    const family = await judgeFamily(each, caller, bench, way)
    const [own] = family
    if (own && !own.run.deed) return { judged: [{ ...own, deed: deedOf(own, change, index) }], applied: false }
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
  /** It was started in the middle, strictly after this order. */
  readonly after?: number
}

/** After which order the asynchronous processors of a stored event begin; null: with the first. */
export const startOf = (deed: string | null): number | null =>
  deed === null ? null : ((JSON.parse(deed) as Deed).after ?? null)

/** How it was handed in. */
export interface Way extends Pick<Judged, 'after' | 'under'> {
  /** Its own deed, done by the host when all judges before order 0 let it. */
  readonly deed?: HostDeed | undefined
  /** The host's transaction, in which it is to be true. */
  readonly host?: HostTransaction | undefined
}

/** What a host does at step 0, inside its transaction. */
export type HostDeed = () => unknown

export const FROM_THE_START: Way = { after: null, under: null }

const deedOf = (
  { run: { end, children }, after }: Pick<Judged, 'run' | 'after'>,
  change: ResourceChange | null,
  index: number,
): string | null => {
  const isLeft = end === 'suspended' && (change !== null || children.length > 0)
  if (!isLeft && after === null) return null
  return JSON.stringify({
    change,
    index,
    children: isLeft ? children : [],
    ...(after !== null && { after }),
  } satisfies Deed)
}

/** The event, then the children its judges published, each with its own; those of a suspended event wait with it. */
export async function judgeFamily(
  received: Introduced,
  caller: Principal,
  bench: Bench,
  way: Way = FROM_THE_START,
): Promise<readonly Judged[]> {
  const run = await judgeOne(received, caller, bench, way)
  const judged = judgedBy(run, received, caller, way)
  if (run.children.length === 0 || !run.deed || run.end === 'suspended') return [judged]
  const families: Judged[] = [judged]
  for (const child of run.children) {
    families.push(
      ...(await judgeFamily(await bench.receive(childOf(run.event, child), caller), caller, bench, {
        after: null,
        under: way.under,
      })),
    )
  }
  return families
}

function judgedBy(
  run: Run,
  { hash, receivedAt, resourceType }: Introduced,
  caller: Principal,
  { after, under }: Way,
  told?: string,
): Judged {
  const deed = deedOf({ run, after }, null, 0)
  return { run, hash, principal: caller.id, receivedAt, told, deed, caller, resourceType, after, under }
}

const unjudged = ({ event }: Introduced, { after }: Pick<Way, 'after'>): Run =>
  after === null ? startRun(event) : { ...startRun(event), position: after }

async function judgeOne(
  received: Introduced,
  caller: Principal,
  bench: Bench,
  { after, deed }: Pick<Way, 'after' | 'deed'>,
): Promise<Run> {
  const { event, resourceType } = received
  const judges = bench.lineUp.for(event.type, resourceType).judges
  const start = unjudged(received, { after })
  const rest = after === null ? judges : judges.filter(({ order }) => order > after)
  const circumstances = { tenant: caller.tenant, principal: caller }
  const { recheck, now } = bench
  const ask = async (run: Run, some: typeof rest) =>
    some.length === 0 ? run : refuseRejected(await judge(run, some, { circumstances, recheck, now }))
  if (deed === undefined) return ask(start, rest)
  const before = await ask(
    start,
    rest.filter(({ order }) => order < 0),
  )
  if (before.end !== null) return keptBack(before)
  await deed()
  return ask(
    before,
    rest.filter(({ order }) => order >= 0),
  )
}

/** A closed event keeps the deed back for good. One that may go on later would need a function that nobody has then. */
function keptBack(run: Run): Run {
  if (run.end !== 'suspended') return run
  const processor = run.outcomes.at(-1)?.processor
  throw new Conflict('wrong_state', `${processor} suspends the event before its deed, which only this call can do.`, {
    field: 'deed',
    expected: 'a judge that suspends at order 0 or later, or a change of the registry as the deed',
    data: { processor },
  })
}

export function refuseRejected(run: Run): Run {
  if (!run.rejection) return run
  const { processor, code, message, texts } = run.rejection
  throw new Rejected('rejected', message, { data: { processor, reason: code, ...(texts && { texts }) } })
}
