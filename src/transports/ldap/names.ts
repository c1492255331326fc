/**
 * Distinguished names (RFC 4514): what an event says is one value of a name, and never ends it, begins another or is empty.
 */
import type { DataCheck } from '../../subscriptions/data-check.js'
import { ValueFailed } from '../mapping.js'
import { compileTemplate, TemplateFailed } from '../template.js'
import type { OutgoingMessage } from '../transport.js'

/** @throws ValueFailed */
export type Name = (message: OutgoingMessage) => string

/** @param field of the target, such as `dn`. @throws InvalidInput `invalid_request` with the field. */
export function compileName(text: string, field: string, reads?: DataCheck): Name {
  const template = compileTemplate(text, `.${field}`, reads)
  return (message) => {
    try {
      return template.render(message, (value) => escaped(value, field))
    } catch (error) {
      if (error instanceof TemplateFailed) throw new ValueFailed(`target.${field} gives no name: ${error.message}`)
      throw error
    }
  }
}

/**
 * RFC 4514, section 2.4: any octet may be written as a backslash and two hexadecimal digits, and all but letters, digits and a few
 * marks are, so that nobody's idea of a separator is met: not even a blank at an end.
 */
function escaped(value: string, field: string): string {
  if (value === '') throw new ValueFailed(`target.${field} has a part that is empty for this event.`)
  return value.replace(/[^\p{L}\p{N}@._-]/gu, (character) =>
    [...Buffer.from(character)].map((octet) => `\\${octet.toString(16).padStart(2, '0')}`).join(''),
  )
}

const TYPE = '([A-Za-z][A-Za-z0-9-]*|\\d+(\\.\\d+)+)'
const VALUE = '([^\\\\,+"<>;=\\p{Cc}]|\\\\[0-9A-Fa-f]{2}|\\\\[ "#+,;<=>\\\\])+'
const PAIR = ` *${TYPE}=${VALUE}`
const DN = new RegExp(`^${PAIR}([,+]${PAIR})*$`, 'u')

/** Whether it is a name whatever the event says: an expression stands where a value may. */
export const isDn = (template: string): boolean => DN.test(template.replace(/\{\{[\s\S]*?\}\}/g, 'x'))
