import { describe, expect, it } from 'vitest'
import { TocsinError } from '../errors.js'
import { compileCel } from './cel.js'
import { viewOf, type WireView } from './wire-view.js'

const view = (data: unknown): WireView =>
  viewOf({ id: '1', source: '/cms', type: 'credential.revoked', transactionId: 't1', tags: ['a', 'b'], data })

const run = (expression: string, data: unknown = {}): unknown =>
  compileCel(expression, 'filter', 'filters[0].cel').run(view(data))

function refusal(expression: string, use: 'filter' | 'payload' = 'filter'): TocsinError {
  try {
    compileCel(expression, use, 'f')
  } catch (error) {
    if (error instanceof TocsinError) return error
  }
  throw new Error(`${expression} was not refused`)
}

/** Milliseconds of processor time. */
const within = (milliseconds: number, work: () => unknown): void => {
  const start = process.cpuUsage()
  work()
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(milliseconds)
}

describe('CEL', () => {
  it('reads attributes by their wire names, and data', () => {
    expect(run('event.type == "credential.revoked" && event.transactionid == "t1" && event.tags == "a,b"')).toBe(true)
    expect(run('data.user.id in ["u1", "u2"]', { user: { id: 'u2' } })).toBe(true)
    expect(run('data.count == 3 && data.count > 2', { count: 3 })).toBe(true)
    expect(run('has(data.gone) || data == null', {})).toBe(false)
    expect(run('data == null', null)).toBe(true)
  })

  it('offers RE2 for patterns', () => {
    expect(run('re2Match(data.mail, "^[^@]+@example\\\\.com$")', { mail: 'a@example.com' })).toBe(true)
    expect(run('re2Match(data.mail, "^x")', { mail: 'a@example.com' })).toBe(false)
  })

  it.each([
    ['', /Unexpected token.*at character 1/],
    ['1 +', /Unexpected token: EOF \(at character 4\)/],
    ['evnt.type == "x"', /Unknown variable: evnt/],
    ['event.type', null],
    ['"text"', /yields string, not true or false/],
    ['{"a": 1}', /yields map.*, not true or false/],
    ['nothing(data)', /no matching overload for 'nothing/],
    ['data.a.matches("x")', /re2Match/],
    ['data.l.exists(x, x.matches("(a+)+$"))', /re2Match/],
    ['cel.bind(a, data.s + data.s, a == "")', /cel\.bind/],
    ['["a"].join() == "a"', /join/],
    ['re2Match(data.a, data.b)', /written out/],
    ['re2Match(data.a, "(")', /missing closing/],
    ['re2Match(data.a, "a(?=b)")', /invalid or unsupported/],
    ['re2Match(data.a, "((a{0,30}){0,30})$")', /repeats too much/],
    [`re2Match(data.a, "${'a'.repeat(201)}")`, /longer than 200/],
    ['data.l.all(data, data == 1)', /name of a step/],
    ['event.transactionId == "t1"', /no event has transactionId, but transactionid \(at character 1\)/],
    ['has(event.executeAt) && data.l.all(x, event.Type == x)', /no event has executeAt, but executeat/],
    ['event.own_word == "a"', /small letters and digits only, and no event has own_word \(/],
    ['has(event.data.name)', /data of the event is `data`.*character 5/],
    ['event.sequence == "1"', /no sequence yet when it is matched/],
    ['event.ownword == "a" && data.executeAt == "x"', null],
    [`data.a == "${'x'.repeat(4096)}"`, /longer than 4096/],
    [`${'('.repeat(40)}true${')'.repeat(40)}`, /depth/i],
  ])('refuses wrong expressions (%#)', (expression, reason) => {
    if (reason === null) return expect(compileCel(expression, 'filter', 'f')).toBeDefined()
    const error = refusal(expression)
    expect(error).toMatchObject({ code: 'invalid_filter', field: 'f' })
    expect(error.message).toMatch(reason)
  })

  it('knows what a value may read of the message', () => {
    expect(compileCel('message.id + message.sequence + message.body', 'value', 'f')).toBeDefined()
    expect(() => compileCel('message.boddy', 'value', 'f')).toThrow(/message has id, body, sequence and no boddy/)
  })

  it('refuses a payload that is no map, as a request', () => {
    expect(refusal('data.a == 1', 'payload')).toMatchObject({ code: 'invalid_request', field: 'f' })
  })

  it('fails on an event in one sentence, without the expression', () => {
    expect(() => run('data.user.id == "u1"', {})).toThrow(/^No such key: user$/)
    expect(() => run('event.constructor == 1')).toThrow(/^No such key: constructor$/)
    expect(() => run('data.n + 1 == 2', { n: 1 })).toThrow(/^no such overload/)
  })

  it('compiles the same text once', () => {
    expect(compileCel('data.a == 1', 'filter', 'f')).toBe(compileCel('data.a == 1', 'filter', 'g'))
  })
})

describe('the cost of CEL', () => {
  const many = Array.from({ length: 30_000 }, (_, index) => index)

  it.each(['all(x, x >= 0)', 'exists(x, x < 0)', 'exists_one(x, x == 7)', 'filter(x, x > 0) == []', 'map(x, x) == []'])(
    'ends %s after 20,000 steps, and counts anew for the next event',
    (macro) => {
      const expression = `data.l.${macro}`
      expect(() => run(expression, { l: many })).toThrow('too many steps')
      expect(() => run(expression, { l: many.slice(0, 9000) })).not.toThrow()
      expect(() => run(expression, { l: many.slice(0, 15_000) })).not.toThrow()
    },
  )

  it('counts the steps of nested macros together', () => {
    const l = many.slice(0, 1000)
    expect(run('data.l.exists(x, [1].exists(y, x == 5))', { l })).toBe(true)
    within(500, () => expect(() => run('data.l.all(x, data.l.all(y, x >= 0))', { l: many })).toThrow('too many steps'))
    within(500, () => expect(() => run('data.l.map(x, data.l.map(y, x + y)) == []', { l: many })).toThrow('too many'))
  })

  it('ends macros over any list at once, and does not take their answer', () => {
    const s = 'ab'.repeat(250_000)
    within(500, () => expect(() => run('data.s.split("").all(c, c != "z")', { s })).toThrow('too many steps'))
    within(500, () => expect(() => run('data.s.split("").exists(c, c == "z")', { s })).toThrow('too many steps'))
    within(500, () => expect(() => run('data.s.split("").all(c, c != "z") || true', { s })).toThrow('too many steps'))
  })

  it('makes steps that read the event again pay for its size', () => {
    const s = 'ab'.repeat(250_000)
    const l = many.slice(0, 5000)
    within(500, () => expect(() => run('data.l.all(x, !data.s.contains("zz"))', { l, s })).toThrow('too many steps'))
    within(500, () =>
      expect(() => run('data.l.map(x, data.s).all(t, !t.contains("zz"))', { l, s })).toThrow('too many'),
    )
    expect(run('data.l.all(x, !data.s.contains("zz"))', { l: many.slice(0, 10), s })).toBe(true)
    expect(run('data.members.exists(m, m.id == "m4000")', { members: l.map((n) => ({ id: `m${n}` })), s })).toBe(true)
  })

  it('bounds a pattern on a long text', () => {
    const text = 'x'.repeat(1_000_000)
    within(500, () => expect(() => run('re2Match(data.s, "\\\\pL{100}z")', { s: text })).toThrow('too many steps'))
    expect(run('re2Match(data.s, "^(a+)+$")', { s: `${'a'.repeat(60_000)}!` })).toBe(false)
  })

  it('bounds many reads without a macro', () => {
    const s = 'ab'.repeat(250_000)
    const expression = Array.from({ length: 60 }, (_, n) => `size(data.s) != ${n}`).join(' && ')
    within(800, () => expect(() => run(expression, { s })).toThrow('too many steps'))
    expect(run(expression, { s: 'short-but-not-that-short, so that its size is not among the sixty numbers' })).toBe(
      true,
    )
  })
})
