/**
 * From a target to what is to become of an entry for an event.
 */
import { compileValue } from '../../subscriptions/cel-value.js'
import type { DataCheck } from '../../subscriptions/data-check.js'
import { resultOf, sequenceOf, ValueFailed } from '../mapping.js'
import type { OutgoingMessage } from '../transport.js'
import type { Attributes } from './directory.js'
import { compileName } from './names.js'
import { type LdapTarget, type Mapped, type Mapping, OPERATIONS, type Operation } from './target.js'

export interface Guard {
  readonly attribute: string
  /** 20 digits. */
  readonly sequence: string
}

/** One event's change of one entry. */
export interface EntryChange {
  readonly operation: Operation
  readonly dn: string
  readonly newDn: string | null
  /** Replace what is there; without values: removed. */
  readonly attributes: Attributes
  readonly addValues: Attributes
  readonly removeValues: Attributes
  readonly guard: Guard | null
}

/** Null: nothing is to be done for this event. @throws ValueFailed */
export type Plan = (message: OutgoingMessage) => EntryChange | null

/** @throws InvalidInput `invalid_request` with the field. */
export function planOf(target: LdapTarget, reads?: DataCheck): Plan {
  const operation = operationOf(target, reads)
  const dn = compileName(target.dn, 'dn', reads)
  const newDn = target.newDn === undefined ? null : compileName(target.newDn, 'newDn', reads)
  const valuesOf = (field: 'attributes' | 'addValues' | 'removeValues') => mappingOf(target[field] ?? {}, field, reads)
  const [attributes, addValues, removeValues] = [
    valuesOf('attributes'),
    valuesOf('addValues'),
    valuesOf('removeValues'),
  ]
  const { sequenceAttribute: attribute } = target
  return (message) => {
    const chosen = operation(message)
    if (chosen === 'none') return null
    if (chosen === 'rename' && newDn === null)
      throw new ValueFailed('target.newDn is missing, and the entry is to be renamed.')
    // Who is deleted needs no attributes, and the event need not have them.
    const given = (values: typeof attributes) => (chosen === 'delete' ? [] : values(message))
    return {
      operation: chosen,
      dn: dn(message),
      newDn: chosen === 'rename' && newDn !== null ? newDn(message) : null,
      attributes: given(attributes),
      addValues: given(addValues),
      removeValues: given(removeValues),
      guard: attribute === undefined ? null : { attribute, sequence: sequenceOf(message) },
    }
  }
}

function operationOf({ operation }: LdapTarget, reads?: DataCheck): (message: OutgoingMessage) => Operation | 'none' {
  if (typeof operation === 'string') return () => operation
  const value = compileValue(operation.cel, 'target.operation.cel', reads)
  return (message) => {
    const chosen = resultOf(value, message, 'operation.cel')
    const known = CHOICES.find((each) => each === chosen)
    if (known !== undefined) return known
    throw new ValueFailed(`target.operation.cel gives none of ${CHOICES.join(', ')}.`)
  }
}

/** CEL has no text that may also be null, so there is a word for nothing. */
const CHOICES = [...OPERATIONS, 'none'] as const

function mappingOf(mapping: Mapping, field: string, reads?: DataCheck): (message: OutgoingMessage) => Attributes {
  const compiled = Object.entries(mapping).map(
    ([name, mapped]) => [name, octetsOf(mapped, `${field}.${name}`, reads)] as const,
  )
  return (message) => compiled.map(([name, values]) => ({ name, values: values(message) }))
}

function octetsOf(mapped: Mapped, field: string, reads?: DataCheck): (message: OutgoingMessage) => readonly Buffer[] {
  if (typeof mapped === 'object' && 'dn' in mapped) {
    const name = compileName(mapped.dn, field, reads)
    return (message) => [Buffer.from(name(message))]
  }
  const [text, write] = typeof mapped === 'string' ? [mapped, written] : [mapped.base64, decoded]
  const value = compileValue(text, `target.${field}`, reads)
  return (message) => eachOnce(listOf(resultOf(value, message, field)).map((each) => write(each, field)))
}

/** Values are a set (RFC 4511, section 4.1.7), and a directory refuses one that is said twice. */
const eachOnce = (values: readonly Buffer[]): readonly Buffer[] => [
  ...new Map(values.map((value) => [value.toString('hex'), value])).values(),
]

const listOf = (value: unknown): readonly unknown[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => each !== null && each !== undefined)

/** RFC 4517, section 3.3.3: TRUE and FALSE. A map is JSON. */
const written = (value: unknown): Buffer =>
  Buffer.from(
    typeof value === 'boolean'
      ? String(value).toUpperCase()
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value),
  )

function decoded(value: unknown, field: string): Buffer {
  if (typeof value === 'string' && /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
    return Buffer.from(value, 'base64')
  throw new ValueFailed(`target.${field} gives no base64 for this event.`)
}
