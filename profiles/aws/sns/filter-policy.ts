/**
 * Filter policies: which messages a subscription of a topic gets, by their attributes or by their body.
 * All keys must hold, one of the values of each; `$or` holds if one of its policies does.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import { BlockList, isIP } from 'node:net'
import { isObject } from '../../../src/index.js'
import { AwsError } from '../aws-error.js'
import type { MessageAttributes } from '../message-attributes.js'
import type { Json } from '../parameters.js'

export type FilterScope = 'MessageAttributes' | 'MessageBody'

export interface FilterPolicy {
  matches(message: string, attributes: MessageAttributes): boolean
}

/** Whether values hold: of one key, however many there are. */
type Test = (value: unknown) => boolean
/** Of an object, or of the attributes as one. */
type Rule = (object: Json) => boolean

const MOST_KEYS = 5
const MOST_COMBINATIONS = 150
const MOST_BYTES = 262_144
const MOST_NUMBER = 1e9

/** @throws AwsError `InvalidParameter` that says what is wrong */
export function compileFilterPolicy(text: string, scope: FilterScope): FilterPolicy {
  if (Buffer.byteLength(text) > MOST_BYTES) throw bad('it is larger than 256 KB')
  const policy = parsed(text)
  const size = measure(policy, scope, 1)
  if (size.keys > MOST_KEYS) throw bad(`it has more than ${MOST_KEYS} keys`)
  if (size.combinations > MOST_COMBINATIONS)
    throw bad(`it has ${size.combinations} combinations of values, more than ${MOST_COMBINATIONS}`)
  const rule = ruleOf(policy, scope)
  if (scope === 'MessageAttributes') return { matches: (_, attributes) => rule(valuesOf(attributes)) }
  return { matches: (message) => inBody(rule, message) }
}

function inBody(rule: Rule, message: string): boolean {
  try {
    const body: unknown = JSON.parse(message)
    return isObject(body) && rule(body)
  } catch {
    return false
  }
}

/** Attributes as values; those that are bytes cannot be filtered. */
const valuesOf = (attributes: MessageAttributes): Json =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { DataType, StringValue = '' }]) => {
      if (DataType.startsWith('Binary')) return []
      if (DataType === 'String.Array') return [[name, JSON.parse(StringValue) as unknown]]
      return [[name, DataType.startsWith('Number') ? Number(StringValue) : StringValue]]
    }),
  )

// -------------------------------------------------------------------------------------------- size

/** Leaves, and the product of their values; those of a nested key count as often as it is deep. */
function measure(
  policy: Json,
  scope: FilterScope,
  depth: number,
): { readonly keys: number; readonly combinations: number } {
  let keys = 0
  let combinations = 1
  for (const [key, value] of Object.entries(policy)) {
    if (key === '$or' && isAlternatives(value)) {
      const parts = value.map((each) => measure(each, scope, depth))
      keys += parts.reduce((sum, each) => sum + each.keys, 0)
      combinations *= parts.reduce((sum, each) => sum + each.combinations, 0)
    } else if (isObject(value)) {
      const part = measure(value, scope, depth + 1)
      keys += part.keys
      combinations *= part.combinations
    } else {
      keys += 1
      combinations *= (Array.isArray(value) ? value.length : 1) * depth
    }
  }
  return { keys, combinations }
}

// -------------------------------------------------------------------------------------------- rules

function ruleOf(policy: Json, scope: FilterScope): Rule {
  const rules = Object.entries(policy).map(([key, value]) => ruleFor(key, value, scope))
  if (rules.length === 0) throw bad('it is empty')
  return (object) => rules.every((rule) => rule(object))
}

function ruleFor(key: string, value: unknown, scope: FilterScope): Rule {
  if (key === '$or' && isAlternatives(value)) {
    const rules = value.map((each) => ruleOf(each, scope))
    return (object) => rules.some((rule) => rule(object))
  }
  if (isObject(value)) {
    if (scope === 'MessageAttributes') throw bad(`${quoted(key)} must be an array: only bodies are nested`)
    return nested(key, ruleOf(value, scope))
  }
  if (!Array.isArray(value) || value.length === 0) throw bad(`${quoted(key)} must be an array that is not empty`)
  const tests = value.map((condition) => conditionOf(key, condition))
  return (object) => tests.some((test) => test(object, key))
}

/** Of an array one element must hold by itself. */
const nested =
  (key: string, rule: Rule): Rule =>
  (object) =>
    [own(object, key)].flat().some((each) => isObject(each) && rule(each))

const own = (object: Json, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)

type Condition = (object: Json, key: string) => boolean

function conditionOf(key: string, condition: unknown): Condition {
  if (isObject(condition) && 'exists' in condition) {
    if (typeof condition.exists !== 'boolean' || Object.keys(condition).length !== 1)
      throw bad(`exists of ${quoted(key)} must be true or false`)
    return (object) => Object.hasOwn(object, key) === condition.exists
  }
  const test = testOf(key, condition)
  return (object) => Object.hasOwn(object, key) && [own(object, key)].flat().some(test)
}

function testOf(key: string, condition: unknown): Test {
  if (typeof condition === 'number') checkNumber(key, condition)
  if (!isObject(condition)) {
    if (Array.isArray(condition)) throw bad(`${quoted(key)} has an array in its array`)
    return (value) => value === condition
  }
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(condition)
  if (more.length > 0) throw bad(`a condition of ${quoted(key)} has more than one operator`)
  switch (operator) {
    case 'prefix':
    case 'suffix':
    case 'equals-ignore-case':
    case 'wildcard':
      return textTest(key, operator, operand)
    case 'anything-but':
      return anythingBut(key, operand)
    case 'numeric':
      return numeric(key, operand)
    case 'cidr':
      return cidr(key, operand)
    default:
      throw bad(
        `${quoted(operator)} of ${quoted(key)} is no operator: prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, cidr, exists`,
      )
  }
}

type TextOperator = 'prefix' | 'suffix' | 'equals-ignore-case' | 'wildcard'

function textTest(key: string, operator: TextOperator, operand: unknown): Test {
  if (typeof operand !== 'string' || operand === '')
    throw bad(`${operator} of ${quoted(key)} must be a string that is not empty`)
  const lower = operand.toLowerCase()
  const parts = operand.split('*')
  const tests: Readonly<Record<TextOperator, (text: string) => boolean>> = {
    prefix: (text) => text.startsWith(operand),
    suffix: (text) => text.endsWith(operand),
    'equals-ignore-case': (text) => text.toLowerCase() === lower,
    wildcard: (text) => fitsWildcard(text, parts),
  }
  const test = tests[operator]
  return (value) => typeof value === 'string' && test(value)
}

/** Its parts in their order, the first at the beginning and the last at the end. */
function fitsWildcard(text: string, parts: readonly string[]): boolean {
  const [first = '', ...rest] = parts
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false
  let from = first.length
  for (const part of rest) {
    const at = text.indexOf(part, from)
    if (at === -1 || at + part.length > text.length - last.length) return false
    from = at + part.length
  }
  return true
}

function anythingBut(key: string, operand: unknown): Test {
  if (isObject(operand)) {
    const [[operator, values] = ['', undefined], ...more] = Object.entries(operand)
    const isText = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(operator)
    if (!isText || more.length > 0)
      throw bad(`anything-but of ${quoted(key)} takes prefix, suffix, equals-ignore-case or wildcard`)
    const tests = [values].flat().map((each) => textTest(key, operator as TextOperator, each))
    return (value) => !tests.some((test) => test(value))
  }
  const values: readonly unknown[] = [operand].flat()
  if (values.length === 0) throw bad(`anything-but of ${quoted(key)} must not be empty`)
  for (const each of values) {
    if (typeof each === 'number') checkNumber(key, each)
    else if (typeof each !== 'string') throw bad(`anything-but of ${quoted(key)} must be strings or numbers`)
  }
  return (value) => !values.includes(value)
}

const COMPARISONS = {
  '=': (value: number, other: number) => value === other,
  '<': (value: number, other: number) => value < other,
  '<=': (value: number, other: number) => value <= other,
  '>': (value: number, other: number) => value > other,
  '>=': (value: number, other: number) => value >= other,
} as const

/** One comparison, or a range such as `[">", 0, "<=", 5]`. */
function numeric(key: string, operand: unknown): Test {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4))
    throw bad(`numeric of ${quoted(key)} must be one comparison or a range`)
  const [first, from, second, to] = operand as readonly unknown[]
  const comparisons = [compared(key, first, from), ...(operand.length === 4 ? [compared(key, second, to)] : [])]
  if (operand.length === 4) {
    const isRange = /^>=?$/.test(String(first)) && /^<=?$/.test(String(second)) && Number(from) < Number(to)
    if (!isRange) throw bad(`the range of ${quoted(key)} must go up from > or >= to < or <=`)
  }
  return (value) => typeof value === 'number' && comparisons.every((holds) => holds(value))
}

function compared(key: string, operator: unknown, other: unknown): (value: number) => boolean {
  const name = (Object.keys(COMPARISONS) as (keyof typeof COMPARISONS)[]).find((each) => each === operator)
  if (name === undefined) throw bad(`${quoted(String(operator))} of ${quoted(key)} is none of =, <, <=, >, >=`)
  if (typeof other !== 'number') throw bad(`numeric of ${quoted(key)} compares with numbers`)
  checkNumber(key, other)
  return (value) => COMPARISONS[name](value, other)
}

/** Within a thousand million, and five digits after the point. */
function checkNumber(key: string, value: number): void {
  if (Math.abs(value) <= MOST_NUMBER && Number(value.toFixed(5)) === value) return
  throw bad(`a number of ${quoted(key)} is beyond 10^9 or has more than five decimals`)
}

function cidr(key: string, operand: unknown): Test {
  const [address = '', bits = '', more] = typeof operand === 'string' ? operand.split('/') : []
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most || more !== undefined)
    throw bad(`cidr of ${quoted(key)} must be such as 10.0.0.0/24`)
  const list = new BlockList()
  list.addSubnet(address, Number(bits), version === 4 ? 'ipv4' : 'ipv6')
  return (value) => {
    const kind = typeof value === 'string' ? isIP(value) : 0
    return kind !== 0 && list.check(String(value), kind === 4 ? 'ipv4' : 'ipv6')
  }
}

// -------------------------------------------------------------------------------------------- reading

function parsed(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Told below.
  }
  throw bad('it is no JSON object')
}

/** A key of that name may be one of the message's, with plain values. */
const isAlternatives = (value: unknown): value is readonly Json[] =>
  Array.isArray(value) && value.length >= 2 && value.every((each) => isObject(each) && !isOperator(each))

const OPERATORS = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard', 'anything-but', 'numeric', 'cidr', 'exists']

const isOperator = (value: Json): boolean => Object.keys(value).every((key) => OPERATORS.includes(key))

const quoted = (text: string): string => JSON.stringify(text.slice(0, 64))

const bad = (why: string): AwsError => new AwsError('InvalidParameter', `Invalid parameter: FilterPolicy: ${why}.`)
