/**
 * Keyset pages as callers see them: an opaque cursor that names the last row of a page.
 */
import { InvalidInput } from '../errors.js'

export interface PageRequest {
  /** From the page before; absent: the first page. */
  readonly cursor?: string
  /** 1 to 1,000; default 100. */
  readonly limit?: number
}

export interface Page<Item> {
  readonly items: readonly Item[]
  /** Null on the last page. */
  readonly next: string | null
}

/**
 * Reads one row more than asked for, to know whether there is a next page.
 * @throws InvalidInput `invalid_cursor`, or `invalid_request` for the limit.
 */
export async function paged<Key, Row, Item>(
  { cursor, limit = 100 }: PageRequest,
  parse: (text: string) => Key,
  read: (after: Key | null, limit: number) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
  view: (row: Row) => Item,
): Promise<Page<Item>> {
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new InvalidInput('invalid_request', 'The limit is out of range.', {
      field: 'limit',
      expected: 'a whole number from 1 to 1000',
    })
  }
  const after = cursor === undefined ? null : keyIn(cursor, parse)
  const rows = await read(after, limit + 1)
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const next = rows.length > limit && last !== undefined ? cursorTo(keyOf(last)) : null
  return { items: items.map(view), next }
}

export const cursorTo = (key: string): string => Buffer.from(key).toString('base64url')

/** @throws InvalidInput `invalid_cursor` */
export function keyIn<Key>(cursor: string, parse: (text: string) => Key): Key {
  try {
    // Buffer skips what is not base64url, so an empty or foreign text would start at the first row again.
    if (!/^[A-Za-z0-9_-]+$/.test(cursor)) throw new RangeError('Not base64url.')
    return parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch (cause) {
    throw new InvalidInput('invalid_cursor', 'The cursor is not one of ours.', {
      field: 'cursor',
      expected: 'the `next` of a page',
      cause,
    })
  }
}

/** For lists whose key is a number. @throws RangeError */
export function numberKey(text: string): number {
  const key = Number(text)
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(key)) throw new RangeError('Not a number.')
  return key
}

export const textKey = (text: string): string => text

/** The usual page: rows in the order of their ids. */
export const pageOf = <Row extends { readonly id: string }, Item>(
  request: PageRequest,
  read: (page: { after: string | null; limit: number }) => Promise<readonly Row[]>,
  view: (row: Row) => Item,
): Promise<Page<Item>> =>
  paged(
    request,
    textKey,
    (after, limit) => read({ after, limit }),
    ({ id }) => id,
    view,
  )
