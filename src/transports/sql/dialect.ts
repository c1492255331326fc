/**
 * How statements are written for a database.
 */
import type { Bound, RowThere } from './database.js'

export interface Dialect {
  /** The value with this number, from 1. */
  placeholder(number: number): string
  /** Values are given in the order of their places, one that is used twice twice; else each once, by its number. */
  readonly isInOrder: boolean
  /** Its texts may be the same in whatever case: what must be told apart is kept as a digest. */
  readonly isCaseBlind: boolean
  /** The words a statement may begin with. */
  readonly verbs: readonly string[]
  /** What must not stand outside of quotes: the database's own kinds of parameters, and comments we do not read. */
  readonly ownParameters: RegExp
  /** Inserts the row, or changes the one that is there if it is older. */
  upsert(row: UpsertRow, value: (number: number) => string): Upsert
  /** Changes a row (name, subject, sequence) only if the sequence is newer, and holds it until the transaction ends. */
  guard(table: string): string
}

export interface UpsertRow {
  readonly table: string
  readonly key: readonly string[]
  readonly others: readonly string[]
  /** The last of `others` if it keeps the sequence. */
  readonly guard: string | null
}

export interface Upsert {
  /** Values: those of the key, then the others. */
  readonly text: string
  /** Of the same values. */
  row?(values: readonly unknown[]): RowThere
}

const quotedBy =
  (quote: string) =>
  (name: string): string =>
    name
      .split('.')
      .map((part) => `${quote}${part}${quote}`)
      .join('.')

const quoted = quotedBy('"')

type Written = Pick<Dialect, 'placeholder' | 'upsert' | 'guard'>

/** What the row that is there is called: SQLite names the table so in its errors. `excluded` is the row that is not there yet. */
function ownName(table: string): string {
  const name = table.slice(table.lastIndexOf('.') + 1)
  return quoted(name.toLowerCase() === 'excluded' ? 'old' : name)
}

const onConflict = (placeholder: (number: number) => string): Written => ({
  placeholder,
  upsert({ table, key, others, guard }, value) {
    const names = [...key, ...others]
    const places = names.map((_, index) => value(index + 1))
    const set = others.map((name) => `${quoted(name)} = excluded.${quoted(name)}`)
    const [old, kept] = [ownName(table), guard && quoted(guard)]
    const older = kept && ` WHERE ${old}.${kept} IS NULL OR ${old}.${kept} < excluded.${kept}`
    const action = set.length === 0 ? 'DO NOTHING' : `DO UPDATE SET ${set.join(', ')}${older ?? ''}`
    return {
      text: `INSERT INTO ${quoted(table)} AS ${old} (${names.map(quoted).join(', ')}) VALUES (${places.join(', ')}) ON CONFLICT (${key.map(quoted).join(', ')}) ${action}`,
    }
  },
  guard: (table) =>
    `INSERT INTO ${quoted(table)} AS ${ownName(table)} (name, subject, sequence) VALUES (${[1, 2, 3].map(placeholder).join(', ')}) ON CONFLICT (name, subject) DO UPDATE SET sequence = excluded.sequence WHERE ${ownName(table)}.sequence < excluded.sequence`,
})

export const POSTGRES: Dialect = {
  ...onConflict((number) => `$${number}`),
  isInOrder: false,
  isCaseBlind: false,
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'MERGE', 'WITH', 'SELECT', 'CALL'],
  ownParameters: /\$\d/,
}

/** Neither ATTACH nor VACUUM INTO nor PRAGMA: a statement stays in its file. */
export const SQLITE: Dialect = {
  ...onConflict((number) => `?${number}`),
  isInOrder: false,
  isCaseBlind: false,
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH'],
  ownParameters: /[?@]|\$\w/,
}

const ticked = quotedBy('`')

/**
 * ON DUPLICATE KEY asks for any unique index, not for the key of the mapping, and would change the row of somebody else: the row of the
 * key is changed if it is there, and else inserted.
 */
export const MARIADB: Dialect = {
  placeholder: () => '?',
  isInOrder: true,
  isCaseBlind: true,
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'WITH', 'SELECT', 'CALL'],
  ownParameters: /[?#]/,
  upsert({ table, key, others, guard }, value) {
    const names = [...key, ...others]
    const found = key.map((name) => `${ticked(name)} = ?`).join(' AND ')
    const older = guard === null ? '' : ` AND (${ticked(guard)} IS NULL OR ${ticked(guard)} < ?)`
    const set = others.map((name) => `${ticked(name)} = ?`).join(', ')
    return {
      text: `INSERT INTO ${ticked(table)} (${names.map(ticked).join(', ')}) VALUES (${names.map((_, index) => value(index + 1)).join(', ')})`,
      row(values) {
        const [ofKey, ofOthers] = [values.slice(0, key.length), values.slice(key.length)]
        const update = `UPDATE ${ticked(table)} SET ${set} WHERE ${found}${older}`
        const given: Bound = {
          text: update,
          values: [...ofOthers, ...ofKey, ...(guard === null ? [] : ofOthers.slice(-1))],
        }
        const find = { text: `SELECT 1 FROM ${ticked(table)} WHERE ${found} LIMIT 1`, values: ofKey }
        return { update: others.length === 0 ? null : given, find }
      },
    }
  },
  guard: (table) =>
    `INSERT INTO ${ticked(table)} (name, subject, sequence) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE sequence = IF(sequence < VALUES(sequence), VALUES(sequence), sequence)`,
}
