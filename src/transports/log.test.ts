import { describe, expect, it } from 'vitest'
import { type LogSink, logTransport } from './log.js'

describe('an event in the log', () => {
  it('begins no line and moves no cursor, even in a logger that escapes nothing', async () => {
    const lines: string[] = []
    const write = (fields: Readonly<Record<string, unknown>>, text: string) => {
      lines.push(
        `${text} ${Object.entries(fields)
          .map(([name, value]) => `${name}=${value}`)
          .join(' ')}`,
      )
    }
    const logger: LogSink = { debug: write, info: write, warn: write, error: write }
    const nasty = 'a\nb\rc\u001b[2Jd\u0000e\u007ff\u0085g\u2028h\u2029i\u202ej\u2066k'
    const event = { id: nasty, source: nasty, type: nasty, subject: nasty }
    const message = { id: nasty, event, time: 0, attempt: 1, headers: {}, body: nasty }
    await logTransport({ logger }).open({}).send(message, new AbortController().signal)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cf}]/u)
    expect(lines[0]).toContain('a\\u000ab\\u000dc\\u001b[2Jd\\u0000e')
  })
})
