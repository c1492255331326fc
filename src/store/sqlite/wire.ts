/**
 * How calls cross to the store's thread and answers back. To clone an object for another thread costs three times what an
 * array of its values does, so the calls each event passes through are packed; all others cross as they are.
 */
import type { Ended } from '../ending-rules.js'
import type {
  Admission,
  AdmissionResult,
  AdmittedEvent,
  AdmittedReceipt,
  Candidate,
  LeaseAnswer,
  LeasedTask,
  Settlement,
  SettleResult,
} from '../port.js'
import type { NewEvent, ResultRow } from '../rows.js'
import type { SqlRow } from '../sql/row.js'
import { EVENT, TASK } from '../sql/shapes.js'
import type { Call, CallName, Calls, Outcome } from './calls.js'

/** What a thread gives to another: plain values, arrays, and objects that are rare. */
type Packed = readonly unknown[]

interface Packing<Args extends readonly unknown[], Answer> {
  pack(...args: Args): Packed
  unpack(packed: Packed): Args
  packAnswer(answer: Answer): unknown
  /** @param args those of the call: what they hold already need not come back. */
  unpackAnswer(packed: unknown, args: Args): Answer
}

type PackingOf<Name extends CallName> = Packing<Parameters<Calls[Name]>, Awaited<ReturnType<Calls[Name]>>>

// -------------------------------------------------------------------------------------------- parts

/** Most lists are empty: nothing crosses for them. */
const packList = <Item>(list: readonly Item[], pack: (item: Item) => unknown): Packed | null =>
  list.length === 0 ? null : list.map(pack)

const unpackList = <Item>(packed: unknown, unpack: (item: unknown) => Item): readonly Item[] =>
  packed === null ? [] : (packed as readonly unknown[]).map(unpack)

const itself = <Item>(item: unknown): Item => item as Item

const packCandidate = (candidate: Candidate): Packed => [
  candidate.subscription,
  candidate.order,
  candidate.priority,
  candidate.wakeAt,
  candidate.expiresAt,
  candidate.scope === 'tenant' ? null : candidate.scope.resource,
  candidate.lease,
  candidate.likeness,
  candidate.locks,
  candidate.under,
]

function unpackCandidate(packed: unknown): Candidate {
  const values = packed as Packed
  return {
    subscription: values[0] as string,
    order: values[1] as Candidate['order'],
    priority: values[2] as Candidate['priority'],
    wakeAt: values[3] as number | null,
    expiresAt: values[4] as number | null,
    scope: values[5] === null ? 'tenant' : { resource: values[5] as string },
    lease: values[6] as boolean,
    likeness: values[7] as string | null,
    locks: values[8] as boolean,
    under: values[9] as string | null,
  }
}

const packLeased = ({ task, event, gone }: LeasedTask): Packed => [...TASK.pack(task), ...EVENT.pack(event), gone]

function unpackLeased(packed: unknown): LeasedTask {
  const values = packed as SqlRow
  const event = EVENT.read(values, TASK.width)
  return { task: TASK.read(values), event, gone: Boolean(values[TASK.width + EVENT.width]) }
}

// -------------------------------------------------------------------------------------------- admitting

/** One array for all of an admission: its own values, then those of each event. */
function packAdmission({ tenant, change, subscriptionVersion, inbox, atOnce, events }: Admission): Packed {
  const packed: unknown[] = [tenant, change, subscriptionVersion, inbox, atOnce]
  for (const { event, candidates, results } of events) {
    packed.push(...EVENT.pack(event), packList(candidates, packCandidate), packList(results, itself))
  }
  return packed
}

const BEFORE_EVENTS = 5
const EVENT_STEP = EVENT.width + 2

function unpackAdmission(packed: unknown): Admission {
  const values = packed as Packed
  const events: AdmittedEvent[] = []
  for (let at = BEFORE_EVENTS; at < values.length; at += EVENT_STEP) {
    events.push({
      event: EVENT.read(values as SqlRow, at) as NewEvent,
      candidates: unpackList(values[at + EVENT.width], unpackCandidate),
      results: unpackList<AdmittedEvent['results'][number]>(values[at + EVENT.width + 1], itself),
    })
  }
  return {
    tenant: values[0] as string,
    change: values[1] as Admission['change'],
    subscriptionVersion: values[2] as number | null,
    ...(values[3] !== undefined && { inbox: values[3] as number }),
    ...(values[4] !== undefined && { atOnce: values[4] as number }),
    events,
  }
}

/** The events of leased tasks are those the caller sent: only their tasks go back. */
const packReceipt = ({ sequence, tasks, untold, hidden, leased }: AdmittedReceipt): Packed => [
  sequence,
  untold,
  packList(tasks, itself),
  packList(hidden, itself),
  packList(leased, ({ task, event, gone }) => [...TASK.pack(task), event.operation, gone]),
]

function unpackReceipt(packed: Packed, sent: AdmittedEvent | undefined): AdmittedReceipt {
  const [sequence, untold, tasks, hidden, leased] = packed
  return {
    sequence: sequence as number,
    tasks: unpackList<string>(tasks, itself),
    untold: untold as number,
    hidden: unpackList<string>(hidden, itself),
    leased: unpackList(leased, (values) => bornLeased(values as SqlRow, sequence as number, sent)),
  }
}

function bornLeased(values: SqlRow, sequence: number, sent: AdmittedEvent | undefined): LeasedTask {
  if (sent === undefined) throw new TypeError('A task was leased of an event that was not sent.')
  const event = Object.assign({}, sent.event, { sequence, operation: Number(values[TASK.width]) })
  return { task: TASK.read(values), event, gone: Boolean(values[TASK.width + 1]) }
}

const admit: PackingOf<'admit'> = {
  pack: (admissions, lease) => [lease, ...admissions.map(packAdmission)],
  unpack: ([lease, ...admissions]) => [admissions.map(unpackAdmission), lease as Parameters<Calls['admit']>[1]],
  packAnswer: (results) =>
    results.map((result) =>
      result.status === 'admitted' ? [result.ended, ...result.events.map(packReceipt)] : result,
    ),
  unpackAnswer: (packed, [admissions]) =>
    (packed as readonly (AdmissionResult | readonly [Ended | undefined, ...Packed[]])[]).map((result, index) => {
      if ('status' in result) return result
      const [ended, ...receipts] = result
      return {
        status: 'admitted',
        events: receipts.map((receipt, place) => unpackReceipt(receipt, admissions[index]?.events[place])),
        ...(ended && { ended }),
      }
    }),
}

// -------------------------------------------------------------------------------------------- working off

const packResult = (result: ResultRow): Packed => [
  result.tenant,
  result.sequence,
  result.processor,
  result.number,
  result.kind,
  result.order,
  result.state,
  result.verdict,
  result.code,
  result.message,
  result.cause,
  result.startedAt,
  result.endedAt,
]

function unpackResult(packed: unknown): ResultRow {
  const values = packed as Packed
  return {
    tenant: values[0] as string,
    sequence: values[1] as number,
    processor: values[2] as string,
    number: values[3] as number,
    kind: values[4] as ResultRow['kind'],
    order: values[5] as number,
    state: values[6] as ResultRow['state'],
    verdict: values[7] as ResultRow['verdict'],
    code: values[8] as string | null,
    message: values[9] as string | null,
    cause: values[10] as string | null,
    startedAt: values[11] as number,
    endedAt: values[12] as number | null,
  }
}

const packSettlement = ({ next, attempt, ...settlement }: Settlement): Packed => [
  settlement.tenant,
  settlement.sequence,
  settlement.subscription,
  settlement.token,
  settlement.now,
  settlement.leaseNext,
  packList(settlement.results, packResult),
  next.state,
  next.code,
  next.message,
  'failed' in next ? next.wakeAt : null,
  'failed' in next ? next.failed : null,
  ...(attempt === null ? [] : packAttempt(attempt)),
]

const AFTER_NEXT = 12

function unpackSettlement(packed: unknown): Settlement {
  const values = packed as Packed
  const [tenant, sequence, subscription, token, now, leaseNext, results, state, code, message, wakeAt, failed] = values
  const end = { state, code, message }
  return {
    tenant: tenant as string,
    sequence: sequence as number,
    subscription: subscription as string,
    token: token as number,
    now: now as number,
    leaseNext: leaseNext as boolean,
    results: unpackList(results, unpackResult),
    next: (failed === null ? end : { ...end, wakeAt, failed }) as Settlement['next'],
    attempt: values.length === AFTER_NEXT ? null : unpackAttempt(values),
  }
}

type Attempt = NonNullable<Settlement['attempt']>

const packAttempt = (attempt: Attempt): Packed => [
  attempt.startedAt,
  attempt.endedAt,
  attempt.outcome,
  attempt.code,
  attempt.message,
  attempt.response,
  attempt.node,
  attempt.request,
  attempt.timing,
]

const unpackAttempt = (values: Packed): Attempt => ({
  startedAt: values[AFTER_NEXT] as number,
  endedAt: values[AFTER_NEXT + 1] as number,
  outcome: values[AFTER_NEXT + 2] as Attempt['outcome'],
  code: values[AFTER_NEXT + 3] as string | null,
  message: values[AFTER_NEXT + 4] as string | null,
  response: values[AFTER_NEXT + 5] as string | null,
  node: values[AFTER_NEXT + 6] as string,
  request: values[AFTER_NEXT + 7] as string | null,
  timing: values[AFTER_NEXT + 8] as string | null,
})

const settle: PackingOf<'tasks.settle'> = {
  // Hundreds at once: as one text they cross in half the time that so many arrays take.
  pack: (settlements, lease) => [lease, JSON.stringify(settlements.map(packSettlement))],
  unpack: ([lease, settlements]) => [
    (JSON.parse(String(settlements)) as readonly Packed[]).map(unpackSettlement),
    lease as Parameters<Calls['tasks.settle']>[1],
  ],
  packAnswer: (results) => results.map(({ status, leased }) => [status, ...leased.map(packLeased)]),
  unpackAnswer: (packed) =>
    (packed as readonly Packed[]).map(([status, ...leased]) => ({
      status: status as SettleResult['status'],
      leased: leased.map(unpackLeased),
    })),
}

const lease: PackingOf<'tasks.lease'> = {
  pack: (request) => [request],
  unpack: (packed) => packed as Parameters<Calls['tasks.lease']>,
  packAnswer: ({ leased, ...answer }) => [answer, ...leased.map(packLeased)],
  unpackAnswer(packed) {
    const [answer, ...leased] = packed as Packed
    return { ...(answer as Omit<LeaseAnswer, 'leased'>), leased: leased.map(unpackLeased) }
  },
}

// -------------------------------------------------------------------------------------------- calls

export interface PackedCall {
  readonly name: CallName
  readonly packed: Packed
}

const asItIs: Packing<readonly unknown[], unknown> = {
  pack: (...args) => args,
  unpack: (packed) => packed,
  packAnswer: (answer) => answer,
  unpackAnswer: (packed) => packed,
}

const PACKINGS = { admit, 'tasks.settle': settle, 'tasks.lease': lease }

/** The name of a call says what its arguments and its answer are; the compiler cannot follow that through a queue. */
const packingOf = (name: CallName): Packing<readonly unknown[], unknown> =>
  name in PACKINGS ? (PACKINGS[name as keyof typeof PACKINGS] as Packing<never, never>) : asItIs

export const packCall = ({ name, args }: Call): PackedCall => ({ name, packed: packingOf(name).pack(...args) })

export const unpackCall = ({ name, packed }: PackedCall): Call => ({ name, args: packingOf(name).unpack(packed) })

export const packOutcome = ({ name }: Call, outcome: Outcome): Outcome =>
  'value' in outcome ? { value: packingOf(name).packAnswer(outcome.value) } : outcome

export const unpackOutcome = ({ name, args }: Call, outcome: Outcome): Outcome =>
  'value' in outcome ? { value: packingOf(name).unpackAnswer(outcome.value, args) } : outcome
