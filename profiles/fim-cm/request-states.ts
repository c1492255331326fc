/**
 * The life of a request: which status may follow which. Documented are: Approve and Deny demand Pending and Deny leads to
 * Denied (bb456811, bb456813); Canceled and Denied cannot be resumed (bb490434). The rest is inferred from what the
 * documentation says a status means, and is ours: docs/decisions.md.
 */
import { isObject, type Processor, proceed, reject } from '../../src/index.js'
import { STATUSES } from './request.js'
import { KEEPER, REQUEST, STATUSES_OF } from './resource-types.js'

type RequestStatus = (typeof STATUSES)[number]

const NEXT: Readonly<Record<RequestStatus, readonly RequestStatus[]>> = {
  // "Status unknown": whatever is learnt of it is news.
  None: ['Pending', 'Approved', 'Executing', 'Completed', 'Canceled', 'Denied', 'Failed'],
  Pending: ['Approved', 'Canceled', 'Denied', 'Failed'],
  Approved: ['Executing', 'Canceled', 'Failed'],
  Executing: ['Completed', 'Canceled', 'Failed'],
  Completed: [],
  Canceled: [],
  Denied: [],
  Failed: [],
}

export const isStatus = (status: unknown): status is RequestStatus => STATUSES.some((each) => each === status)

/** Whether it may come to be so, perhaps by steps of which no notification tells. */
const leadsTo = (from: RequestStatus, to: RequestStatus): boolean =>
  from === to || NEXT[from].some((next) => next === to || (next !== from && leadsTo(next, to)))

/** Why a request cannot go from one status to the other; null when it can. */
export function refusal(from: RequestStatus, to: unknown, far = false): string | null {
  if (!isStatus(to)) return `${JSON.stringify(to)} is no status of a request: it is one of ${STATUSES.join(', ')}.`
  if (from === to || NEXT[from].includes(to) || (far && leadsTo(from, to))) return null
  const possible = NEXT[from]
  const told =
    possible.length === 0 ? 'nothing can follow, as that is final' : `what can follow is ${possible.join(', ')}`
  return `A request that is ${from} cannot become ${to}: ${told}.`
}

/** Statuses in the registry keep to this, whoever sets them. What FIM CM itself told may have skipped steps. */
export const statuses: Processor = {
  name: 'fim-cm:statuses',
  module: 'fim-cm',
  kind: 'judge',
  description: 'Refuses a status that there is not, or that cannot follow the one a request has.',
  types: ['resource.available', 'resource.changed'],
  resourceTypes: [REQUEST, ...Object.keys(STATUSES_OF)],
  order: -1,
  run({ data }, { principal }) {
    const { type, status = null, before } = isObject(data) ? data : {}
    if (status === null) return proceed()
    const known = STATUSES_OF[String(type)]
    const earlier = isObject(before) && isStatus(before.status) ? before.status : 'None'
    const reason = known ? strange(status, known) : refusal(earlier, status, principal.id === KEEPER)
    return reason === null ? proceed() : reject('wrong_state', reason)
  },
}

const strange = (status: unknown, known: readonly string[]): string | null =>
  known.some((each) => each === status)
    ? null
    : `${JSON.stringify(status)} is no status: it is one of ${known.join(', ')}.`
