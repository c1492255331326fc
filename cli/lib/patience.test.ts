import { describe, expect, it } from 'vitest'
import { Failure, factsOfProblem, inOneLine } from './failure.js'
import { patiently } from './patience.js'

const never = new AbortController().signal
const failing = (failures: readonly Failure[]) => {
  const left = [...failures]
  let asked = 0
  const ask = async () => {
    asked += 1
    const failure = left.shift()
    if (failure) throw failure
    return asked
  }
  return ask
}
const busy = new Failure({ code: 'quota_exceeded', message: 'busy', retryAfter: 0.01 })

describe('asking again', () => {
  it('happens when nothing was accepted', async () => {
    expect(await patiently(failing([busy, busy]), never)).toBe(3)
  })

  it('ends after five, and of a quota after a hundred', async () => {
    const away = new Failure({ code: 'unavailable', message: 'away', retryAfter: 0.001 })
    await expect(patiently(failing([away, away, away, away, away]), never)).rejects.toBe(away)
    const full = new Failure({ code: 'quota_exceeded', message: 'full', retryAfter: 0.001 })
    expect(await patiently(failing(Array.from({ length: 99 }, () => full)), never)).toBe(100)
    await expect(patiently(failing(Array.from({ length: 100 }, () => full)), never)).rejects.toBe(full)
  })

  it('does not happen when it is not known what became of the request', async () => {
    const lost = new Failure({ code: 'unavailable', message: 'nobody answers' })
    await expect(patiently(failing([lost]), never)).rejects.toBe(lost)
    const wrong = new Failure({ code: 'invalid_event', message: 'no', retryAfter: 1 })
    await expect(patiently(failing([wrong]), never)).rejects.toBe(wrong)
  })

  it('ends when the person has had enough', async () => {
    const slow = new Failure({ code: 'quota_exceeded', message: 'busy', retryAfter: 20 })
    await expect(patiently(failing([slow]), AbortSignal.timeout(20))).rejects.toThrow('abort')
  })
})

describe('a failure', () => {
  it('is one line with code, field and what would be right', () => {
    const problem = { code: 'invalid_data', detail: 'It does not\nfit.', field: 'data.id', expected: 'a text' }
    expect(inOneLine(factsOfProblem(problem, 422))).toBe(
      'invalid_data: It does not\\u000afit. [field: data.id; expected: a text]',
    )
  })

  it('does not say twice what would be right', () => {
    const facts = { code: 'invalid_data', message: 'id must be one of a, b.', field: 'id', expected: 'one of a, b' }
    expect(inOneLine(facts)).toBe('invalid_data: id must be one of a, b. [field: id]')
  })

  it('of the system says its code once', () => {
    const facts = { code: 'EROFS', message: "EROFS: read-only file system, open 'b.db'" }
    expect(inOneLine(facts)).toBe(facts.message)
  })

  it('tells the status where the answer was no problem', () => {
    expect(inOneLine(factsOfProblem(null, 502))).toBe('http_502: The server answered 502.')
  })
})
