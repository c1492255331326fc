import { describe, expect, it } from 'vitest'
import { AwsError } from '../aws-error.js'
import { compileFilterPolicy } from './filter-policy.js'

type Value = string | number | readonly unknown[]

const attributesOf = (values: Readonly<Record<string, Value>>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      if (typeof value === 'number') return [name, { DataType: 'Number', StringValue: String(value) }]
      if (typeof value === 'string') return [name, { DataType: 'String', StringValue: value }]
      return [name, { DataType: 'String.Array', StringValue: JSON.stringify(value) }]
    }),
  )

/** A policy, values that pass, values that do not. */
const TABLE: readonly (readonly [object, readonly Record<string, Value>[], readonly Record<string, Value>[]])[] = [
  [{ a: ['x', 'y'] }, [{ a: 'x' }, { a: 'y', b: 'z' }, { a: ['q', 'x'] }], [{ a: 'z' }, {}, { a: 1 }]],
  [{ a: ['x'], b: ['y'] }, [{ a: 'x', b: 'y' }], [{ a: 'x' }, { b: 'y' }]],
  [{ a: [1, 2.5] }, [{ a: 1 }, { a: 2.5 }, { a: [2.5] }], [{ a: '1' }, { a: 3 }]],
  [{ a: [{ prefix: 'ab' }] }, [{ a: 'abc' }], [{ a: 'cab' }]],
  [{ a: [{ suffix: 'bc' }] }, [{ a: 'abc' }], [{ a: 'bcd' }]],
  [{ a: [{ 'equals-ignore-case': 'Ab' }] }, [{ a: 'aB' }], [{ a: 'abc' }]],
  [{ a: [{ wildcard: 'a*c*e' }] }, [{ a: 'abcde' }, { a: 'ace' }], [{ a: 'abde' }, { a: 'acef' }]],
  [{ a: [{ 'anything-but': ['x', 'y'] }] }, [{ a: 'z' }], [{ a: 'x' }, {}]],
  [{ a: [{ 'anything-but': { prefix: 'x' } }] }, [{ a: 'yx' }], [{ a: 'xy' }]],
  [{ a: [{ 'anything-but': { suffix: 'x' } }] }, [{ a: 'xy' }], [{ a: 'yx' }]],
  [{ a: [{ 'anything-but': 5 }] }, [{ a: 4 }], [{ a: 5 }]],
  [{ a: [{ exists: true }] }, [{ a: 'x' }], [{ b: 'x' }]],
  [{ a: [{ exists: false }] }, [{ b: 'x' }], [{ a: 'x' }]],
  [{ a: [{ numeric: ['=', 1.5] }] }, [{ a: 1.5 }], [{ a: 1 }, { a: '1.5' }]],
  [{ a: [{ numeric: ['>', 0, '<=', 5] }] }, [{ a: 5 }, { a: 0.00001 }], [{ a: 0 }, { a: 5.1 }]],
  [{ a: [{ numeric: ['<', -1] }] }, [{ a: -2 }], [{ a: -1 }]],
  [{ a: [{ cidr: '10.1.0.0/16' }] }, [{ a: '10.1.2.3' }], [{ a: '10.2.0.1' }, { a: 'host' }]],
  [{ a: [{ cidr: '2001:db8::/32' }] }, [{ a: '2001:db8::1' }], [{ a: '2001:db9::1' }, { a: '10.0.0.1' }]],
  [
    { a: ['x'], $or: [{ b: ['y'] }, { c: [1] }] },
    [
      { a: 'x', b: 'y' },
      { a: 'x', c: 1 },
    ],
    [{ a: 'x' }, { b: 'y' }],
  ],
]

describe('a filter policy', () => {
  it.each(TABLE)('%j', (policy, passing, failing) => {
    const byAttributes = compileFilterPolicy(JSON.stringify(policy), 'MessageAttributes')
    const byBody = compileFilterPolicy(JSON.stringify(policy), 'MessageBody')
    for (const [values, expected] of [
      ...passing.map((each) => [each, true] as const),
      ...failing.map((each) => [each, false] as const),
    ]) {
      expect(byAttributes.matches('', attributesOf(values)), JSON.stringify(values)).toBe(expected)
      expect(byBody.matches(JSON.stringify(values), {}), JSON.stringify(values)).toBe(expected)
    }
  })

  it('looks into bodies, also into arrays of objects', () => {
    const policy = compileFilterPolicy(
      '{"person":{"roles":{"name":["admin"],"level":[{"numeric":[">",1]}]}}}',
      'MessageBody',
    )
    const body = (roles: unknown) => JSON.stringify({ person: { roles } })
    expect(policy.matches(body({ name: 'admin', level: 2 }), {})).toBe(true)
    expect(
      policy.matches(
        body([
          { name: 'x', level: 2 },
          { name: 'admin', level: 2 },
        ]),
        {},
      ),
    ).toBe(true)
    // One and the same element must hold.
    expect(
      policy.matches(
        body([
          { name: 'admin', level: 1 },
          { name: 'x', level: 2 },
        ]),
        {},
      ),
    ).toBe(false)
    expect(policy.matches('no JSON', {})).toBe(false)
    expect(policy.matches('["admin"]', {})).toBe(false)
  })

  it.each([
    'no JSON',
    '[]',
    '{}',
    '{"a":"x"}',
    '{"a":[]}',
    '{"a":[["x"]]}',
    '{"a":{"b":["x"]}}',
    '{"a":[{"sounds-like":"x"}]}',
    '{"a":[{"prefix":1}]}',
    '{"a":[{"prefix":"x","suffix":"y"}]}',
    '{"a":[{"numeric":["~",1]}]}',
    '{"a":[{"numeric":["<",1,">",0]}]}',
    '{"a":[1000000001]}',
    '{"a":[1.123456]}',
    '{"a":[{"cidr":"10.0.0.0"}]}',
    '{"a":[{"exists":"yes"}]}',
    '{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}',
    `{"a":${JSON.stringify(Array.from({ length: 13 }, (_, i) => i))},"b":${JSON.stringify(Array.from({ length: 12 }, (_, i) => i))}}`,
  ])('is refused: %s', (policy) => {
    expect(() => compileFilterPolicy(policy, 'MessageAttributes')).toThrow(AwsError)
  })
})
