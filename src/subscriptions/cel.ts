/**
 * CEL (Common Expression Language) for filters, payloads and single values: two variables, `event` (attributes by wire name)
 * and `data`; a value may also read `message`, what is sent of the event. Numbers in JSON are doubles, as CEL reads google.protobuf.Struct: write `data.count + 1.0`.
 */
import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import { LRUCache } from 'lru-cache'
import { RE2JS } from 're2js'
import { type ErrorCode, InvalidInput, messageOf } from '../errors.js'
import { CostExceeded, childrenOf, MACROS, Meter, meterSteps } from './cel-cost.js'
import { type MessageView, problemOfMember } from './cel-members.js'
import type { WireView } from './wire-view.js'

export const MAX_EXPRESSION = 4096
const MAX_PATTERN = 200
/** Instructions of a compiled pattern: `(a{0,30}){0,30}` has 1,800 and takes 54 microseconds a character. */
const MAX_PROGRAM = 1000
/** Instructions times characters that one unit of cost pays for. */
const UNIT_MATCH = 64

export interface CompiledCel {
  /** Where it reads `data`, as keys: of `data.user.mail`, `['user', 'mail']`. Not what stands in `has()`. */
  readonly paths: readonly (readonly string[])[]
  /** @throws Error with a short message when the expression fails on this event. */
  run(view: WireView, message?: MessageView): unknown
}

/** A filter yields a boolean, a payload a map, a value anything. */
export type CelUse = 'filter' | 'payload' | 'value'

/** What each word an expression may use is called. */
interface Language {
  readonly environment: Environment
  readonly variables: readonly string[]
}

const YIELDS = { filter: /^(bool|dyn)$/, payload: /^(map\b.*|dyn)$/, value: /./ } as const
const WANTED = { filter: 'true or false', payload: 'a map', value: 'a value' } as const
const CODES = { filter: 'invalid_filter', payload: 'invalid_request', value: 'invalid_request' } as const

/** Refused wherever they stand. */
const REFUSED = new Map([
  ['matches', 'matches() can take for ever; use re2Match(text, pattern)'],
  ['bind', 'cel.bind() is not offered: nested, it doubles a text with each level'],
  ['join', 'join() is not offered: it makes a text of any length out of a short one'],
])

const meter = new Meter()
const patterns = new LRUCache<string, RE2JS>({ max: 1000 })
const compiled = new LRUCache<string, CompiledCel>({ max: 5000 })

const bounded = () =>
  new Environment({
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 512, maxDepth: 32, maxListElements: 256, maxMapEntries: 128, maxCallArguments: 8 },
  }).registerFunction('re2Match(string, string): bool', re2Match)

const ofEvents = () => bounded().registerVariable('event', 'map').registerVariable('data', 'dyn')

const EVENTS: Language = { environment: ofEvents(), variables: ['event', 'data', 'message'] }
const VALUES: Language = { ...EVENTS, environment: ofEvents().registerVariable('message', 'map') }

/**
 * Parsed, checked and bounded; the same text is compiled once.
 * @throws InvalidInput `invalid_filter` (of a payload: `invalid_request`) with the field and the place in the text.
 */
export function compileCel(expression: string, use: CelUse, field: string): CompiledCel {
  const key = `${use} ${expression}`
  const known = compiled.get(key)
  if (known) return known
  const fresh = compile(expression, use, field)
  compiled.set(key, fresh)
  return fresh
}

function compile(expression: string, use: CelUse, field: string): CompiledCel {
  const over = `event${use === 'value' ? ', data and message' : ' and data'}`
  const refuse = refusing(CODES[use], field, `a CEL expression over ${over} that yields ${WANTED[use]}`)
  const parsed = checked(expression, use, use === 'value' ? VALUES : EVENTS, refuse)
  checkMembers(parsed.ast, refuse)
  const paths = pathsIn(parsed.ast)
  meterSteps(parsed.ast, meter)
  return { paths, run: (view, message) => evaluate(parsed, view, message) }
}

const refusing =
  (code: ErrorCode, field: string, expected: string): Refuse =>
  (reason, at) => {
    const place = at === undefined ? '' : ` (at character ${at + 1})`
    throw new InvalidInput(code, `The expression is not valid: ${reason}${place}.`, { field, expected })
  }

function checked(expression: string, use: CelUse, language: Language, refuse: Refuse): ParseResult {
  if (expression.length > MAX_EXPRESSION) refuse(`it is longer than ${MAX_EXPRESSION} characters`)
  const parsed = parse(expression, language, refuse)
  checkCalls(parsed.ast, language, refuse)
  checkType(parsed, use, refuse)
  return parsed
}

/**
 * An expression over variables of another kind than an event.
 * @returns a function that evaluates it; `of.size` is that of the values as JSON, in characters, and read only if it matters
 */
export function compileOver(
  variables: readonly string[],
): (expression: string, use: CelUse, field: string) => CompiledOver {
  const environment = variables.reduce((made, name) => made.registerVariable(name, 'dyn'), bounded())
  const language = { environment, variables }
  return (expression, use, field) => {
    const expected = `a CEL expression over ${variables.join(', ')} that yields ${WANTED[use]}`
    const parsed = checked(expression, use, language, refusing('invalid_request', field, expected))
    meterSteps(parsed.ast, meter, variables)
    return (values, of) => metered(of, () => parsed(values))
  }
}

/** @throws Error with a short message when the expression fails on these values. */
export type CompiledOver = (values: Readonly<Record<string, unknown>>, of: Pick<WireView, 'size'>) => unknown

/** What is read without being asked for by `has`. The longest paths only: `data.user.mail` reads `data.user` on its way. */
function pathsIn(node: ASTNode): readonly (readonly string[])[] {
  const asked = askedIn(node)
  return readIn(node).filter((path) => !asked.some((known) => known.every((name, index) => path[index] === name)))
}

function readIn(node: ASTNode): readonly (readonly string[])[] {
  const path = dataPath(node)
  return path === null ? childrenOf(node).flatMap(readIn) : [path]
}

function askedIn(node: ASTNode): readonly (readonly string[])[] {
  const path = node.op === 'call' && node.args[0] === 'has' ? dataPath(node.args[1][0] ?? node) : null
  return path === null ? childrenOf(node).flatMap(askedIn) : [path]
}

function dataPath(node: ASTNode): readonly string[] | null {
  if (node.op === 'id') return node.args === 'data' ? [] : null
  if (node.op !== '.') return null
  const before = dataPath(node.args[0])
  return before === null ? null : [...before, node.args[1]]
}

type Refuse = (reason: string, at?: number) => never

function parse(expression: string, { environment }: Language, refuse: Refuse): ParseResult {
  try {
    return environment.parse(expression)
  } catch (error) {
    return refuse(summaryOf(error), placeOf(error))
  }
}

function checkType(parsed: ParseResult, use: CelUse, refuse: Refuse): void {
  const { valid, type = '', error } = parsed.check()
  if (!valid) refuse(summaryOf(error), placeOf(error))
  if (!YIELDS[use].test(type)) refuse(`it yields ${type}, not ${WANTED[use]}`)
}

function checkCalls(node: ASTNode, language: Language, refuse: Refuse): void {
  const name = node.op === 'call' || node.op === 'rcall' ? node.args[0] : ''
  const reason = REFUSED.get(name)
  if (reason) refuse(reason, node.start)
  if (node.op === 'call' && name === 're2Match') checkPattern(node.args[1][1], refuse)
  if (node.op === 'rcall' && MACROS.has(name)) checkVariable(node.args[2][0], language, refuse)
  for (const child of childrenOf(node)) checkCalls(child, language, refuse)
}

/** A step's own variable may not be named as one of ours, so these are the event's and the message's. */
function checkMembers(node: ASTNode, refuse: Refuse): void {
  const problem = problemOfMember(node)
  if (problem !== null) refuse(problem, node.start)
  for (const child of childrenOf(node)) checkMembers(child, refuse)
}

function checkVariable(variable: ASTNode | undefined, { variables }: Language, refuse: Refuse): void {
  if (variable?.op !== 'id' || !variables.includes(variable.args)) return
  refuse(`${variable.args} cannot be the name of a step's variable`, variable.start)
}

/** The pattern is written out, so that a wrong one is refused now and not at each event. */
function checkPattern(pattern: ASTNode | undefined, refuse: Refuse): void {
  const text = pattern?.op === 'value' ? pattern.args : null
  const problem = typeof text === 'string' ? problemOf(text) : 'the pattern of re2Match is a text written out'
  if (problem !== null) refuse(problem, pattern?.start)
}

function problemOf(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN) return `the pattern is longer than ${MAX_PATTERN} characters`
  try {
    return patternOf(pattern).programSize() > MAX_PROGRAM ? 'the pattern repeats too much' : null
  } catch (error) {
    return messageOf(error)
  }
}

function patternOf(pattern: string): RE2JS {
  const known = patterns.get(pattern)
  if (known) return known
  const fresh = RE2JS.compile(pattern)
  patterns.set(pattern, fresh)
  return fresh
}

/** Whether the pattern (RE2 syntax) is found anywhere in the text, in time linear in its length. */
function re2Match(text: string, pattern: string): boolean {
  const regex = patternOf(pattern)
  meter.spend(Math.ceil((text.length * regex.programSize()) / UNIT_MATCH))
  return regex.matcher(text).find()
}

function evaluate(parsed: ParseResult, view: WireView, message: MessageView | undefined): unknown {
  return metered(view, () => {
    // Filters are asked most: no variable is made that they cannot read.
    const { attributes: event, data } = view
    return parsed(message === undefined ? { event, data } : { event, data, message })
  })
}

function metered(of: Pick<WireView, 'size'>, run: () => unknown): unknown {
  meter.begin(of)
  const value = yielded(run)
  if (meter.exceeded) throw new CostExceeded()
  return value
}

function yielded(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    throw new Error(summaryOf(error))
  }
}

/** The library's message draws the expression too; its summary is the sentence alone. */
function summaryOf(error: unknown): string {
  if (error instanceof Error && 'summary' in error && typeof error.summary === 'string') return error.summary
  return messageOf(error)
}

function placeOf(error: unknown): number | undefined {
  const range: unknown = error instanceof Error && 'range' in error ? error.range : undefined
  if (typeof range !== 'object' || range === null || !('start' in range)) return undefined
  return typeof range.start === 'number' ? range.start : undefined
}
