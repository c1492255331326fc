/**
 * Statements are written with `?` (or `?1`), and sent with the numbers PostgreSQL wants. A constant one gets a name, under
 * which each connection prepares it once.
 */
import { createHash } from 'node:crypto'

export interface Statement {
  readonly name: string
  readonly text: string
}

export function numbered(sql: string): string {
  let count = 0
  return sql.replaceAll(/\?(\d*)/g, (_, digits: string) => `$${digits === '' ? ++count : digits}`)
}

/** For constants only: each connection keeps what it prepared. */
export function statement(sql: string): Statement {
  const text = numbered(sql)
  return { name: createHash('sha256').update(text).digest('base64url').slice(0, 20), text }
}
