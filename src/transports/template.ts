/**
 * Texts for people and names for directories: literal text with CEL in double braces, `Card {{ data.serialNumber }}`.
 * What an expression yields is escaped for the place it stands in, so an event can never write more than a value there.
 */
import { messageOf } from '../errors.js'
import { compileValue, type EventValue, type Told } from '../subscriptions/cel-value.js'
import type { DataCheck } from '../subscriptions/data-check.js'
import { badTarget } from './target.js'

export interface Template {
  /**
   * @param escaped makes a value harmless where it stands; what is written in the template itself is left as it is.
   * @throws TemplateFailed
   */
  render(told: Told, escaped?: (value: string) => string): string
}

/** An expression that fails on this event, and would fail again. */
export class TemplateFailed extends Error {}

type Part = string | EventValue

/**
 * @param field of the target, such as `.texts.en.subject`.
 * @throws InvalidInput `invalid_request` with the field.
 */
export function compileTemplate(text: string, field: string, reads?: DataCheck): Template {
  const parts = partsOf(text, field, reads)
  return {
    render: (told, escaped = (value) => value) =>
      parts.map((part) => (typeof part === 'string' ? part : escaped(textOf(run(part, told))))).join(''),
  }
}

/** Text and expressions by turns. Within an expression `}}` ends it, also in a quoted text. */
function partsOf(text: string, field: string, reads?: DataCheck): readonly Part[] {
  const [first = '', ...rest] = text.split('{{')
  if (first.includes('}}')) throw unclosed(field)
  const expressions = rest.flatMap((piece): readonly Part[] => {
    const end = piece.indexOf('}}')
    if (end < 0 || piece.includes('}}', end + 2)) throw unclosed(field)
    return [compileExpression(piece.slice(0, end).trim(), field, reads), piece.slice(end + 2)]
  })
  return [first, ...expressions]
}

const unclosed = (field: string) =>
  badTarget(field, 'A brace of the template has no partner.', 'text with {{ CEL expressions }} in it')

/** @throws InvalidInput `invalid_request` with the field. */
export const compileExpression = (text: string, field: string, reads?: DataCheck): EventValue =>
  compileValue(text, `target${field}`, reads)

/** What the expression yields; null where the event does not have what it reads. @throws TemplateFailed */
export function run(expression: EventValue, told: Told): unknown {
  try {
    return expression(told)
  } catch (error) {
    const reason = messageOf(error)
    if (/^No such key\b/.test(reason)) return null
    throw new TemplateFailed(`An expression gave no value: ${reason}.`)
  }
}

/** Nothing for what is not there; lists and maps as JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** The texts of one value, or of a list of them. */
export const textsOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each) => each !== undefined && each !== null).map(textOf)
