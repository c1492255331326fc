/**
 * From a target to what is run for an event. The guard makes a repeat and an older event change nothing: it keeps the sequence
 * of the event last written, in the row itself or in a table of its own, and is changed in the same transaction.
 */
import { hash } from 'node:crypto'
import { compileValue, type EventValue } from '../../subscriptions/cel-value.js'
import { evaluated, resultOf, sequenceOf, ValueFailed, valuesOf } from '../mapping.js'
import { badTarget } from '../target.js'
import type { DataCheck, OutgoingMessage } from '../transport.js'
import type { Bound, Work } from './database.js'
import type { Dialect } from './dialect.js'
import { readStatement } from './named-parameters.js'
import { GUARD_COLUMN, GUARD_TABLE, type SqlTarget } from './sql-target.js'

export interface Plan {
  /** @throws ValueFailed when an expression gives nothing that can be written. */
  work(message: OutgoingMessage): Work
  /** The statement without values, to be checked and not run; null: this kind cannot be. */
  readonly tried: string | null
}

/** @throws InvalidInput `invalid_request` with the field. */
export function planOf(target: SqlTarget, dialect: Dialect, reads?: DataCheck): Plan {
  return target.statement === undefined
    ? upsertPlan(target, dialect, reads)
    : statementPlan(target, target.statement, dialect, reads)
}

function upsertPlan(target: SqlTarget, dialect: Dialect, reads?: DataCheck): Plan {
  const { table = '', key = {}, columns = {}, guardTable, guardColumn = GUARD_COLUMN } = target
  const keys = valuesOf(key, 'key', reads)
  const columnValues = valuesOf(columns, 'columns', reads)
  const guard = guardTable === undefined ? guardColumn : null
  const others = [...columnValues.keys(), ...(guard === null ? [] : [guard])]
  const written = { table, key: [...keys.keys()], others, guard }
  const { text, row } = dialect.upsert(written, dialect.placeholder)
  const subject = target.guardKey === undefined ? null : compileValue(target.guardKey, 'target.guardKey', reads)
  return {
    tried: dialect.upsert(written, () => 'NULL').text,
    work(message) {
      const found = evaluated(keys, message, 'key')
      requireKey([...keys.keys()], found)
      const given = [...found, ...evaluated(columnValues, message, 'columns')]
      const values = guard === null ? given : [...given, sequenceOf(message)]
      const write = { statement: { text, values }, ...(row && { row: row(values) }) }
      if (guardTable === undefined) return { guard: null, ...write }
      const name = target.guardName ?? table
      const of = { table: guardTable, name, key: guardKeyOf(subject, message, found, dialect) }
      return { guard: guardBy(of, message, dialect), ...write }
    },
  }
}

function statementPlan(target: SqlTarget, text: string, dialect: Dialect, reads?: DataCheck): Plan {
  const { parameters = {}, guardTable = GUARD_TABLE, guardKey = 'event.subject' } = target
  const statement = readStatement(text, dialect)
  checkParameters(statement.names, parameters)
  const values = valuesOf(parameters, 'parameters', reads)
  const subject = compileValue(guardKey, 'target.guardKey', reads)
  const name = target.guardName ?? hash('sha256', text, 'hex').slice(0, 16)
  const bound = statement.write((each) => dialect.placeholder(statement.names.indexOf(each) + 1))
  const order = dialect.isInOrder ? statement.places : statement.names
  const places = (message: OutgoingMessage) => {
    const given = new Map([...values.keys()].map((each, index) => [each, index]))
    const found = evaluated(values, message, 'parameters')
    return order.map((each) => found[given.get(each) ?? -1])
  }
  return {
    tried: /^\s*CALL\b/i.test(text) ? null : statement.write(() => 'NULL'),
    work: (message) => ({
      guard: guardBy({ table: guardTable, name, key: guardKeyOf(subject, message, [], dialect) }, message, dialect),
      statement: { text: bound, values: places(message) },
    }),
  }
}

function checkParameters(names: readonly string[], given: Readonly<Record<string, string>>): void {
  const missing = names.find((name) => !Object.hasOwn(given, name))
  if (missing !== undefined)
    throw badTarget(`.parameters.${missing}`, 'The statement has a parameter that is not given.', 'a CEL expression')
  const unused = Object.keys(given).find((name) => !names.includes(name))
  if (unused !== undefined)
    throw badTarget(`.parameters.${unused}`, 'The statement has no such parameter.', `one of ${names.join(', ')}`)
}

interface Guard {
  readonly table: string
  readonly name: string
  readonly key: string
}

/** Changes its row only if the event is newer, and holds it until the transaction ends: the next event of the key waits. */
function guardBy({ table, name, key }: Guard, message: OutgoingMessage, dialect: Dialect): Bound {
  return { text: dialect.guard(table), values: [name, key, sequenceOf(message)] }
}

/** Longer ones as a digest: they must fit into an index. */
const LONGEST_KEY = 200

/** Tenants count apart. What has no key of its own is guarded alone. */
function guardKeyOf(
  key: EventValue | null,
  message: OutgoingMessage,
  found: readonly unknown[],
  { isCaseBlind }: Dialect,
): string {
  const value = key === null ? found : resultOf(key, message, 'guardKey')
  const own = value === null ? [message.event.source, message.event.id] : value
  const text = JSON.stringify([message.event.tenant ?? '', own])
  return text.length <= LONGEST_KEY && !isCaseBlind ? text : hash('sha256', text, 'hex')
}

/** NULL is never equal to NULL: each attempt would insert another row. */
function requireKey(names: readonly string[], values: readonly unknown[]): void {
  const missing = names.find((_, index) => values[index] === null)
  if (missing !== undefined) throw new ValueFailed(`target.key.${missing} is null for this event, and finds no row.`)
}
