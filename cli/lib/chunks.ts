/**
 * A stream cut into pieces of whole lines. The last line of a piece is never empty, so that the number of the next is known.
 */
export interface Chunk {
  readonly bytes: Uint8Array
  /** The numbers of its first and last line, from 1. */
  readonly first: number
  readonly last: number
}

const NEWLINE = 0x0a

/** @param after lines up to this one are passed over. */
export async function* chunksOf(
  input: AsyncIterable<Uint8Array>,
  { lines, bytes, after }: { readonly lines: number; readonly bytes: number; readonly after: number },
): AsyncGenerator<Chunk> {
  let parts: Uint8Array[] = []
  let size = 0
  let first = after + 1
  let line = 0
  const cut = (): Chunk => {
    const chunk = { bytes: Buffer.concat(parts), first, last: line }
    parts = []
    size = 0
    first = line + 1
    return chunk
  }
  for await (const text of linesOf(input)) {
    line += 1
    if (line <= after) continue
    parts.push(text)
    size += text.length
    const isFull = line - first + 1 >= lines || size >= bytes
    if (isFull && !isBlank(text)) yield cut()
  }
  if (parts.some((part) => !isBlank(part))) yield cut()
}

const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte <= 0x20)

/** With their ends. */
async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = []
  for await (const chunk of input) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end + 1)])
      pending = []
      start = end + 1
    }
    if (start < chunk.length) pending.push(chunk.subarray(start))
  }
  if (pending.length > 0) yield Buffer.concat(pending)
}
