/**
 * Server-sent events (WHATWG HTML, section 9.2.6): the lines of a stream as messages.
 */
export interface StreamMessage {
  /** The last id given so far. */
  readonly id: string | null
  readonly data: string
}

export async function* readStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  let id: string | null = null
  let data: string[] = []
  for await (const line of linesOf(body)) {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (line === '') {
      if (data.length > 0) yield { id, data: data.join('\n') }
      data = []
    } else if (name === 'data') data.push(value)
    else if (name === 'id' && !value.includes('\0')) id = value
  }
}

/** Lines end with CR LF, LF or CR; an unfinished last one is dropped, as the standard says. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    yield* lines
  }
}
