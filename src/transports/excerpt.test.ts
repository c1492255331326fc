import { describe, expect, it } from 'vitest'
import { EXCERPT_BYTES, excerptsWithout } from './excerpt.js'

const basic = `Basic ${Buffer.from('clerk:pass"word').toString('base64')}`
const excerpts = excerptsWithout(['Bearer canary-1234', basic, 'whsec_c2VjcmV0LXNlY3JldA==', 'on'])

describe('an excerpt of a response', () => {
  it.each([
    ['the whole value', 'got Bearer canary-1234!', 'got ***!'],
    ['the credentials alone', 'token canary-1234 is bad', 'token *** is bad'],
    ['a decoded password', 'user clerk, password pass"word', 'user ***, password ***'],
    ['a value within JSON', '{"password":"pass\\"word"}', '{"password":"***"}'],
    ['a signing secret', 'whsec_c2VjcmV0LXNlY3JldA==', '***'],
  ])('masks %s', (_name, text, masked) => {
    expect(excerpts.of(text, false)).toBe(masked)
    expect(excerpts.mask(text)).toBe(masked)
  })

  it('leaves values that are too short to be secrets', () => {
    expect(excerpts.of('go on', false)).toBe('go on')
  })

  it('masks what a truncation left of a secret', () => {
    expect(excerpts.of('the token was canary-1', true)).toBe('the token was ***')
    expect(excerpts.of('the token was canary-1', false)).toBe('the token was canary-1')
  })

  it('is text that every database takes, and at most 64 KiB', () => {
    expect(excerpts.of('a\0b', false)).toBe('a\uFFFDb')
    const long = excerpts.of('é'.repeat(EXCERPT_BYTES), true)
    expect(Buffer.byteLength(long)).toBe(EXCERPT_BYTES)
    expect(Buffer.byteLength(excerpts.of(`a${'é'.repeat(EXCERPT_BYTES)}`, true))).toBe(EXCERPT_BYTES - 1)
  })
})
