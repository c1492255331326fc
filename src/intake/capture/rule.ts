/**
 * A rule of the mapping at work: the event that becomes of a change.
 */
import { InvalidInput, messageOf } from '../../errors.js'
import type { EventInput } from '../../event/envelope.js'
import type { Change, Row } from './change.js'
import { nameOfRule, type Rule, type TableMapping } from './mapping.js'

/** What expressions read; null where there is none. */
export const VARIABLES = ['operation', 'table', 'row', 'before', 'after', 'key', 'changed', 'rekeyed'] as const

/** CEL over these variables. Compiling throws InvalidInput with the field; evaluating throws an Error with a short message. */
export interface Expressions {
  compile(
    expression: string,
    use: 'filter' | 'payload' | 'value',
    field: string,
  ): (values: Readonly<Record<string, unknown>>, of: { readonly size: number }) => unknown
  /** As JSON. @throws Error with a short message */
  toJson(value: unknown): unknown
}

/** The changed row, as a rule sees it. */
export interface Seen {
  readonly change: Change
  readonly before: Row | null
  readonly after: Row | null
  readonly key: Row | null
  /** Columns whose value is another than before; of an update only, and only where the row before is known. */
  readonly changed: readonly string[]
  readonly rekeyed: boolean
}

type Yield = (seen: Seen) => unknown
export type CompiledRule = (seen: Seen) => EventInput | null

const OCCASIONS = ['insert', 'update', 'delete'] as const
const TEXTS = ['subject', 'superOwner', 'partitionKey', 'actor'] as const

/** @throws InvalidInput `invalid_request` with the field */
export function compileRule(rule: Rule, expressions: Expressions, field: string): CompiledRule {
  const compiled = (name: 'when' | 'data' | 'tags' | (typeof TEXTS)[number], use: 'filter' | 'payload' | 'value') => {
    const expression = rule[name]
    if (expression === undefined) return undefined
    return yielding(expressions.compile(expression, use, `${field}.${name}`), expressions, `${field}.${name}`)
  }
  const when = compiled('when', 'filter')
  const data = compiled('data', 'payload') ?? dataOf
  const tags = compiled('tags', 'value')
  const texts = TEXTS.map((name) => [name, compiled(name, 'value')] as const)
  const on: readonly string[] = rule.on ?? OCCASIONS
  return (seen) => {
    if (!on.includes(seen.change.operation) && !(seen.rekeyed && on.includes('rekey'))) return null
    if (when && when(seen) !== true) return null
    const subject = subjectOf(seen)
    return {
      type: rule.type,
      ...(subject !== null && { subject }),
      ...attributes(texts, seen, field),
      ...(tags && tagsFrom(tags(seen), `${field}.tags`)),
      ...(rule.priority && { priority: rule.priority }),
      data: data(seen),
    }
  }
}

function yielding(run: ReturnType<Expressions['compile']>, { toJson }: Expressions, field: string): Yield {
  return (seen) => {
    const { change, before, after, key, changed, rekeyed } = seen
    const { operation, table } = change
    const values = { operation, table, row: after ?? before, before, after, key, changed, rekeyed }
    try {
      return toJson(run(values, sized(values)))
    } catch (error) {
      throw new InvalidInput('invalid_data', `${field} fails on this change: ${messageOf(error)}.`, { field })
    }
  }
}

/** Written out only if an expression reads them again and again. */
const sized = (values: object) => ({
  get size() {
    return JSON.stringify(values).length
  },
})

/** Null: there is no such attribute. */
function attributes(texts: readonly (readonly [string, Yield | undefined])[], seen: Seen, field: string): object {
  const given = texts.flatMap(([name, yields]) => {
    const value = yields?.(seen) ?? null
    return value === null ? [] : [[name, textFrom(value, `${field}.${name}`)]]
  })
  return Object.fromEntries(given)
}

function textFrom(value: unknown, field: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new InvalidInput('invalid_data', `${field} yields no text for this change.`, {
    field,
    expected: 'a text or a number',
  })
}

function tagsFrom(value: unknown, field: string): { tags?: readonly string[] } {
  if (!Array.isArray(value))
    throw new InvalidInput('invalid_data', `${field} yields no list for this change.`, {
      field,
      expected: 'a list of texts',
    })
  return value.length === 0 ? {} : { tags: value.map((each) => textFrom(each, field)) }
}

const subjectOf = ({ key }: Seen): string | null => {
  const values = Object.values(key ?? {})
  return values.length === 0
    ? null
    : values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join('/')
}

/** What an event tells if its rule says nothing else; `changes` is a JSON Patch (RFC 6902). */
function dataOf({ change: { operation, table }, before, after, key, changed }: Seen): object {
  return {
    table,
    operation,
    ...(key && { key }),
    ...(before && { before }),
    ...(after && { after }),
    ...(operation === 'update' && { changes: changed.map((column) => replaced(column, after?.[column])) }),
  }
}

const replaced = (column: string, value: unknown) => ({
  op: 'replace',
  path: `/${column.replaceAll('~', '~0').replaceAll('/', '~1')}`,
  value,
})

// ------------------------------------------------------------------------------------------- all rules of a mapping

export interface Captured {
  readonly source: string
  readonly tables: Readonly<Record<string, TableMapping>>
  /** The columns that name a row, by table. */
  readonly keys: ReadonlyMap<string, readonly string[]>
}

/** @returns the events of a change: none, or one for each rule that fits. It throws InvalidInput where one cannot be made. */
export function compileRules(
  { source, tables, keys }: Captured,
  expressions: Expressions,
): (change: Change) => readonly EventInput[] {
  const compiled = new Map(
    Object.entries(tables).map(([name, table]) => {
      const rules = table.events.map((rule, index) => ({
        name: nameOfRule(rule),
        make: compileRule(rule, expressions, `tables.${name}.events[${index}]`),
      }))
      return [name, { columns: table.columns && new Set(table.columns), key: keys.get(name) ?? [], rules }] as const
    }),
  )
  return (change) => {
    const table = compiled.get(change.table)
    if (table === undefined) return []
    const seen = seenOf(change, table.key, table.columns)
    return table.rules.flatMap(({ name, make }) => {
      const event = make(seen)
      return event === null ? [] : [{ ...event, ...stamp(seen, source, name) }]
    })
  }
}

const stamp = (seen: Seen, source: string, rule: string) => {
  const { position, transaction, time, marked } = seen.change
  const extensions = marked === undefined ? {} : { extensions: { capture: marked } }
  return { id: `${position}.${rule}`, source, time, transactionId: transaction, ...extensions }
}

function seenOf(change: Change, keyColumns: readonly string[], columns: ReadonlySet<string> | undefined): Seen {
  const [before, after] = [within(change.before, columns), within(change.after, columns)]
  const key = keyIn(after ?? before, keyColumns)
  const keyBefore = keyIn(before, keyColumns)
  const rekeyed = keyBefore !== null && after !== null && differs(keyBefore, key)
  return { change, before, after, key, changed: changedBetween(before, after), rekeyed }
}

export const within = (row: Row | null, columns: ReadonlySet<string> | undefined): Row | null =>
  row === null || columns === undefined
    ? row
    : Object.fromEntries(Object.entries(row).filter(([name]) => columns.has(name)))

export const keyIn = (row: Row | null, columns: readonly string[]): Row | null =>
  row === null ? null : Object.fromEntries(columns.flatMap((name) => (name in row ? [[name, row[name]]] : [])))

const changedBetween = (before: Row | null, after: Row | null): readonly string[] =>
  before === null || after === null
    ? []
    : Object.keys(after).filter((name) => name in before && differs(before[name], after[name]))

const differs = (one: unknown, other: unknown): boolean =>
  one !== other && JSON.stringify(one) !== JSON.stringify(other)
