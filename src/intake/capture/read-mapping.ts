/**
 * A mapping from outside: checked whole, before anything is asked of the source. What only the source knows, such as its
 * columns, is checked against it (`tables.ts`).
 */
import { hint } from '../../event/nearest.js'
import { invalid } from '../../event/schema-error.js'
import { CAPTURE_NAME, CaptureInput, type CaptureSpec, nameOfRule, type Rule, type TableMapping } from './mapping.js'
import { compileRule, type Expressions } from './rule.js'
import { shapeOf } from './shape.js'

const shaped = shapeOf<CaptureSpec>(CaptureInput, 'The mapping')

/** What the catalogue says of a type; undefined: it does not know it. */
export interface KnownTypes {
  has(type: string): boolean
  names(): readonly string[]
}

export interface ReadOptions {
  readonly expressions: Expressions
  readonly types: KnownTypes
  /** The tenant takes types that are not in the catalogue. */
  readonly openTypes: boolean
}

const TABLE = /^[^.\0"]{1,63}\.[^\0"]{1,63}$/

/** @throws InvalidInput `invalid_request` with the field, such as `tables.public.person.events[0].when` */
export function readName(name: string): string {
  if (new RegExp(CAPTURE_NAME).test(name)) return name
  throw invalid(
    'The name of a capture is part of the names it gets in the source.',
    'name',
    'a-z, 0-9 and _, at most 40',
  )
}

/** @throws InvalidInput `invalid_request`, `unknown_type` with the field */
export function readMapping(input: unknown, options: ReadOptions): CaptureSpec {
  const spec = shaped(input)
  checkRetain(spec)
  for (const [name, table] of Object.entries(spec.tables)) checkTable(name, table, options)
  return spec
}

function checkRetain({ retain: { warn = 0, stop } = {} }: CaptureSpec): void {
  if (stop === undefined || stop > warn) return
  throw invalid('retain.stop is not more than retain.warn.', 'retain.stop', `more than ${warn}`)
}

function checkTable(name: string, table: TableMapping, options: ReadOptions): void {
  const at = `tables.${name}`
  if (!TABLE.test(name))
    throw invalid(`${JSON.stringify(name)} names no table.`, at, 'SCHEMA.TABLE, such as public.person')
  const unseen = table.columns && table.key?.find((column) => !table.columns?.includes(column))
  if (unseen !== undefined)
    throw invalid(`The key has the column ${unseen}, which columns leaves out.`, `${at}.key`, 'columns of the list')
  const names = new Set<string>()
  for (const [index, rule] of table.events.entries()) {
    const field = `${at}.events[${index}]`
    if (names.has(nameOfRule(rule)))
      throw invalid(
        'Two rules of the table have one name.',
        `${field}.name`,
        'a name of its own for each rule of a type',
      )
    names.add(nameOfRule(rule))
    checkRule(rule, field, options)
  }
}

function checkRule(rule: Rule, field: string, { expressions, types, openTypes }: ReadOptions): void {
  compileRule(rule, expressions, field)
  if (openTypes || types.has(rule.type)) return
  const message = `The event type ${JSON.stringify(rule.type)} is not in the catalogue.${hint(rule.type, types.names())}`
  throw invalid(
    message,
    `${field}.type`,
    'a type that `tocsin types` lists, or a tenant with open types',
    'unknown_type',
  )
}
