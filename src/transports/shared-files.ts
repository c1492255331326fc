/**
 * The open files of a file transport: subscriptions that write to the same one share it.
 */
import { join } from 'node:path'
import { type AppendFile, type AppendResult, appendFile } from './append-file.js'
import { openBelow } from './open-below.js'

export interface SharedFiles {
  append(segments: readonly string[], line: Buffer, limit: number, signal: AbortSignal): Promise<AppendResult>
  /** Closes the file as soon as nobody writes to it; the next line opens it again. */
  letGo(segments: readonly string[]): Promise<void>
}

interface Entry {
  readonly file: AppendFile
  writers: number
  unwanted: boolean
}

export function sharedFiles(root: string): SharedFiles {
  const entries = new Map<string, Entry>()

  function entryOf(segments: readonly string[]): Entry {
    const path = join(root, ...segments)
    const known = entries.get(path)
    if (known) return known
    const made = { file: appendFile(path, () => openBelow(root, segments)), writers: 0, unwanted: false }
    entries.set(path, made)
    return made
  }

  async function closeIfIdle(path: string): Promise<void> {
    const entry = entries.get(path)
    if (entry === undefined || !entry.unwanted || entry.writers > 0) return
    entries.delete(path)
    await entry.file.close()
  }

  return {
    async append(segments, line, limit, signal) {
      const entry = entryOf(segments)
      entry.writers += 1
      entry.unwanted = false
      try {
        return await entry.file.append(line, limit, signal)
      } finally {
        entry.writers -= 1
        await closeIfIdle(join(root, ...segments))
      }
    },
    async letGo(segments) {
      const path = join(root, ...segments)
      const entry = entries.get(path)
      if (entry) entry.unwanted = true
      await closeIfIdle(path)
    },
  }
}
