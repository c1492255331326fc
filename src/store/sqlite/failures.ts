/**
 * What SQLite throws, told apart by what it means for the store (https://sqlite.org/rescode.html).
 */
import { Fault, messageOf, TocsinError, Unavailable } from '../../errors.js'

const PRIMARY = {
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notDatabase: 26,
  busy: 5,
  locked: 6,
  noMemory: 7,
}
const FSYNC_ERRORS: ReadonlySet<number> = new Set([1034, 1290])

const TELLING: Readonly<Record<number, string>> = {
  [PRIMARY.busy]: 'The database file is in use by another program.',
  [PRIMARY.locked]: 'The database file is in use by another program.',
  [PRIMARY.noMemory]: 'There is not enough memory.',
  [PRIMARY.readOnly]: 'The database file cannot be written.',
  [PRIMARY.ioError]: 'The disk failed.',
  [PRIMARY.corrupt]: 'The database file is damaged.',
  [PRIMARY.full]: 'The disk is full.',
  [PRIMARY.cannotOpen]: 'The database file cannot be opened.',
  [PRIMARY.notDatabase]: 'The file is not a database.',
}

/** The extended result code, or null if SQLite did not throw this. */
export const resultCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null

const primary = (error: unknown): number | null => {
  const code = resultCode(error)
  return code === null ? null : code & 0xff
}

export const isBusy = (error: unknown): boolean => primary(error) === PRIMARY.busy || primary(error) === PRIMARY.locked

/**
 * After this nobody knows what the disk holds: the kernel may have dropped the pages it could not write, and a second
 * sync would lie (the lesson of PostgreSQL's fsync reports, 2018). `atCommit`: raised by COMMIT or a checkpoint.
 */
export function endsWriting(error: unknown, atCommit: boolean): boolean {
  const code = resultCode(error)
  if (code !== null && FSYNC_ERRORS.has(code)) return true
  return primary(error) === PRIMARY.corrupt || (atCommit && primary(error) === PRIMARY.ioError)
}

/**
 * What the caller is told: misuse stays a TypeError, a disk's trouble is `Unavailable`, anything else our fault.
 * @param file for whoever opens it
 */
export function failureOf(error: unknown, file?: string): Error {
  if (error instanceof TocsinError || error instanceof TypeError) return error
  const telling = TELLING[primary(error) ?? -1]
  if (telling === undefined) return new Fault('internal', `The store failed: ${messageOf(error)}`, { cause: error })
  const message = file === undefined ? telling : `${file}: ${telling}`
  return new Unavailable('unavailable', message, { cause: error, data: { sqlite: resultCode(error) } })
}
