/** A file, or standard input, as bytes. */
import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { UsageError } from './failure.js'
import type { Io } from './io.js'

export interface Input {
  readonly name: string
  readonly bytes: AsyncIterable<Uint8Array>
  /** Bytes; null where the end is not known. */
  readonly size: number | null
}

/** @param file a path, or `-`. @throws UsageError */
export function openInput(io: Io, file: string): Input {
  if (file === '-') return { name: 'stdin', bytes: io.input, size: null }
  const full = resolve(io.folder, file)
  const found = statSync(full, { throwIfNoEntry: false })
  if (!found?.isFile())
    throw new UsageError(`There is no file ${file}.`, 'a file that can be read, or - for standard input')
  return { name: file, bytes: createReadStream(full), size: found.size }
}
