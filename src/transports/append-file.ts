/**
 * Lines appended to one file: those that wait together share one write and one sync, and each is promised only after it.
 */
import { type FileHandle, stat } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'

export type AppendResult = 'written' | 'full' | 'withdrawn'

export interface AppendFile {
  /**
   * `full`: with the line the file would exceed `limit` bytes (it was not written). An empty file takes any line.
   * `withdrawn`: the signal was aborted before the write began. Rejects with the file system's error; the line may then be there or not.
   */
  append(line: Buffer, limit: number, signal: AbortSignal): Promise<AppendResult>
  /** Waits for what is under way. */
  close(): Promise<void>
}

interface Entry {
  readonly line: Buffer
  readonly limit: number
  readonly signal: AbortSignal
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: unknown) => void
}

/** Lines of one write. */
const MOST_LINES = 1_000

/** `open` is called again when the file was moved away (logrotate) or a write failed. */
export function appendFile(path: string, open: () => Promise<FileHandle>): AppendFile {
  let handle: FileHandle | null = null
  let waiting: Entry[] = []
  let running: Promise<void> | null = null

  /** Each time in a turn of its own: whoever was told of a line has handed over the next by then. */
  async function drain(): Promise<void> {
    for (await turn(); waiting.length > 0; await turn()) {
      const batch = waiting.slice(0, MOST_LINES)
      waiting = waiting.slice(MOST_LINES)
      await write(batch).catch((error: unknown) => rejectAll(batch, error))
    }
    running = null
  }

  async function write(batch: readonly Entry[]): Promise<void> {
    const { file, size } = await present()
    const results = sortOut(batch, size)
    const lines = results.filter(({ result }) => result === 'written').map(({ entry }) => entry.line)
    if (lines.length > 0) await writeDurably(file, Buffer.concat(lines), size)
    for (const { entry, result } of results) entry.resolve(result)
  }

  /** The handle, if the path still leads to it, and how long the file is. */
  async function present(): Promise<{ readonly file: FileHandle; readonly size: number }> {
    const size = handle === null ? null : await sizeIfSame(handle, path)
    if (handle !== null && size !== null) return { file: handle, size }
    await letGo()
    const file = await opened(open)
    handle = file
    return { file, size: (await file.stat()).size }
  }

  /** After a failed sync the kernel may have dropped the pages: never sync the same handle again, open anew. */
  async function writeDurably(file: FileHandle, bytes: Buffer, size: number): Promise<void> {
    try {
      await writeAll(file, bytes)
      await file.datasync()
    } catch (error) {
      await file.truncate(size).catch(() => undefined)
      await letGo()
      throw error
    }
  }

  async function letGo(): Promise<void> {
    const old = handle
    handle = null
    await old?.close().catch(() => undefined)
  }

  return {
    append: (line, limit, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ line, limit, signal, resolve, reject })
        running ??= drain()
      }),
    async close() {
      await running
      await letGo()
    },
  }
}

/** Each entry takes its place in turn; one whose attempt was called off takes none. */
function sortOut(batch: readonly Entry[], start: number) {
  let size = start
  return batch.map((entry) => {
    if (entry.signal.aborted) return { entry, result: 'withdrawn' as const }
    if (size > 0 && size + entry.line.length > entry.limit) return { entry, result: 'full' as const }
    size += entry.line.length
    return { entry, result: 'written' as const }
  })
}

/** Null if the path leads to another file, or nowhere. */
async function sizeIfSame(handle: FileHandle, path: string): Promise<number | null> {
  const [ours, there] = await Promise.all([handle.stat(), stat(path).catch(() => null)])
  return there !== null && ours.ino === there.ino && ours.dev === there.dev ? ours.size : null
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0
  while (written < bytes.length) written += (await file.write(bytes, written)).bytesWritten
}

async function opened(open: () => Promise<FileHandle>): Promise<FileHandle> {
  const file = await open()
  try {
    await cutUnterminatedLine(file)
    return file
  } catch (error) {
    await file.close()
    throw error
  }
}

const CHUNK = 65_536
const NEWLINE = 0x0a

/** A crash in the middle of a write left part of a line. It was never acknowledged, so it comes again: it is cut. */
async function cutUnterminatedLine(file: FileHandle): Promise<void> {
  const { size } = await file.stat()
  let end = size
  while (end > 0) {
    const start = Math.max(0, end - CHUNK)
    const { buffer } = await file.read(Buffer.alloc(end - start), 0, end - start, start)
    const newline = buffer.lastIndexOf(NEWLINE)
    if (newline !== -1) {
      end = start + newline + 1
      break
    }
    end = start
  }
  if (end < size) await file.truncate(end)
}

function rejectAll(batch: readonly Entry[], error: unknown): void {
  for (const entry of batch) entry.reject(error)
}
