/**
 * An SQLite file as a target. It is opened for each event: whoever moves or replaces it in between is not written past.
 */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidInput } from '../../errors.js'
import { errnoOf, folderBelow } from '../open-below.js'
import type { Bound, Database, Done, Work } from './database.js'
import { SqliteFailed, sqliteThreads } from './sqlite-threads.js'

/** @param segments the file below the root: the tenant's folder, others, its name. */
export function sqliteDatabase(root: string, segments: readonly string[]): Database {
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other: the file has one writer. */
  function inTurn(asked: { readonly work?: Work; readonly check?: string }, signal: AbortSignal): Promise<Done> {
    const answer = turn.then(async () => {
      signal.throwIfAborted()
      return sqliteThreads.ask({ ...asked, path: await plainFile(root, segments) }, signal)
    })
    turn = answer.catch(() => undefined)
    return answer
  }

  return {
    run: (work, signal) => inTurn({ work: bindable(work) }, signal),
    check: async (text, signal) => void (await inTurn({ check: text }, signal)),
    close: async () => void (await turn),
  }
}

/** @throws InvalidInput `target_refused` if it is a link or a device; SqliteFailed if it is not there. */
async function plainFile(root: string, segments: readonly string[]): Promise<string> {
  const path = join(await folderBelow(root, segments.slice(0, -1)), segments.at(-1) ?? '')
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw new SqliteFailed('There is no such file.', null)
    throw error
  })
  if (found.isFile()) return path
  throw new InvalidInput('target_refused', 'The path leads to a link, a device or a folder.', {
    field: 'target.file',
    expected: 'a plain file in plain folders',
  })
}

const bindable = ({ guard, statement }: Work): Work => ({ guard: guard && bound(guard), statement: bound(statement) })
const bound = ({ text, values }: Bound): Bound => ({ text, values: values.map(asSqlite) })

/** JSON as SQLite keeps it: a whole number as an integer, true and false as 1 and 0. */
function asSqlite(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null)
}
