/**
 * An SQLite file as a target. It is opened for the events that wait at a time: whoever moves or replaces it in between is not
 * written past.
 */
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { InvalidInput } from '../../errors.js'
import { untilAborted } from '../abort.js'
import { errnoOf, folderBelow } from '../open-below.js'
import type { Bound, Database, Done, Work } from './database.js'
import { type Asked, type Outcome, SqliteFailed, sqliteThreads } from './sqlite-threads.js'

/** Written in one transaction. */
const MOST = 100

interface Waiting {
  readonly work: Work
  readonly signal: AbortSignal
  readonly resolve: (done: Done) => void
  readonly reject: (error: unknown) => void
}

/** @param segments the file below the root: the tenant's folder, others, its name. */
export function sqliteDatabase(root: string, segments: readonly string[]): Database {
  let waiting: Waiting[] = []
  let running: Promise<void> | null = null

  const ask = async (asked: Omit<Asked, 'path' | 'givenUp'>, signal: AbortSignal): Promise<readonly Outcome[]> =>
    sqliteThreads.ask({ ...asked, path: await plainFile(root, segments) }, signal)

  /** The file has one writer. What came in the same turn shares a transaction, and its sync. */
  async function drain(): Promise<void> {
    for (await turn(); waiting.length > 0; await turn()) {
      const batch = waiting.slice(0, MOST).filter(({ signal }) => !signal.aborted)
      waiting = waiting.slice(MOST)
      if (batch.length > 0) await write(batch)
    }
    running = null
  }

  async function write(batch: readonly Waiting[]): Promise<void> {
    const works = batch.map(({ work }) => work)
    const signal = whenAll(batch.map((each) => each.signal))
    try {
      const outcomes = await ask({ works }, signal)
      for (const [index, each] of batch.entries()) settle(each, outcomes[index])
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    run: (work, signal) =>
      untilAborted(
        signal,
        () =>
          new Promise((resolve, reject) => {
            waiting.push({ work: bindable(work), signal, resolve, reject })
            running ??= drain()
          }),
      ),
    check: async (text, signal) => void (await ask({ check: text }, signal)).map(doneOf),
    close: async () => void (await running),
  }
}

function settle({ resolve, reject }: Waiting, outcome: Outcome | undefined): void {
  try {
    resolve(doneOf(outcome))
  } catch (error) {
    reject(error)
  }
}

/** @throws SqliteFailed */
function doneOf(outcome: Outcome | undefined): Done {
  if (outcome === undefined) throw new TypeError('The thread of an SQLite file left something out.')
  if ('done' in outcome) return outcome.done
  throw new SqliteFailed(outcome.failed.message, outcome.failed.errcode)
}

/** Aborted when all are: nobody waits any more. */
function whenAll(signals: readonly AbortSignal[]): AbortSignal {
  const all = new AbortController()
  let left = signals.length
  for (const signal of signals)
    signal.addEventListener('abort', () => {
      left -= 1
      if (left === 0) all.abort(signal.reason)
    })
  return all.signal
}

/** @throws InvalidInput `target_refused` if it is a link or a device; SqliteFailed if it is not there. */
async function plainFile(root: string, segments: readonly string[]): Promise<string> {
  const path = join(await folderBelow(root, segments.slice(0, -1)), segments.at(-1) ?? '')
  const found = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') throw new SqliteFailed(noFile(segments), null)
    throw error
  })
  if (found.isFile()) return path
  throw new InvalidInput('target_refused', 'The path leads to a link, a device or a folder.', {
    field: 'target.file',
    expected: 'a plain file in plain folders',
  })
}

const noFile = (segments: readonly string[]): string =>
  `There is no file ${segments.join('/')} below files.root, and Tocsin makes none.`

const bindable = ({ guard, statement }: Work): Work => ({ guard: guard && bound(guard), statement: bound(statement) })
const bound = ({ text, values }: Bound): Bound => ({ text, values: values.map(asSqlite) })

/** JSON as SQLite keeps it: a whole number as an integer, true and false as 1 and 0. */
function asSqlite(value: unknown): unknown {
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value ?? null)
}
