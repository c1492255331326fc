/**
 * U+0000, which PostgreSQL keeps in no text: what names or describes something must not hold it, whatever the store.
 */
import { InvalidInput } from '../src/index.js'

export const withoutNul = (what: string, field?: string): InvalidInput =>
  new InvalidInput('invalid_request', `${what} holds the character U+0000.`, {
    ...(field !== undefined && { field }),
    expected: 'text without U+0000',
  })

const ESCAPED = Buffer.from('\\u0000')

/** @throws InvalidInput `invalid_request` with the path of the first text, or name of a member, that holds it */
export function refuseNul(bytes: Buffer, value: unknown): void {
  if (!bytes.includes(ESCAPED)) return
  const path = findNul(value, '')
  if (path !== null) throw withoutNul('A text', path)
}

function findNul(value: unknown, path: string): string | null {
  if (typeof value === 'string') return value.includes('\0') ? path : null
  if (typeof value !== 'object' || value === null) return null
  for (const [name, member] of Object.entries(value)) {
    const at = Array.isArray(value) ? `${path}[${name}]` : path === '' ? name : `${path}.${name}`
    const found = name.includes('\0') ? path : findNul(member, at)
    if (found !== null) return found
  }
  return null
}
