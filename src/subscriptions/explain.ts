/**
 * Why a subscription was told of an event, or was not: each decision in the order in which it is taken.
 * Also on history: visibility is judged by the facts at the event's own sequence.
 */
import type { AnyEvent } from '../event/envelope.js'
import { formatSequence } from '../event/envelope.js'
import type { GraphFacts } from '../registry/graph.js'
import { visibleBecause } from '../registry/visibility.js'
import type { EventRow, TaskRow } from '../store/rows.js'
import { explainFilters } from './filter.js'
import { fitsRelation, fitsSource, fitsType, type MatchTypes, relationOf } from './match-index.js'
import { redact } from './redact.js'
import { readsLog, type Subscription } from './subscription.js'
import { viewOf } from './wire-view.js'

export type Step =
  | 'tenant'
  | 'event'
  | 'state'
  | 'start'
  | 'type'
  | 'source'
  | 'relation'
  | 'notSelf'
  | 'filters'
  | 'visibility'
  | 'task'

export interface Decision {
  readonly step: Step
  readonly passed: boolean
  /** In words. */
  readonly text: string
}

export interface Explanation {
  readonly event: string
  readonly subscription: string
  /** There is a task, or every decision before it was a yes. */
  readonly told: boolean
  readonly decisions: readonly Decision[]
}

export interface ExplainInput {
  readonly row: EventRow
  /** `row.body` as an event. */
  readonly event: AnyEvent
  readonly subscription: Subscription
  /** Why it is disabled, if it is. */
  readonly reason: string | null
  readonly types: MatchTypes
  /** The type of the resource the event is about, if known. */
  readonly resourceType: string | null
  /** On the graph just before and just after the event; empty when it is about no resource. */
  readonly facts: readonly GraphFacts[]
  readonly task: TaskRow | null
  /** Whether the caller sees the whole tenant; others learn no more than that an event is not visible. */
  readonly wholeTenant: boolean
}

export function explain(input: ExplainInput): Explanation {
  const { row, subscription, task } = input
  const decisions = STEPS.flatMap((step) => step(input))
  const told = task !== null || decisions.every((decision) => decision.passed || decision.step === 'task')
  const seen = decisions.every(({ step, passed }) => passed || (step !== 'visibility' && step !== 'tenant'))
  const whole = { event: row.id, subscription: subscription.id, told }
  return input.wholeTenant || seen ? { ...whole, decisions } : { ...whole, told: false, decisions: [NOT_VISIBLE] }
}

/** Type, filters and task of an event one may not see would already tell of it. */
const NOT_VISIBLE: Decision = {
  step: 'visibility',
  passed: false,
  text: 'The event is not visible to this subscription.',
}

type Explainer = (input: ExplainInput) => Decision | readonly Decision[]

const ownTenant: Explainer = ({ row, subscription }) =>
  row.tenant === subscription.tenant
    ? yes('tenant', 'Event and subscription belong to the same tenant.')
    : no('tenant', 'Event and subscription belong to different tenants.')

const EVENT_STATES = {
  admitted: 'The event was admitted.',
  addressed: 'The event is a message to the subscriptions that its sender named: nobody else gets it.',
  closed: 'A processor closed the event: subscribers do not get it.',
  suspended: 'The event is suspended: subscribers get it when it is resumed.',
  refused: 'The event was refused.',
} as const

const eventState: Explainer = ({ row }) => decided('event', row.state === 'admitted', EVENT_STATES[row.state])

const state: Explainer = ({ subscription, reason }) => {
  switch (subscription.state) {
    case 'active':
      return yes('state', 'The subscription is active.')
    case 'paused':
      return yes('state', pausedText(subscription, reason))
    case 'catching-up':
      return catchingUp(subscription)
    case 'disabled':
      return no(
        'state',
        `The subscription is disabled now${reason === null ? '' : `: ${reason}`}. It gets no new tasks.`,
      )
  }
}

const pausedText = (subscription: Subscription, reason: string | null): string =>
  `The subscription is paused now: ${readsLog(subscription) ? 'it reads no further' : 'its tasks are held'}.${reason === null ? '' : ` ${reason}`}`

const catchingUp = ({ cursor }: Subscription): Decision =>
  yes('state', `The subscription is catching up: it has read the log up to ${formatSequence(cursor ?? 0)}.`)

const start: Explainer = ({ row, subscription }) => {
  const from = formatSequence(subscription.startSequence)
  return row.sequence > subscription.startSequence
    ? yes('start', `The event comes after ${from}, where the subscription starts.`)
    : no('start', `The subscription starts after ${from}, and the event came before.`)
}

const type: Explainer = ({ event, subscription, types }) => {
  const lineage = types.lineage(event.type)
  const names = lineage.join(', a case of ')
  const pattern = subscription.spec.types.find((each) => fitsType(each, lineage))
  return pattern === undefined
    ? no('type', `${names} fits none of ${subscription.spec.types.join(', ')}.`)
    : yes('type', `${names} fits ${pattern}.`)
}

const source: Explainer = ({ event, subscription, types, resourceType }) => {
  const { source: wanted } = subscription.spec
  if (!wanted) return yes('source', 'Any resource will do.')
  const resourceTypes = resourceType === null ? [] : types.implemented(resourceType)
  const about = `The event is about ${event.subject ?? 'no resource'}, of type ${resourceType ?? 'unknown'}`
  const asked = [wanted.id, wanted.type && `any of type ${wanted.type}`]
    .filter((each) => each !== undefined)
    .join(' and ')
  return decided('source', fitsSource(wanted, event, resourceTypes), `${about}; asked for is ${asked}.`)
}

const relation: Explainer = ({ event, subscription, types }) => {
  const { relation: wanted } = subscription.spec
  if (wanted === undefined) return yes('relation', 'No relation is asked for.')
  const found = relationOf(event.data)
  const text = `Asked for are links by ${wanted}; the event tells of ${typeof found === 'string' ? found : 'no link'}.`
  return decided('relation', fitsRelation(wanted, event, types.lineage(event.type)), text)
}

const notSelf: Explainer = ({ row, subscription }) => {
  if (!subscription.spec.notSelf) return yes('notSelf', 'It also hears what its owner published.')
  return row.principal === subscription.owner
    ? no('notSelf', 'Its own owner published the event.')
    : yes('notSelf', 'Somebody else than its owner published the event.')
}

const filters: Explainer = ({ event, subscription: { spec }, types }) => {
  if (spec.filters.length === 0) return yes('filters', 'There are no filters.')
  const view = viewOf(redact(event, spec.redaction, types, spec.sees))
  return explainFilters(spec.filters, view).map(({ passed, text }) => decided('filters', passed, `${text}.`))
}

const visibility: Explainer = ({ subscription, event, facts }) => {
  const { scope } = subscription.spec
  if (scope === 'tenant') return yes('visibility', 'The subscription sees the whole tenant.')
  const reason = facts.map(visibleBecause).find((each) => each !== null)
  if (reason) return yes('visibility', `${scope.resource} sees ${event.subject ?? 'the event'}: ${REASONS[reason]}.`)
  return no('visibility', whyNot(scope.resource, event.subject, facts))
}

const REASONS = {
  itself: 'it is the resource itself',
  'same owner': 'they have the same owner',
  linked: 'they are linked',
  'owner linked': 'the owner of the event’s resource is linked with it',
} as const

function whyNot(resource: string, subject: string | undefined, facts: readonly GraphFacts[]): string {
  if (subject === undefined || facts.length === 0)
    return `The event is about no resource, so ${resource} does not see it.`
  const owners = facts.map(
    ({ sourceOwner, subscriberOwner }) => `${sourceOwner ?? 'none'} and ${subscriberOwner ?? 'none'}`,
  )
  const moments = [...new Set(owners)].join(', then ')
  return `${resource} did not see ${subject}: their owners were ${moments}, and neither the resource nor its owner was linked with it.`
}

const TASK_STATES = {
  due: 'It is due.',
  waiting: 'It waits for its turn or its time.',
  leased: 'It is being delivered.',
  done: 'It was delivered.',
  refused: 'The receiver refused it for good.',
  exhausted: 'Every attempt failed.',
  'not-executed': 'It ended without being delivered.',
  held: 'It is held while the subscription is paused.',
  cancelled: 'It was cancelled.',
} as const

const task: Explainer = ({ row: { sequence }, task: row, subscription }) => {
  const { spec } = subscription
  if (readsLog(subscription)) return byCursor(sequence, subscription)
  if (row === null) return no('task', 'There is no task.')
  const attempts = row.attempts === 1 ? '1 attempt' : `${row.attempts} attempts`
  const last = row.message === null ? '' : ` Last: ${row.code === null ? '' : `${row.code}, `}${row.message}`
  const likeOnes = spec.duplicates === 'remove' ? ' Of like events that wait it is told only the newest.' : ''
  return yes('task', `There is a task, ${attempts}. ${TASK_STATES[row.state]}${last}${likeOnes}`)
}

/** Who reads the log has no tasks: its cursor tells. */
function byCursor(sequence: number, { cursor, startSequence }: Subscription): Decision {
  const reached = cursor ?? startSequence
  const text = `It reads the log itself and has been told all up to ${formatSequence(reached)}`
  return yes('task', sequence <= reached ? `${text}.` : `${text}: the event is still to come.`)
}

const STEPS: readonly Explainer[] = [
  ownTenant,
  eventState,
  state,
  start,
  type,
  source,
  relation,
  notSelf,
  filters,
  visibility,
  task,
]

const decided = (step: Step, passed: boolean, text: string): Decision => ({ step, passed, text })
const yes = (step: Step, text: string): Decision => decided(step, true, text)
const no = (step: Step, text: string): Decision => decided(step, false, text)
