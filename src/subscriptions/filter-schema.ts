/**
 * What a subscriber sends as filters: exactly one dialect each, names of attributes as on a wire, CEL that compiles.
 * Constraints of the dialects: CloudEvents Subscriptions API, section 3.2.4.1.1.
 */
import { InvalidInput } from '../errors.js'
import { ATTRIBUTES } from '../event/envelope.js'
import { hint } from '../event/nearest.js'
import { isObject } from '../json-object.js'
import { compileCel } from './cel.js'
import type { Filter } from './subscription.js'
import { WIRE_NAMES } from './wire-view.js'

const DIALECTS = ['exact', 'prefix', 'suffix', 'all', 'any', 'not', 'cel'] as const

/** Ours: the standard sets none. */
const MAX_DEPTH = 8
const MAX_FILTERS = 100
const MAX_TEXT = 2048

/** @throws InvalidInput `invalid_filter` with the field, such as `filters[1].any[0].exact.type`. */
export function parseFilters(input: unknown, field = 'filters'): readonly Filter[] {
  const filters = parseList(input, field, 0)
  if (countAll(filters) > MAX_FILTERS) throw wrong(field, 'There are too many filters', `at most ${MAX_FILTERS} in all`)
  return filters
}

function parseList(input: unknown, field: string, depth: number): readonly Filter[] {
  if (!Array.isArray(input)) throw wrong(field, 'Filters are a list', 'a list of filters')
  if (input.length > MAX_FILTERS) throw wrong(field, 'There are too many filters', `at most ${MAX_FILTERS} in all`)
  return input.map((each, index) => parseFilter(each, `${field}[${index}]`, depth))
}

function parseFilter(input: unknown, field: string, depth: number): Filter {
  if (depth > MAX_DEPTH) throw wrong(field, 'The filters are nested too deeply', `at most ${MAX_DEPTH} levels`)
  const [dialect, body] = dialectOf(input, field)
  const at = `${field}.${dialect}`
  switch (dialect) {
    case 'exact':
      return { exact: parseAttributes(body, at) }
    case 'prefix':
      return { prefix: parseAttributes(body, at) }
    case 'suffix':
      return { suffix: parseAttributes(body, at) }
    case 'all':
      return { all: parseSome(body, at, depth + 1) }
    case 'any':
      return { any: parseSome(body, at, depth + 1) }
    case 'not':
      return { not: parseFilter(body, at, depth + 1) }
    case 'cel':
      return { cel: parseCel(body, at) }
  }
}

type Dialect = (typeof DIALECTS)[number]

function dialectOf(input: unknown, field: string): readonly [Dialect, unknown] {
  const entries = isObject(input) ? Object.entries(input) : []
  const [entry] = entries
  const expected = `an object with one of ${DIALECTS.join(', ')}`
  if (entry === undefined || entries.length > 1) throw wrong(field, 'A filter has exactly one dialect', expected)
  const dialect = DIALECTS.find((known) => known === entry[0])
  if (dialect) return [dialect, entry[1]]
  const name = entry[0].slice(0, 100)
  throw wrong(`${field}.${name}`, `There is no filter dialect ${JSON.stringify(name)}`, expected, hint(name, DIALECTS))
}

function parseSome(input: unknown, field: string, depth: number): readonly Filter[] {
  const filters = parseList(input, field, depth)
  if (filters.length === 0) throw wrong(field, 'The list of filters is empty', 'at least one filter')
  return filters
}

function parseAttributes(input: unknown, field: string): Readonly<Record<string, string>> {
  const entries = isObject(input) ? Object.entries(input) : []
  if (entries.length === 0) throw wrong(field, 'No attribute is named', 'an object of attribute names and texts')
  for (const [name, text] of entries) {
    checkName(name, `${field}.${name.slice(0, 100)}`)
    if (typeof text !== 'string' || text === '' || text.length > MAX_TEXT)
      throw wrong(`${field}.${name}`, 'The value to compare with is not valid', `a text of 1 to ${MAX_TEXT} characters`)
  }
  return Object.fromEntries(entries.map(([name, text]) => [name, String(text)]))
}

/** CloudEvents 1.0.2, section 3: lower-case letters and digits. */
function checkName(name: string, field: string): void {
  if (name === 'data' || name.startsWith('data.'))
    throw wrong(field, 'Data is no attribute', 'an attribute; use the dialect cel for data')
  if (name === 'sequence')
    throw wrong(field, 'The sequence is given after filters have run', 'an attribute of the event as published')
  if (/^[a-z0-9]{1,100}$/.test(name)) return
  const camel = ATTRIBUTES.find(([library]) => library === name)
  const meant = camel ? ` Did you mean ${JSON.stringify(camel[1])}?` : hint(name, WIRE_NAMES)
  throw wrong(field, 'This is not the name of an attribute', 'lower-case letters and digits, as on a wire', meant)
}

function parseCel(input: unknown, field: string): string {
  if (typeof input !== 'string') throw wrong(field, 'The expression is not a text', 'a CEL expression')
  compileCel(input, 'filter', field)
  return input
}

const countAll = (filters: readonly Filter[]): number =>
  filters.reduce((sum, filter) => sum + 1 + countAll(within(filter)), 0)

function within(filter: Filter): readonly Filter[] {
  if ('all' in filter) return filter.all
  if ('any' in filter) return filter.any
  return 'not' in filter ? [filter.not] : []
}

const wrong = (field: string, message: string, expected: string, meant = ''): InvalidInput =>
  new InvalidInput('invalid_filter', `${message}.${meant}`, { field, expected })
