/**
 * Attribute values as HTTP header values: percent-encoding of the HTTP protocol binding, section 3.1.3.2.
 */
import { invalid } from '../event/attribute-values.js'

/** Space, double quote, percent and all outside U+0021-U+007E; by whole characters, so that no pair is cut. */
const TO_ENCODE = /[^!#$&-~]+/gu

/** @throws InvalidInput `invalid_event` for a lone surrogate, which has no UTF-8. */
export function encodeHeader(value: string, field: string): string {
  try {
    return value.replace(TO_ENCODE, encodeURIComponent)
  } catch {
    throw invalid(field, 'has a lone surrogate', 'well-formed Unicode')
  }
}

const PRINTABLE = /^[\t -~]*$/
const QUOTED = /^"((?:[^"\\]|\\.)*)"$/

/**
 * The reverse; also for older senders, which quoted the value and left spaces as they are.
 * @throws InvalidInput `invalid_event` for bytes that are no UTF-8, a stray percent sign, or characters outside ASCII.
 */
export function decodeHeader(value: string, field: string): string {
  if (!PRINTABLE.test(value)) throw invalid(field, 'has characters outside ASCII', 'percent-encoded UTF-8')
  const quoted = QUOTED.exec(value)?.[1]
  const text = quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1')
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(field, 'is not percent-encoded rightly', 'percent-encoded UTF-8')
  }
}
