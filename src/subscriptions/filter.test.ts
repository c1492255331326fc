import { describe, expect, it } from 'vitest'
import type { AnyEvent } from '../event/envelope.js'
import { compileFilters, explainFilters } from './filter.js'
import type { Filter } from './subscription.js'
import { viewOf } from './wire-view.js'

const EVENT: AnyEvent = {
  id: '1',
  source: '/cms',
  type: 'credential.revoked',
  subject: 'card-7',
  actor: 'alice',
  tags: ['lost', 'vip'],
  sequence: '00000000000000000007',
  extensions: { level: 3, urgent: true },
  data: { reason: 'lost', user: { id: 'u1' } },
}

const holds = (...filters: readonly Filter[]): boolean => compileFilters(filters)(viewOf(EVENT))

const FAILS: Filter = { cel: 'data.nothing.id == "u1"' }

describe('filters', () => {
  it.each<[Filter, boolean]>([
    [{ exact: { type: 'credential.revoked', subject: 'card-7' } }, true],
    [{ exact: { type: 'credential.revoked', subject: 'card-8' } }, false],
    [{ exact: { type: 'Credential.revoked' } }, false],
    [{ exact: { level: '3', urgent: 'true', tags: 'lost,vip' } }, true],
    [{ prefix: { type: 'credential.' } }, true],
    [{ prefix: { type: 'revoked' } }, false],
    [{ suffix: { type: '.revoked', subject: '-7' } }, true],
    [{ suffix: { type: 'credential' } }, false],
    [{ exact: { specversion: '1.0' } }, true],
    [{ exact: { specversion: '0.3' } }, false],
    [{ exact: { absent: 'x' } }, false],
    [{ exact: { sequence: '00000000000000000007' } }, false],
    [{ exact: { constructor: 'x' } }, false],
    [{ not: { exact: { absent: 'x' } } }, true],
    [{ all: [{ exact: { actor: 'alice' } }, { prefix: { source: '/' } }] }, true],
    [{ all: [{ exact: { actor: 'alice' } }, { exact: { actor: 'bob' } }] }, false],
    [{ any: [{ exact: { actor: 'bob' } }, { exact: { actor: 'alice' } }] }, true],
    [{ any: [{ exact: { actor: 'bob' } }, { exact: { actor: 'eve' } }] }, false],
    [{ not: { any: [{ exact: { actor: 'bob' } }] } }, true],
    [{ cel: 'data.user.id == "u1" && event.actor == "alice"' }, true],
  ])('%j is %s', (filter, expected) => {
    expect(holds(filter)).toBe(expected)
  })

  it('must all hold; none hold always', () => {
    expect(holds()).toBe(true)
    expect(holds({ exact: { actor: 'alice' } }, { exact: { actor: 'bob' } })).toBe(false)
  })

  it('counts a CEL failure as no match, also under not, but not against the rest of an any', () => {
    expect(holds(FAILS)).toBe(false)
    expect(holds({ not: FAILS })).toBe(false)
    expect(holds({ not: { not: FAILS } })).toBe(false)
    expect(holds({ not: { all: [FAILS, { exact: { actor: 'alice' } }] } })).toBe(false)
    expect(holds({ not: { all: [FAILS, { exact: { actor: 'bob' } }] } })).toBe(true)
    expect(holds({ any: [FAILS, { exact: { actor: 'alice' } }] })).toBe(true)
    expect(holds({ any: [FAILS, { exact: { actor: 'bob' } }] })).toBe(false)
    expect(holds({ cel: 'data.reason' })).toBe(false)
  })

  it('explains each filter with the reason', () => {
    const filters: Filter[] = [
      { exact: { actor: 'alice' } },
      { exact: { actor: 'bob', absent: 'x' } },
      { all: [{ prefix: { type: 'device.' } }] },
      { any: [{ suffix: { type: 'x' } }] },
      { not: { exact: { actor: 'alice' } } },
      { cel: 'data.reason == "stolen"' },
      FAILS,
      { cel: '1 +' },
    ]
    expect(explainFilters(filters, viewOf(EVENT)).map(({ passed, text }) => [passed, text])).toEqual([
      [true, 'filters[0] (exact) holds'],
      [false, 'filters[1] (exact) does not hold: actor is not "bob" but is "alice", the event has no absent'],
      [
        false,
        'filters[2] (all) does not hold: of its filters, all[0] (prefix) does not hold: type does not begin with "device." but is "credential.revoked"',
      ],
      [false, 'filters[3] (any) does not hold: none of its filters holds'],
      [false, 'filters[4] (not) does not hold: the filter within holds'],
      [false, 'filters[5] (cel) does not hold: the expression is false'],
      [false, 'filters[6] (cel) failed, so no match: No such key: nothing'],
      [
        false,
        'filters[7] (cel) failed, so no match: The expression is not valid: Unexpected token: EOF (at character 4).',
      ],
    ])
  })
})
