/**
 * Pages of keys and tenants: keyset, by id, with an opaque cursor.
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

/** Rows after `after` by id, at most `limit`. */
export type ReadPage<Row> = (page: { after: string | null; limit: number }) => Promise<readonly Row[]>

/**
 * The page asked for, each row shown by `view`.
 * @throws InvalidInput `invalid_cursor` or `invalid_request`.
 */
export async function pageOf<Row extends { readonly id: string }, Item>(
  request: PageRequest,
  read: ReadPage<Row>,
  view: (row: Row) => Item,
): Promise<Page<Item>> {
  const limit = limitOf(request)
  const rows = await read({ after: afterOf(request), limit })
  // A full page may be the last: its cursor then leads to an empty one.
  const last = rows.length < limit ? undefined : rows.at(-1)
  return { items: rows.map(view), next: last === undefined ? null : Buffer.from(last.id).toString('base64url') }
}

function limitOf({ limit = 100 }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit
  throw new InvalidInput('invalid_request', 'The limit is out of range.', {
    field: 'limit',
    expected: 'a whole number from 1 to 1000',
  })
}

function afterOf({ cursor }: PageRequest): string | null {
  if (cursor === undefined) return null
  if (/^[A-Za-z0-9_-]{1,512}$/.test(cursor)) return Buffer.from(cursor, 'base64url').toString('utf8')
  throw new InvalidInput('invalid_cursor', 'The cursor is none of ours.', {
    field: 'cursor',
    expected: '`next` of a page',
  })
}
