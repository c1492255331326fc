/**
 * Messages from a file or standard input: one JSON value, a JSON array, or JSON lines; each with its line number.
 * What kind it is shows in the first line; JSON lines are read as they come, the rest whole.
 */
export interface Message {
  /** Where it begins, from 1. */
  readonly line: number
  /** The JSON as it was written, so that no number loses a digit. */
  readonly text: string
  readonly value: unknown
}

export interface Unreadable {
  readonly line: number
  readonly problem: string
}

/** Every message in order; a line that is no JSON is told and passed over. */
export async function* readMessages(input: AsyncIterable<Uint8Array>): AsyncGenerator<Message | Unreadable> {
  const lines = numbered(input)
  const first = await nextFilled(lines)
  if (first === null) return
  const value = first.text.startsWith('[') ? undefined : parsed(first.text)
  if (value !== undefined) {
    yield { line: first.line, text: first.text, value }
    for await (const line of lines) if (line.text !== '') yield readLine(line)
    return
  }
  const rest: string[] = []
  for await (const line of lines) rest.push(line.raw)
  yield* readWhole([first.raw, ...rest].join('\n'), first.line)
}

interface Line {
  readonly line: number
  /** Without white space around it. */
  readonly text: string
  readonly raw: string
}

async function* numbered(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let line = 0
  for await (const raw of splitLines(input)) {
    line += 1
    const shown = line === 1 ? raw.replace(/^\ufeff/, '') : raw
    yield { line, raw: shown, text: shown.trim() }
  }
}

/** Lines of UTF-8, without their ends. The pieces of a long line are joined once. */
async function* splitLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let pieces: string[] = []
  for await (const chunk of input) {
    const [head = '', ...ended] = decoder.decode(chunk, { stream: true }).split('\n')
    pieces.push(head)
    for (const next of ended) {
      yield pieces.join('')
      pieces = [next]
    }
  }
  yield pieces.join('') + decoder.decode()
}

async function nextFilled(lines: AsyncGenerator<Line>): Promise<Line | null> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done) return null
    if (value.text !== '') return value
  }
}

/** `undefined` for what is no JSON; JSON itself has no such value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readLine({ line, text }: Line): Message | Unreadable {
  const value = parsed(text)
  return value === undefined ? { line, problem: 'This line is not JSON.' } : { line, text, value }
}

function* readWhole(text: string, firstLine: number): Generator<Message | Unreadable> {
  const value = parsed(text)
  if (value === undefined) yield { line: firstLine, problem: 'This is neither JSON nor JSON lines.' }
  else if (!Array.isArray(value)) yield { line: firstLine, text: text.trim(), value }
  else yield* elements(text, value, firstLine)
}

/** The elements of an array that is known to be valid JSON, with their own text and line. */
function* elements(text: string, values: readonly unknown[], firstLine: number): Generator<Message> {
  const starts = text.indexOf('[') + 1
  let from = starts
  let line = firstLine + linesIn(text.slice(0, starts))
  for (const value of values) {
    const end = endOfElement(text, from)
    const raw = text.slice(from, end)
    const before = raw.length - raw.trimStart().length
    yield { line: line + linesIn(raw.slice(0, before)), text: raw.trim(), value }
    line += linesIn(text.slice(from, end + 1))
    from = end + 1
  }
}

const linesIn = (text: string): number => text.split('\n').length - 1

/** The comma or bracket that ends the element which starts at `from`. */
function endOfElement(text: string, from: number): number {
  let depth = 0
  for (let index = from; index < text.length; index += 1) {
    const character = text[index]
    if (character === '"') index = endOfString(text, index)
    else if (character === '{' || character === '[') depth += 1
    else if (depth === 0 && (character === ',' || character === ']')) return index
    else if (character === '}' || character === ']') depth -= 1
  }
  return text.length
}

/** The quote that closes the string which opens at `from`. */
function endOfString(text: string, from: number): number {
  for (let index = from + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === '"') return index
  }
  return text.length
}
