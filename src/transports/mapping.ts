/**
 * Mappings: what a target makes of an event by CEL expressions, one a field; and where the event stands in the log.
 */
import { messageOf } from '../errors.js'
import { compileValue, type EventValue } from '../subscriptions/cel-value.js'
import type { DataCheck } from '../subscriptions/data-check.js'
import type { OutgoingMessage } from './transport.js'

/** The event can never be written by this mapping. */
export class ValueFailed extends Error {}

export type Values = ReadonlyMap<string, EventValue>

/** @throws InvalidInput `invalid_request` with the field. */
export const valuesOf = (expressions: Readonly<Record<string, string>>, field: string, reads?: DataCheck): Values =>
  new Map(
    Object.entries(expressions).map(([name, expression]) => [
      name,
      compileValue(expression, `target.${field}.${name}`, reads),
    ]),
  )

/** @throws ValueFailed */
export const evaluated = (values: Values, message: OutgoingMessage, field: string): readonly unknown[] =>
  [...values].map(([name, value]) => resultOf(value, message, `${field}.${name}`))

/** @throws ValueFailed, naming the field. */
export function resultOf(value: EventValue, message: OutgoingMessage, field: string): unknown {
  try {
    return value(message)
  } catch (error) {
    throw new ValueFailed(`target.${field} gives no value for this event: ${messageOf(error).replace(/\.$/, '')}.`)
  }
}

/** 20 digits: they sort as numbers, in a column of either kind. @throws ValueFailed */
export function sequenceOf({ event }: OutgoingMessage): string {
  if (event.sequence !== undefined) return event.sequence
  throw new ValueFailed('The event has no sequence, by which repeats are known.')
}

/** A test event is no event of the log: nothing is written of it. */
export const isTest = ({ event }: OutgoingMessage): boolean =>
  event.sequence !== undefined && Number(event.sequence) === 0
