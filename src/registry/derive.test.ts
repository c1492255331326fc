import { describe, expect, it } from 'vitest'
import type { Found } from './change.js'
import { derive, NOTHING } from './derive.js'
import { difference, mergePatch } from './patch.js'

const resource = (id: string, more: Partial<Found> = {}): Found => ({
  id,
  type: 'person',
  owner: 'acme',
  status: null,
  revision: 3,
  properties: { name: 'Ada', address: { city: 'London' } },
  createdAt: '',
  updatedAt: '',
  removedAt: null,
  ...more,
})

describe('a change', () => {
  it('of many properties is one event, with what changed', () => {
    const change = {
      do: 'update',
      id: 'a',
      status: 'on',
      properties: { name: null, address: { city: 'Paris' }, age: 36 },
    } as const
    const { events, graph } = derive(change, { resource: resource('a'), other: null, last: 0, links: [] })
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({
      type: 'resource.changed',
      subject: 'a',
      data: {
        revision: 4,
        changes: [
          { op: 'replace', path: '/status', value: 'on' },
          { op: 'remove', path: '/properties/name' },
          { op: 'replace', path: '/properties/address/city', value: 'Paris' },
          { op: 'add', path: '/properties/age', value: 36 },
        ],
      },
    })
    expect(graph.expect).toEqual([{ id: 'a', revision: 3 }])
  })

  it('that changes nothing is nothing', () => {
    expect(
      derive(
        { do: 'update', id: 'a', properties: { name: 'Ada' } },
        { resource: resource('a'), other: null, last: 0, links: [] },
      ),
    ).toBe(NOTHING)
  })

  it('of status alone counts', () => {
    expect(
      derive({ do: 'update', id: 'a', status: 'off' }, { resource: resource('a'), other: null, last: 0, links: [] })
        .events,
    ).toHaveLength(1)
  })

  it('that removes unlinks first, and carries the last state', () => {
    const links = [
      { from: 'a', relation: 'owns', to: 'b', strong: true },
      { from: 'c', relation: 'uses', to: 'a', strong: false },
    ]
    const { events, graph } = derive(
      { do: 'remove', id: 'a' },
      { resource: resource('a'), other: null, last: 0, links },
    )
    expect(events.map(({ type, subject }) => [type, subject])).toEqual([
      ['resource.unlinked', 'a'],
      ['resource.unlinked', 'c'],
      ['resource.removed', 'a'],
    ])
    expect(events[2]?.data).toMatchObject({ before: { properties: { name: 'Ada' } } })
    expect(graph.steps.map((step) => step.do)).toEqual(['unlink', 'unlink', 'remove'])
  })

  it('that removes what another needs by a strong link is refused', () => {
    const links = [{ from: 'c', relation: 'uses', to: 'a', strong: true }]
    const removal = () => derive({ do: 'remove', id: 'a' }, { resource: resource('a'), other: null, last: 0, links })
    expect(removal).toThrow(expect.objectContaining({ code: 'wrong_state', data: { from: 'c', relation: 'uses' } }))
  })

  it('that links names the relation and both ends', () => {
    const { events } = derive(
      { do: 'link', from: 'a', relation: 'owns', to: 'b' },
      { resource: resource('a'), other: resource('b'), last: 0, links: [] },
    )
    expect(events[0]).toMatchObject({ type: 'resource.linked', data: { from: 'a', relation: 'owns', to: 'b' } })
  })

  it.each([
    ['a resource that exists', { do: 'create', id: 'a', type: 'person' }, 'already_exists'],
    ['a stale revision', { do: 'update', id: 'a', revision: 2, status: 'x' }, 'precondition_failed'],
    ['a missing end', { do: 'link', from: 'a', relation: 'owns', to: 'nowhere' }, 'not_found'],
    ['a link that does not hold', { do: 'unlink', from: 'a', relation: 'owns', to: 'b' }, 'not_found'],
  ] as const)('is refused for %s', (_, change, code) => {
    expect(() => derive(change, { resource: resource('a'), other: null, last: 0, links: [] })).toThrow(
      expect.objectContaining({ code }),
    )
  })
})

describe('patches', () => {
  it('merge as RFC 7396 says', () => {
    expect(mergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({ a: 'z', c: { d: 'e' } })
    expect(mergePatch({ a: [1, 2] }, { a: [3] })).toEqual({ a: [3] })
  })

  it('escape pointers as RFC 6901 says', () => {
    expect(difference({ 'a/b': 1, '~': 1 }, { 'a/b': 2, '~': 1 })).toEqual([{ op: 'replace', path: '/a~1b', value: 2 }])
  })
})
