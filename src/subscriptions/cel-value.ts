/**
 * A value that a way out works out of each event by a CEL expression: a column, an address. Beside `event` and `data` it may
 * read `message`: `id` (the same for every attempt), `sequence` (the place in the log, 20 digits), `body` (as the format wrote it).
 */
import type { AnyEvent } from '../event/envelope.js'
import { compileCel } from './cel.js'
import { toJsonValue } from './cel-json.js'
import type { DataCheck } from './data-check.js'
import { viewOf } from './wire-view.js'

/** What `message` is made of; a transport's outgoing message is one. */
export interface Told {
  readonly id: string
  readonly body: string
  readonly event: AnyEvent
}

/** Answers JSON. @throws Error with a short message when the expression fails on this event. */
export type EventValue = (told: Told) => unknown

/**
 * @param reads tells data that no type of the subscription describes.
 * @throws InvalidInput `invalid_request` with the field and the place in the text.
 */
export function compileValue(expression: string, field: string, reads?: DataCheck): EventValue {
  const compiled = compileCel(expression, 'value', field)
  reads?.(compiled, field)
  return ({ id, body, event }) => toJsonValue(compiled.run(viewOf(event), { id, body, sequence: event.sequence ?? '' }))
}
