/**
 * Filters: the dialects of the CloudEvents Subscriptions API (section 3.2.4) and CEL. All of a list must hold.
 * An attribute the event does not have equals nothing; `not` inverts whatever its filter answers.
 * A CEL expression that fails on an event is no match, and `not` does not make one of it.
 */
import { messageOf } from '../errors.js'
import { compileCel } from './cel.js'
import type { Filter } from './subscription.js'
import type { WireView } from './wire-view.js'

export type CompiledFilters = (view: WireView) => boolean

/** What one filter answered, with the reason in words where it did not hold. */
export interface FilterAnswer {
  readonly filter: Filter
  readonly passed: boolean
  readonly text: string
}

/** A CEL expression that failed: neither true nor false (Kleene's third value), so `not` leaves it one. */
interface Failure {
  readonly failed: string
}

type Answer = boolean | Failure
type Compiled = (view: WireView) => Answer

/** @throws InvalidInput `invalid_filter` for CEL that is not valid. */
export function compileFilters(filters: readonly Filter[], field = 'filters'): CompiledFilters {
  const all = compileAll(filters, field)
  return (view) => all.every((filter) => filter(view) === true)
}

function compileFilter(filter: Filter, field: string): Compiled {
  if ('exact' in filter) return comparing(filter.exact, EXACT)
  if ('prefix' in filter) return comparing(filter.prefix, PREFIX)
  if ('suffix' in filter) return comparing(filter.suffix, SUFFIX)
  if ('all' in filter) return everyOf(compileAll(filter.all, `${field}.all`))
  if ('any' in filter) return someOf(compileAll(filter.any, `${field}.any`))
  if ('not' in filter) return inverse(compileFilter(filter.not, `${field}.not`))
  return celFilter(filter.cel, `${field}.cel`)
}

const compileAll = (filters: readonly Filter[], field: string): readonly Compiled[] =>
  filters.map((filter, index) => compileFilter(filter, `${field}[${index}]`))

const everyOf =
  (filters: readonly Compiled[]): Compiled =>
  (view) =>
    decided(filters, view, false)

const someOf =
  (filters: readonly Compiled[]): Compiled =>
  (view) =>
    decided(filters, view, true)

/** The first answer that decides; else a failure if there was one; else the other answer. */
function decided(filters: readonly Compiled[], view: WireView, deciding: boolean): Answer {
  let answer: Answer = !deciding
  for (const filter of filters) {
    const next = filter(view)
    if (next === deciding) return deciding
    if (typeof next === 'object') answer = next
  }
  return answer
}

const inverse =
  (filter: Compiled): Compiled =>
  (view) => {
    const answer = filter(view)
    return typeof answer === 'object' ? answer : !answer
  }

type Comparison = (value: string, wanted: string) => boolean

const EXACT: Comparison = (value, wanted) => value === wanted
const PREFIX: Comparison = (value, wanted) => value.startsWith(wanted)
const SUFFIX: Comparison = (value, wanted) => value.endsWith(wanted)

function comparing(attributes: Readonly<Record<string, string>>, compare: Comparison): Compiled {
  const wanted = Object.entries(attributes)
  return (view) => wanted.every(([name, text]) => attributeHolds(view, name, text, compare))
}

function attributeHolds(view: WireView, name: string, wanted: string, compare: Comparison): boolean {
  const value = view.attributes[name]
  return value !== undefined && compare(String(value), wanted)
}

function celFilter(expression: string, field: string): Compiled {
  const cel = compileCel(expression, 'filter', field)
  return (view) => {
    try {
      const value = cel.run(view)
      return typeof value === 'boolean' ? value : { failed: 'it did not yield true or false' }
    } catch (error) {
      return { failed: messageOf(error) }
    }
  }
}

/** One answer for each filter of the list, in its order. */
export const explainFilters = (filters: readonly Filter[], view: WireView): readonly FilterAnswer[] =>
  filters.map((filter, index) => explainFilter(filter, index, view))

function explainFilter(filter: Filter, index: number, view: WireView): FilterAnswer {
  const name = `filters[${index}] (${nameOf(filter)})`
  const answer = answerOf(filter, `filters[${index}]`, view)
  if (answer === true) return { filter, passed: true, text: `${name} holds` }
  const reason = answer === false ? `does not hold: ${reasonOf(filter, view)}` : `failed, so no match: ${answer.failed}`
  return { filter, passed: false, text: `${name} ${reason}` }
}

/** A stored filter may be one that is refused today. */
function answerOf(filter: Filter, field: string, view: WireView): Answer {
  try {
    return compileFilter(filter, field)(view)
  } catch (error) {
    return { failed: messageOf(error) }
  }
}

const nameOf = (filter: Filter): string => Object.keys(filter)[0] ?? 'empty'

function reasonOf(filter: Filter, view: WireView): string {
  if ('exact' in filter) return mismatches(filter.exact, 'is not', view, EXACT)
  if ('prefix' in filter) return mismatches(filter.prefix, 'does not begin with', view, PREFIX)
  if ('suffix' in filter) return mismatches(filter.suffix, 'does not end with', view, SUFFIX)
  if ('all' in filter) return `of its filters, ${failing(filter.all, view)}`
  if ('any' in filter) return 'none of its filters holds'
  if ('not' in filter) return 'the filter within holds'
  return 'the expression is false'
}

function mismatches(
  attributes: Readonly<Record<string, string>>,
  verb: string,
  view: WireView,
  compare: Comparison,
): string {
  return Object.entries(attributes)
    .filter(([name, wanted]) => !attributeHolds(view, name, wanted, compare))
    .map(([name, wanted]) => mismatch(name, wanted, verb, view))
    .join(', ')
}

const mismatch = (name: string, wanted: string, verb: string, view: WireView): string =>
  view.attributes[name] === undefined
    ? `the event has no ${name}`
    : `${name} ${verb} ${JSON.stringify(wanted)} but is ${JSON.stringify(view.attributes[name])}`

const failing = (filters: readonly Filter[], view: WireView): string =>
  explainFilters(filters, view)
    .filter((answer) => !answer.passed)
    .map((answer) => answer.text.replace('filters', 'all'))
    .join('; ')
