import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRingKey, parseKeyRing } from './key-ring.js'
import { reseal, type SealPlace, seal, unseal } from './seal.js'

const KEY_A = createRingKey(randomBytes)
const KEY_B = createRingKey(randomBytes)
const RING = parseKeyRing(KEY_A)
const PLACE: SealPlace = { tenant: 'acme', record: 'subscription/s1', path: 'secrets' }
const CANARY = 'canary-d41d8cd98f00b204'

const thrownBy = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('a sealed secret', () => {
  it('opens to what was sealed, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), fc.string(), (secret, record, path) => {
        const place = { tenant: 'acme', record, path }
        expect(unseal(RING, seal(RING, secret, place, randomBytes), place)).toBe(secret)
      }),
    )
  })

  it('has the form v1.key.iv.body', () => {
    expect(seal(RING, CANARY, PLACE, randomBytes)).toMatch(/^v1\.[\w-]{8}\.[\w-]{16}\.[\w-]+$/)
    expect(seal(RING, CANARY, PLACE, randomBytes).split('.')[1]).toBe(RING.current)
  })

  it('is never sealed twice alike', () => {
    expect(new Set(Array.from({ length: 1000 }, () => seal(RING, CANARY, PLACE, randomBytes))).size).toBe(1000)
  })

  it.each<[string, Partial<SealPlace>]>([
    ['tenant', { tenant: 'other' }],
    ['record', { record: 'subscription/s2' }],
    ['path', { path: 'other' }],
    ['boundary between parts', { record: 'subscription/s1s', path: 'ecrets' }],
    ['quote', { record: 'subscription/s1","secrets', path: '' }],
  ])('does not open at another %s', (_title, other) => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    const error = thrownBy(() => unseal(RING, sealed, { ...PLACE, ...other }))
    expect(error).toMatchObject({ code: 'seal_broken', data: { reason: 'not authentic' } })
  })

  it('does not open when any one character was changed', () => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    for (let i = 0; i < sealed.length - 1; i++) {
      const changed = `${sealed.slice(0, i)}${sealed[i] === 'A' ? 'B' : 'A'}${sealed.slice(i + 1)}`
      expect(thrownBy(() => unseal(RING, changed, PLACE))).toMatchObject({ code: 'seal_broken' })
    }
  })

  it.each(['', 'v1', 'v1...', 'v2.a.b.c', '{"a":1}', 'v1.AAAAAAAA.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAA', CANARY])(
    'is not %j',
    (text) => {
      expect(thrownBy(() => unseal(RING, text, PLACE))).toMatchObject({ code: 'seal_broken', data: { reason: 'form' } })
    },
  )

  it('does not open when it was cut short', () => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    for (let end = sealed.length - 1; end > 0; end--) {
      expect(thrownBy(() => unseal(RING, sealed.slice(0, end), PLACE))).toMatchObject({ code: 'seal_broken' })
    }
  })

  it('names the key that is missing', () => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    const error = thrownBy(() => unseal(parseKeyRing(KEY_B), sealed, PLACE))
    expect(error).toMatchObject({ data: { reason: 'unknown key', key: RING.current } })
  })
})

describe('rotation', () => {
  it('opens old seals, seals with the new key, and does without the old one at the end', () => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    const both = parseKeyRing(`${KEY_B}, ${KEY_A}`)
    expect(unseal(both, sealed, PLACE)).toBe(CANARY)
    const again = reseal(both, sealed, PLACE, randomBytes)
    expect(unseal(parseKeyRing(KEY_B), again, PLACE)).toBe(CANARY)
    expect(reseal(both, again, PLACE, randomBytes)).toBe(again)
  })

  it('does not carry a secret to another place', () => {
    const both = parseKeyRing(`${KEY_B}\n${KEY_A}`)
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    const error = thrownBy(() => reseal(both, sealed, { ...PLACE, tenant: 'other' }, randomBytes))
    expect(error).toMatchObject({ code: 'seal_broken' })
  })
})

describe('a key ring', () => {
  it('is read from lines, commas and comments, the first key being current', () => {
    const ring = parseKeyRing(`# since May\n${KEY_B}\r\n\n  ${KEY_A.replaceAll('+', '-').replaceAll('/', '_')} ,`)
    expect(ring.current).toBe(parseKeyRing(KEY_B).current)
    expect([...ring.keys.keys()]).toEqual([parseKeyRing(KEY_B).current, RING.current])
  })

  it.each([
    ['', 'There is no key.'],
    ['# only a comment', 'There is no key.'],
    [KEY_A.slice(1), 'Key 1 of the ring has 43 characters or is not base64.'],
    [`${KEY_A} ${KEY_B.slice(0, 20)}`, 'Key 2 of the ring has 20 characters or is not base64.'],
    [`${KEY_A} ${randomBytes(33).toString('base64')}`, 'Key 2 of the ring has 44 characters or is not base64.'],
    [`${KEY_A}\n${KEY_A}`, 'The same key is given twice.'],
    [Buffer.alloc(32, 7).toString('base64'), 'Key 1 of the ring is one byte repeated.'],
    ['correct horse battery staple', 'Key 1 of the ring has 7 characters or is not base64.'],
  ])('refuses %j', (text, message) => {
    const error = thrownBy(() => parseKeyRing(text))
    expect(error).toMatchObject({ code: 'invalid_config', field: 'sealing.key', message })
  })
})

describe('a canary', () => {
  const seen = (value: unknown) =>
    `${inspect(value, { depth: 10, showHidden: true })} ${JSON.stringify(value)} ${value}`

  it('does not show in what is sealed, in a ring, or in any error', () => {
    const sealed = seal(RING, CANARY, PLACE, randomBytes)
    const errors = [
      thrownBy(() => unseal(RING, sealed, { ...PLACE, tenant: 'other' })),
      thrownBy(() => unseal(RING, CANARY, PLACE)),
      thrownBy(() => unseal(parseKeyRing(KEY_B), sealed, PLACE)),
      thrownBy(() => parseKeyRing(`${KEY_A} ${CANARY}`)),
      thrownBy(() => parseKeyRing(`${KEY_A} ${KEY_A}`)),
      thrownBy(() => seal({ ...RING, current: 'none' }, CANARY, PLACE, randomBytes)),
    ]
    const shown = [sealed, Buffer.from(sealed.split('.')[3] ?? '', 'base64url').toString('latin1'), RING, ...errors]
    for (const each of shown) {
      expect(seen(each)).not.toContain('canary')
      expect(seen(each)).not.toContain(KEY_A.slice(0, 12))
    }
  })
})
