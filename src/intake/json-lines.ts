/**
 * JSON lines (one value a line, `\n` between): a bad line spoils itself alone.
 */
import { InvalidInput } from '../errors.js'
import { type JsonLimits, parseJson } from './json.js'

export type JsonLine =
  /** `line` counts from 1, empty lines too, though these are left out. */
  { readonly line: number; readonly value: unknown } | { readonly line: number; readonly error: InvalidInput }

const MIB = 1_048_576
const NEWLINE = 0x0a

/** Reads a stream of bytes; `limits` hold for each line. A line over `maxBytes` is skipped, never kept. */
export async function* parseJsonLines(
  stream: AsyncIterable<Uint8Array>,
  limits: Partial<JsonLimits> = {},
): AsyncGenerator<JsonLine, void, undefined> {
  const maxBytes = limits.maxBytes ?? MIB
  let line = 0
  for await (const bytes of linesOf(stream, maxBytes)) {
    line++
    if (bytes.length > maxBytes || !isBlank(bytes)) yield readLine(bytes, line, limits)
  }
}

function readLine(bytes: Uint8Array, line: number, limits: Partial<JsonLimits>): JsonLine {
  try {
    return { line, value: parseJson(bytes, limits) }
  } catch (error) {
    if (error instanceof InvalidInput) return { line, error }
    throw error
  }
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)

/** The lines without their ends; of one that is too long only a beginning that is too long as well. */
async function* linesOf(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  let kept = 0
  const keep = (part: Uint8Array): void => {
    const wanted = part.subarray(0, maxBytes + 1 - kept)
    kept += wanted.length
    // A copy: the part may belong to a buffer that the stream fills again.
    if (wanted.length > 0) pending.push(Uint8Array.from(wanted))
  }
  for await (const chunk of stream) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      keep(chunk.subarray(start, end))
      yield Buffer.concat(pending)
      pending = []
      kept = 0
      start = end + 1
    }
    keep(chunk.subarray(start))
  }
  if (kept > 0) yield Buffer.concat(pending)
}
