/**
 * RQL, as far as a controller is asked: `implementing(type)`, `eq ne like in and or not`, `sort(+a,-b)`, `limit(start,count)`,
 * joined by `&` or `,`. A parser of its own, with limits: the libraries there are run what they parse, or have no keeper.
 */
import { InvalidInput } from '../../src/index.js'

export interface Query {
  /** All must be implemented. */
  readonly implementing: readonly string[]
  holds(view: unknown): boolean
  readonly sort: readonly { readonly path: string; readonly down: boolean }[]
  readonly start: number
  readonly count: number
}

type Call = { readonly name: string; readonly args: readonly Term[] }
type Term = Call | string
type Test = (view: unknown) => boolean

const LONGEST = 8192
const DEEPEST = 16
const MOST_CALLS = 200
export const MOST_RESULTS = 1000

/** @param text the query as it was sent. @throws InvalidInput `invalid_request` with the field `query` */
export function parseRql(text: string): Query {
  if (text.length > LONGEST) throw wrong('The query is too long.', `at most ${LONGEST} characters`)
  const calls = text === '' ? [] : new Parser(text).whole()
  const of = (name: string) => calls.filter((call) => call.name === name)
  const tests = calls.filter(({ name }) => !SHAPES.includes(name)).map(testOf)
  if (of('limit').length > 1) throw wrong('The query has several limits.', 'one limit(start,count)')
  const [start = 0, count = MOST_RESULTS] = of('limit').flatMap(limitOf)
  return {
    implementing: of('implementing').map((call) => textOf(only(call, 1)[0])),
    holds: (view) => tests.every((test) => test(view)),
    sort: of('sort').flatMap(({ args }) => args.map(sortOf)),
    start,
    count,
  }
}

const SHAPES: readonly string[] = ['implementing', 'sort', 'limit']

class Parser {
  readonly #text: string
  #at = 0
  #calls = 0

  constructor(text: string) {
    this.#text = text
  }

  whole(): readonly Call[] {
    const terms = this.#list('&,', 0)
    if (this.#at < this.#text.length) throw wrong('The query has a bracket too many.', 'one ) for each (')
    return terms.map((term) => (typeof term === 'string' ? this.#notACall(term) : term))
  }

  #list(separators: string, depth: number): readonly Term[] {
    if (depth > DEEPEST) throw wrong('The query is nested too deeply.', `at most ${DEEPEST} levels`)
    const terms: Term[] = []
    do terms.push(this.#term(depth))
    while (separators.includes(this.#text[this.#at] ?? ')') && this.#skip())
    return terms
  }

  #term(depth: number): Term {
    const word = this.#word()
    if (this.#text[this.#at] !== '(') return decoded(word)
    this.#calls += 1
    if (this.#calls > MOST_CALLS) throw wrong('The query asks for too much.', `at most ${MOST_CALLS} operators`)
    this.#skip()
    const args = this.#list(',', depth + 1)
    if (this.#text[this.#at] !== ')') throw wrong('The query lacks a bracket.', 'one ) for each (')
    this.#skip()
    return { name: word, args }
  }

  #word(): string {
    const end = this.#text.slice(this.#at).search(/[(),&]/)
    const word = end === -1 ? this.#text.slice(this.#at) : this.#text.slice(this.#at, this.#at + end)
    this.#at += word.length
    return word
  }

  #skip(): true {
    this.#at += 1
    return true
  }

  #notACall(term: string): never {
    throw wrong(`${JSON.stringify(term.slice(0, 64))} is no operator.`, 'operators such as eq(aps.status,aps:ready)')
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw wrong('The query is not percent-encoded UTF-8.', 'RFC 3986')
  }
}

function testOf(term: Term | undefined): Test {
  if (typeof term !== 'object') throw wrong('An operator is missing.', 'operators within and, or and not')
  const { name, args } = term
  switch (name) {
    case 'and':
    case 'or': {
      const tests = args.map(testOf)
      return name === 'and' ? (view) => tests.every((test) => test(view)) : (view) => tests.some((test) => test(view))
    }
    case 'not': {
      const test = testOf(only(term, 1)[0])
      return (view) => !test(view)
    }
    case 'in':
      return among(term)
    case 'eq':
    case 'ne':
    case 'like':
      return compared(term)
    default:
      throw wrong(
        SHAPES.includes(name)
          ? `${name} stands by itself.`
          : `There is no operator ${JSON.stringify(name.slice(0, 64))}.`,
        `one of implementing, eq, ne, like, in, and, or, not, sort, limit`,
      )
  }
}

function compared(call: Call): Test {
  const [path, value] = only(call, 2).map(textOf)
  if (call.name === 'like') {
    const pieces = (value ?? '').split('*')
    return (view) => isLike(valueAt(view, path ?? ''), pieces)
  }
  const wanted = call.name === 'eq'
  return (view) => equals(valueAt(view, path ?? ''), value ?? '') === wanted
}

/** `in(path,(a,b))`, or `in(path,a,b)`. */
function among({ args }: Call): Test {
  const [path, ...rest] = args
  const values = rest.flatMap((each) => (typeof each === 'object' && each.name === '' ? each.args : [each])).map(textOf)
  const name = textOf(path)
  return (view) => values.some((value) => equals(valueAt(view, name), value))
}

const equals = (value: unknown, text: string): boolean =>
  value === null || value === undefined ? text === 'null' : typeof value !== 'object' && String(value) === text

/** `*` is any run of characters; without regular expressions, so that no pattern takes long. */
function isLike(value: unknown, pieces: readonly string[]): boolean {
  if (typeof value !== 'string') return false
  const [first = '', ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return value === first
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last)) return false
  let at = first.length
  for (const piece of rest) {
    const found = value.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at <= value.length - last.length
}

/** `aps.status`, `hosting.aps.id`: own members alone. */
export const valueAt = (view: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      view,
    )

function sortOf(term: Term): Query['sort'][number] {
  const [, sign = '', path = ''] = /^([-+ ]?)(.+)$/.exec(textOf(term)) ?? []
  if (path === '') throw wrong('A name to sort by is missing.', 'sort(+name) or sort(-name)')
  return { path, down: sign === '-' }
}

function limitOf(call: Call): readonly number[] {
  const [start, count] = only(call, 2).map((term) => (/^\d{1,9}$/.test(textOf(term)) ? Number(term) : Number.NaN))
  if (start !== undefined && start >= 0 && count !== undefined && count >= 0 && count <= MOST_RESULTS)
    return [start, count]
  throw wrong('The limit is not valid.', `limit(start,count), at most ${MOST_RESULTS} at once`)
}

function only(call: Call, count: number): readonly Term[] {
  if (call.args.length === count) return call.args
  throw wrong(`${call.name} does not take ${call.args.length} values.`, `${count} of them`)
}

function textOf(term: Term | undefined): string {
  if (typeof term === 'string' && term !== '') return term
  throw wrong('A name or a value is missing.', 'a text, percent-encoded')
}

const wrong = (message: string, expected: string): InvalidInput =>
  new InvalidInput('invalid_request', message, { field: 'query', expected })
