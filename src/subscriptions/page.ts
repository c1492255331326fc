/**
 * Keyset pages of subscriptions, behind an opaque cursor.
 */
import { InvalidInput } from '../errors.js'
import { invalid } from './schema-error.js'

export interface PageRequest {
  readonly cursor?: string
  /** 1 to 1,000; default 100. */
  readonly limit?: number
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Null on the last page. */
  readonly next: string | null
}

/** @throws InvalidInput `invalid_request`, `invalid_cursor` */
export function readPage({ cursor, limit = 100 }: PageRequest): {
  readonly after: string | null
  readonly limit: number
} {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw invalid('The limit is not valid.', 'limit', 'a whole number from 1 to 1000')
  return { after: cursor === undefined ? null : readCursor(cursor), limit }
}

export const writeCursor = (id: string): string => Buffer.from(JSON.stringify({ id })).toString('base64url')

function readCursor(cursor: string): string {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string') return value.id
  } catch {
    // Told below, as every other cursor that is not ours.
  }
  throw new InvalidInput('invalid_cursor', 'The cursor is not one of these pages.', {
    field: 'cursor',
    expected: 'the `next` of the page before',
  })
}
