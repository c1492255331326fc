import { describe, expect, it } from 'vitest'
import { createLogger, prettyLine } from './logger.js'

function logInto(lines: Record<string, unknown>[], level = 'info') {
  return createLogger({ level, pretty: false }, { write: (line) => lines.push(JSON.parse(line)) })
}

describe('the log', () => {
  it('writes a level, a time and the message, and hides what is named like a secret', () => {
    const lines: Record<string, unknown>[] = []
    logInto(lines).info(
      {
        key: 'k1',
        target: { secret: 'k2', url: 'u' },
        request: { headers: { authorization: 'k3' } },
        password: 'k4',
        token: 'k5',
      },
      'hello',
    )
    expect(lines[0]).toMatchObject({ level: 'info', msg: 'hello', target: { secret: '***', url: 'u' } })
    expect(JSON.stringify(lines)).not.toMatch(/k\d/)
  })

  it('keeps quiet below its level', () => {
    const lines: Record<string, unknown>[] = []
    logInto(lines, 'warn').info('no')
    expect(lines).toEqual([])
  })

  it('writes for people without obeying the control characters of data', () => {
    const out: string[] = []
    const log = createLogger({ level: 'info', pretty: true }, { write: (line) => out.push(line) })
    log.warn({ subject: '\u001b[2Jada\u202e', 'a\u001bb': '\u009b1m' }, 'seen\u0007')
    expect(out[0]).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} WARN {2}seen\\u0007 subject="\\u001b\[2Jada\\u202e" a\\u001bb="\\u009b1m"\n$/,
    )
    expect(prettyLine('{"level":"info","time":"2026-01-02T03:04:05.678Z"}')).toBe('03:04:05.678 INFO  ')
  })
})
