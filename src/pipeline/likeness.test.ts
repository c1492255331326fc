/** Portable acceptance: CzechIdM's testIsDuplicate and testCreatedEventsDontRemoveDuplicatesWithDifferentPerentEventType. */
import { describe, expect, it } from 'vitest'
import type { TypeDefinition } from '../event/catalogue.js'
import type { AnyEvent } from '../event/envelope.js'
import { likenessOf } from './likeness.js'

const definition: TypeDefinition = {
  name: 'identity.notify',
  title: 'An identity changed',
  category: 'user',
  state: ['content', 'requestId', 'before.modified', 'before.embedded.x'],
}

const event: AnyEvent = {
  id: '1',
  source: '/idm',
  type: 'identity.notify',
  subject: 'ada',
  parentType: 'identity.update',
  extensions: { color: 'red', size: 3 },
  data: { before: { name: 'Ada', modified: 1, embedded: { x: 1 } }, content: { name: 'Ada L.' }, requestId: 'r1' },
}

const like = (change: Partial<AnyEvent>, base: AnyEvent = event) =>
  likenessOf({ ...base, ...change }, definition) === likenessOf(base, definition)

const data = (change: object) => ({ data: { ...(event.data as object), ...change } })

describe('testIsDuplicate', () => {
  it('an event is a duplicate of itself', () => {
    expect(like({})).toBe(true)
    expect(likenessOf(event, definition)).toMatch(/^[\w-]{43}$/)
  })

  it.each<[string, Partial<AnyEvent>]>([
    ['another subject', { subject: 'eve' }],
    ['another event type', { type: 'identity.update' }],
    ['another parent type', { parentType: 'contract.update' }],
    ['another property', { extensions: { color: 'blue', size: 3 } }],
    ['a property less', { extensions: { color: 'red' } }],
    ['a property more', { extensions: { color: 'red', size: 3, more: true } }],
    ['an original state on one side only', { data: {} }],
    ['another field in the original state', data({ before: { name: 'Eve' } })],
    ['a field more in the original state', data({ before: { name: 'Ada', born: 1815 } })],
    ['a field of another kind', { extensions: { color: 'red', size: '3' } }],
  ])('%s makes it unlike', (_, change) => {
    expect(like(change)).toBe(false)
  })

  it('no parent type is unlike some parent type', () => {
    const { parentType: _, ...orphan } = event
    expect(likenessOf(orphan, definition)).not.toBe(likenessOf(event, definition))
  })

  it.each<[string, Partial<AnyEvent>]>([
    ['id', { id: '2' }],
    ['source', { source: '/elsewhere' }],
    ['time', { time: '2026-01-01T00:00:00Z' }],
    ['transaction', { transactionId: 't' }],
    ['parent and root', { parentId: 'p', rootId: 'r' }],
    ['priority', { priority: 'high' }],
    ['execute date', { executeAt: '2026-01-01T00:00:00Z' }],
    ['super owner', { superOwner: 'boss' }],
    ['actor', { actor: 'eve' }],
    ['tenant', { tenant: 'other' }],
    ['trace', { traceParent: '00-1' }],
    ['depth in the tree', { extensions: { color: 'red', size: 3, treedepth: 4 } }],
    ['order of properties', { extensions: { size: 3, color: 'red' } }],
    ['present state', data({ content: { name: 'Grace' }, requestId: 'r2' })],
    [
      'audit fields and embedded data of the original state',
      data({ before: { embedded: { x: 9 }, modified: 2, name: 'Ada' } }),
    ],
  ])('the %s does not count', (_, change) => {
    expect(like(change)).toBe(true)
  })

  it('the compare leaves the event untouched', () => {
    const frozen = structuredClone(event)
    likenessOf(event, definition)
    expect(event).toEqual(frozen)
  })

  it('without a subject it is like no other, and neither is one whose data is no JSON', () => {
    const { subject: _, ...alone } = event
    expect(likenessOf(alone, definition)).toBeNull()
    expect(likenessOf({ ...event, data: { when: new Date() } }, definition)).toBeNull()
  })

  it('bytes count by their content', () => {
    expect(like({ data: Buffer.from([1]) }, { ...event, data: Uint8Array.of(1) })).toBe(true)
    expect(like({ data: Uint8Array.of(2) }, { ...event, data: Uint8Array.of(1) })).toBe(false)
  })

  it('an unknown type counts with all its data', () => {
    expect(likenessOf({ ...event, ...data({ requestId: 'r2' }) }, undefined)).not.toBe(likenessOf(event, undefined))
  })
})
