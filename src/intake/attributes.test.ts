import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import type { EventInput } from '../event/envelope.js'
import { checkAttributes } from './attributes.js'

const fieldOf = (input: unknown): string | undefined => {
  try {
    checkAttributes(input as EventInput)
    return undefined
  } catch (error) {
    if (error instanceof InvalidInput) return error.field
    throw error
  }
}

describe('what a publisher hands in', () => {
  it('needs no more than a type', () => {
    expect(fieldOf({ type: 'user.created' })).toBeUndefined()
    expect(fieldOf({})).toBe('type')
    expect([null, 'text', [], 7].map(fieldOf)).toEqual(['event', 'event', 'event', 'event'])
  })

  it.each([
    [{ colour: 'red' }, 'colour'],
    [{ constructor: 'x' }, 'constructor'],
    [{ priority: 'urgent' }, 'priority'],
    [{ executeAt: 'tomorrow' }, 'executeAt'],
    [{ source: '' }, 'source'],
    [{ skipNotify: 'true' }, 'skipNotify'],
    [{ skipNotification: 1 }, 'skipNotification'],
    [{ extensions: { subject: 'x' } }, 'extensions.subject'],
    [{ extensions: { Upper: 'x' } }, 'extensions.Upper'],
    [{ extensions: { list: [] } }, 'extensions.list'],
    [{ extensions: [] }, 'extensions'],
    [{ id: 'é'.repeat(1025) }, 'id'],
    [{ subject: 'é'.repeat(1025) }, 'subject'],
    [{ superOwner: 'é'.repeat(1025) }, 'superOwner'],
    [{ transactionId: 'é'.repeat(1025) }, 'transactionId'],
    [{ source: `/${'s'.repeat(2048)}` }, 'source'],
  ])('is refused by the name of what is wrong: %j', (more, field) => {
    expect(fieldOf({ type: 'user.created', ...more })).toBe(field)
  })

  it('gets a precise error for anything at all, and never crashes', () => {
    fc.assert(fc.property(fc.anything(), (input) => void fieldOf(input)))
    fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (more) => void fieldOf({ type: 'a.b', ...more })))
  })
})
